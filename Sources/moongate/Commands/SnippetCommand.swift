// SnippetCommand: `moongate snippet …`: the commands of what people share, as one table. The rows stand beside this file,
// by what they are about.
import AWSCore
import Host
import Scripts

/// One of `moongate snippet`'s commands.
struct SnippetCommand: Sendable {
  let name: String
  /// What stands behind its name, as help shows it.
  let arguments: String
  let summary: String
  /// Options are read up to the first word only: what follows is a snippet's own.
  var passesOptionsOn = false
  /// What its words may name, for completion at the prompt.
  var names = Names.none
  /// Runs it; `rest` of the arguments are the words behind its name.
  let run: @Sendable (Arguments) throws(Failure) -> Int32

  /// Snippets that a command is about.
  enum Names {
    case none
    /// What was added.
    case added
    /// What can be added, or looked at.
    case offered
    /// What can be run.
    case runnable
  }

  /// Why a command did not do what it was asked: a command line that cannot be used, or a report with its exit code.
  enum Failure: Error {
    case usage(String)
    case report(Report)

    init(_ message: String, _ exitCode: Int32) {
      self = .report(Report(message: message, exitCode: exitCode))
    }
  }

  static let all = ofLooking + ofChanging + ofTrust + ofSharing

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let word = arguments.rest.first else { return inform(nil, arguments) }
    guard let command = all.first(where: { $0.name == word }) else {
      let names = all.map(\.name)
      let hint = nearest(to: word, in: names).map { "did you mean \($0)?" } ?? "there are \(listed(names))"
      throw UsageError(message: "there is no snippet command \(quoted(word)); \(hint)")
    }
    var arguments = arguments
    arguments.rest = try command.words(Array(arguments.rest.dropFirst()), &arguments)
    if arguments.wantsHelp { return inform(command, arguments) }
    let verb: Verb = command.passesOptionsOn ? .run : .snippet
    try Option.refuse(arguments.options, notOf: verb)
    if verb == .run { try Option.refuse(arguments.options, withoutWorld: arguments.isLocal) }
    do throws(Failure) {
      do throws(Report) { try arguments.read(Environment.process()) } catch { throw .report(error) }
      return try command.run(arguments)
    } catch {
      switch error {
      case .usage(let message):
        throw UsageError(
          message: arguments.phrased(
            "\(message)\nusage: moongate snippet \(command.name) \(command.arguments)"))
      case .report(let report):
        Command.tell("moongate: " + arguments.phrased(report.message))
        return report.exitCode
      }
    }
  }

  /// The words behind the command's name, between which options may stand.
  private func words(_ words: [String], _ arguments: inout Arguments) throws(UsageError) -> [String] {
    var words = words
    var plain: [String] = []
    while !words.isEmpty {
      let rest = try Option.read(words, into: &arguments)
      // Behind `--` nothing is an option.
      let isEnd = words.dropLast(rest.count).last == "--"
      if passesOptionsOn || isEnd { return plain + rest }
      plain += rest.prefix(1)
      words = Array(rest.dropFirst())
    }
    return plain
  }

  private static func inform(_ command: SnippetCommand?, _ arguments: Arguments) -> Int32 {
    let rows = (command.map { [$0] } ?? all).map { row in
      "moongate snippet \(row.name)\(row.arguments.isEmpty ? "" : " \(row.arguments)")\n    \(row.summary)\n"
    }
    // What `snippet run` takes is what every run takes.
    let options = command == nil ? "\n" + Option.sections { $0.isTaken(by: .snippet) } : ""
    print(arguments.phrased(rows.joined()) + options, terminator: "")
    return ExitCode.ok
  }
}

extension Arguments {
  /// A text of ours with the commands in it as they are typed here.
  func phrased(_ text: String) -> String { isAtPrompt ? Self.phrasedAtPrompt(text) : text }

  static func phrasedAtPrompt(_ text: String) -> String {
    text.replacing("moongate snippet", with: ".snippet").replacing("moongate run ", with: ".run ")
  }
}
