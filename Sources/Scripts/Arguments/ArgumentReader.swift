// ArgumentReader: the words behind a script, by what its header declares. Nothing is opened and nothing is asked here.
import AWSCore
import Host

/// The words of a command line, sorted out.
public struct ReadArguments: Sendable, Equatable {
  /// A value, or what is still to be looked up.
  enum Entry: Sendable, Equatable {
    case value(GivenArguments.Item)
    /// The text of a resource or the name of a file.
    case pending(String)
  }

  /// Of each declared argument what was given, in the order of the header; empty where it was not.
  var entries: [(argument: ScriptArgument, values: [Entry])] = []
  /// The other words.
  public var words: [String] = []
  /// `--help` or `-h` stands among them.
  public var wantsHelp = false

  public static func == (a: ReadArguments, b: ReadArguments) -> Bool {
    a.words == b.words && a.wantsHelp == b.wantsHelp && a.entries.count == b.entries.count
      && zip(a.entries, b.entries).allSatisfy { $0.argument == $1.argument && $0.values == $1.values }
  }
}

extension ScriptHeader {
  /// Reads the words behind a script. A script without tags has all of them as they are, `--help` too; one with tags has
  /// no options but those that it declares.
  /// - Throws: the first word that cannot be used, or what is missing.
  public func read(_ words: [String]) throws(ArgumentProblem) -> ReadArguments {
    guard isThere else { return ReadArguments(words: words) }
    var reader = ArgumentReader(arguments)
    return try reader.read(words)
  }
}

private struct ArgumentReader {
  private let arguments: [ScriptArgument]
  private var result = ReadArguments()

  init(_ arguments: [ScriptArgument]) {
    self.arguments = arguments
    result.entries = arguments.map { ($0, []) }
  }

  mutating func read(_ words: [String]) throws(ArgumentProblem) -> ReadArguments {
    // Whoever asks for help may not know yet how to write the rest.
    if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      result.wantsHelp = true
      return result
    }
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        result.words += rest
        break
      }
      if word.hasPrefix("--") {
        try take(word, &rest)
      } else if word.hasPrefix("-"), word.dropFirst().first?.isLetter == true {
        throw ArgumentProblem(
          "there is no \(quoted(word)): options begin with --, and words behind -- are no options")
      } else {
        result.words.append(word)
      }
    }
    try complete()
    return result
  }

  private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(ArgumentProblem) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let option = String(parts[0].dropFirst(2)).replacing("_", with: "-")
    let given = parts.count == 2 ? String(parts[1]) : nil
    guard let index = arguments.firstIndex(where: { $0.options.contains(option) }) else {
      let options = arguments.flatMap { $0.options.map { "--\($0)" } }.sorted() + ["--help"]
      throw ArgumentProblem("there is no \(parts[0])", suggestion: nearest(to: String(parts[0]), in: options))
    }
    let argument = arguments[index]
    if argument.kind == .boolean {
      let isNegated = option != argument.option
      guard !isNegated || given == nil else { throw ArgumentProblem("\(parts[0]) takes no value") }
      return try add(given ?? (isNegated ? "false" : "true"), at: index)
    }
    if let given { return try add(given, at: index) }
    guard let next = rest.first else { throw ArgumentProblem("--\(argument.option) needs a value") }
    guard !next.hasPrefix("--") else {
      throw ArgumentProblem(
        "--\(argument.option) needs a value, and behind it stands \(next); "
          + "one that begins with -- is written --\(argument.option)=\(next)")
    }
    rest.removeFirst()
    try add(next, at: index)
  }

  private mutating func add(_ text: String, at index: Int) throws(ArgumentProblem) {
    let argument = arguments[index]
    guard argument.need == .repeated || result.entries[index].values.isEmpty else {
      throw ArgumentProblem("--\(argument.option) is given twice")
    }
    result.entries[index].values.append(try Self.entry(text, of: argument))
  }

  static func entry(_ text: String, of argument: ScriptArgument) throws(ArgumentProblem)
    -> ReadArguments.Entry
  {
    switch argument.kind {
    case .resource, .file, .output:
      guard !text.isEmpty else { throw ArgumentProblem("--\(argument.option) needs a value") }
      return .pending(text)
    default:
      do throws(ArgumentProblem) {
        return .value(try ArgumentText.value(of: text, as: argument))
      } catch {
        throw ArgumentProblem(naming: "--\(argument.option)", error)
      }
    }
  }

  /// Puts in defaults, and says what is missing.
  private mutating func complete() throws(ArgumentProblem) {
    var missing: [String] = []
    for (index, entry) in result.entries.enumerated() where entry.values.isEmpty {
      if case .byDefault(let text) = entry.argument.need {
        result.entries[index].values = [try Self.entry(text, of: entry.argument)]
      } else if entry.argument.isRequired {
        missing.append("--\(entry.argument.option) (\(entry.argument.typeName))")
      } else if entry.argument.kind == .boolean, entry.argument.need == .required {
        result.entries[index].values = [.value(.boolean(false))]
      }
    }
    guard missing.isEmpty else {
      throw ArgumentProblem("\(listed(missing)) \(missing.count == 1 ? "is" : "are") missing")
    }
  }
}

extension ArgumentProblem {
  fileprivate init(naming name: String, _ problem: ArgumentProblem) {
    message = "\(name) \(problem.message)"
    suggestion = problem.suggestion
  }
}
