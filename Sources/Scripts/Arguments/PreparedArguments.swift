// PreparedArguments: the one way from the words behind a script to what it is given. Everything is checked, every file read
// and every resource found before the script runs, by the host, with the operator's session: naming a file is the grant.
import AWSCore
import BackupGateway
import Host

public struct PreparedArguments {
  /// What the script has as `args`; nil for one whose header declares none.
  public var given: GivenArguments?
  /// The words as they were, for `arg` and `…`.
  public var words: [String]
  /// Paths of the files that it may write, by their numbers.
  public var outputs: [String] = []

  /// The words of a script without a header.
  public init(words: [String] = []) { self.words = words }

  /// Everything that the operator named as files to read, in bytes.
  static let mostBytes = 8 << 20

  /// - Parameters:
  ///   - read: what `ScriptHeader.read` made of the words.
  ///   - words: the words themselves.
  ///   - session: whose resources are meant by names.
  ///   - files: what is never opened.
  ///   - isInterrupted: true once the operator wants no more.
  /// - Throws: a report with exit code 252 for what is wrong with the words, else the one of the listing that failed.
  public init(
    _ read: ReadArguments, words: [String], session: Session, loop: EventLoop, files: NamedFiles,
    isInterrupted: @escaping () -> Bool
  ) throws(Report) {
    // What says that the words are the script's is none of them.
    self.words = words.first == "--" ? Array(words.dropFirst()) : words
    guard !read.entries.isEmpty else { return }
    var outputs: [String] = []
    var bytesLeft = Self.mostBytes
    let finder = ResourceFinder(session: session, loop: loop, isInterrupted: isInterrupted)
    // What is cheap to find wrong first: the network is asked last.
    var items: [[GivenArguments.Item]] = []
    for (argument, values) in read.entries {
      items.append(
        try values.map { (entry) throws(Report) in
          try Self.local(entry, of: argument, files, &outputs, &bytesLeft)
        })
    }
    for (index, entry) in read.entries.enumerated() {
      guard case .resource(let kind) = entry.argument.kind else { continue }
      items[index] = try entry.values.map { (value) throws(Report) in
        guard case .pending(let text) = value else { return .nothing }
        return .string(try finder.arn(of: text, kind, option: "--\(entry.argument.option)"))
      }
    }
    let named = zip(read.entries, items).map { entry, items -> (name: String, item: GivenArguments.Item) in
      (entry.argument.name, entry.argument.need == .repeated ? .list(items) : items.first ?? .nothing)
    }
    self.outputs = outputs
    given = GivenArguments(named: named, words: read.words) { [outputs] (number) throws(OutputFailure) in
      guard outputs.indices.contains(number) else { throw OutputFailure(message: "there is no such file") }
      return try OutputFile(outputs[number])
    }
  }

  /// What needs no network. A resource is checked as far as its text goes.
  private static func local(
    _ entry: ReadArguments.Entry, of argument: ScriptArgument, _ files: NamedFiles, _ outputs: inout [String],
    _ bytesLeft: inout Int
  ) throws(Report) -> GivenArguments.Item {
    guard case .pending(let text) = entry else {
      if case .value(let item) = entry { return item }
      return .nothing
    }
    let option = "--\(argument.option)"
    switch argument.kind {
    case .resource(let kind):
      try ResourceFinder.check(text, kind, option: option)
      return .nothing
    case .output:
      // The usual name for standard output, which is where it goes without the argument too.
      if text == "-" { return .nothing }
      let path: String
      do throws(NamedFiles.Problem) { path = try files.output(text) } catch {
        throw refused(option, error.message)
      }
      if let problem = files.problem(ofWriting: path) { throw refused(option, problem) }
      outputs.append(path)
      return .output(outputs.count - 1)
    case .file(let form):
      let content: [UInt8]
      do throws(NamedFiles.Problem) {
        content = try files.read(text, most: bytesLeft)
      } catch {
        throw refused(option, error.message)
      }
      bytesLeft -= content.count
      do throws(ArgumentProblem) {
        return try FileArgument.item(content, form)
      } catch {
        throw refused(option, "\(quoted(text)) \(error.message)")
      }
    default: return .nothing
    }
  }

  private static func refused(_ option: String, _ problem: String) -> Report {
    Report(message: "\(option): \(problem)", exitCode: ExitCode.usage)
  }
}
