// The dot command about snippets: the commands of `moongate snippet`, by the same table.
import AWSCore
import Host
import Scripts
import Shell

extension Interactive {
  var snippetCommands: [DotCommand] {
    [
      DotCommand(
        "snippet", "[COMMAND …]", "Looks for, adds and updates shared scripts; alone lists its commands.",
        completions: { [unowned self] in snippetWords($0) }, run: { [unowned self] in snippet($0) })
    ]
  }

  private func snippet(_ argument: String) -> DotCommand.Outcome {
    guard let words = promptWords(argument) else { return .failed }
    // In this session's world, not in one of its own.
    if words.first == "run", words.count > 1 { return runScript(words[1], Array(words.dropFirst(2))) }
    var arguments = arguments
    arguments.rest = words
    // Those that the session was begun with are no options of this command.
    arguments.options = []
    arguments.isAtPrompt = true
    do throws(UsageError) {
      return try SnippetCommand.run(arguments) == ExitCode.ok ? .done : .failed
    } catch {
      Command.tell(error.message)
      return .failed
    }
  }

  /// Its commands, and then what they are about. While something is typed nothing is fetched: of an index the copy that was
  /// kept is enough.
  private func snippetWords(_ argument: String) -> [Completion] {
    guard let space = argument.firstIndex(where: \.isWhitespace) else {
      return SnippetCommand.all.map { Completion("\($0.name) ", label: $0.name, detail: $0.summary) }
    }
    guard let command = SnippetCommand.all.first(where: { $0.name == argument[..<space] }),
      let snippets = try? arguments.snippets()
    else { return [] }
    let names: [String] =
      switch command.names {
      case .none: []
      case .added: (try? snippets.store.lock().snippets.map(\.name)) ?? []
      case .offered: snippets.offered()
      case .runnable: snippets.names()
      }
    return names.map { Completion($0) }
  }
}
