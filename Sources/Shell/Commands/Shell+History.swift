// The dot commands about what was typed: .history, .recall, .edit.

extension Shell {
  var historyCommands: [DotCommand] {
    [
      DotCommand(
        "history", "[WHAT]", "Lists entries: N, failed, ok, LABEL, /REGEX/.",
        completions: { _ in ["failed", "ok"].map { Completion($0) } },
        run: { [unowned self] argument in attempt { try listHistory(argument) } }),
      DotCommand("recall", "N", "Puts entry N of .history into the next line.") { [unowned self] argument in
        attempt { .edit(try entry(argument, of: "recall").text) }
      },
      DotCommand(
        "edit", "[N|session]", "Opens an entry, or the session, in your editor.",
        completions: { _ in [Completion("session")] },
        run: { [unowned self] argument in attempt { edited(try text(toEdit: argument)) } }),
    ]
  }

  /// Does what a command says, or tells why it cannot.
  private func attempt(_ body: () throws -> DotCommand.Outcome) -> DotCommand.Outcome {
    do { return try body() } catch {
      Terminal.write("\(error)\n")
      return .failed
    }
  }

  /// What a command cannot do, in words.
  private struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  private func listHistory(_ argument: String) throws -> DotCommand.Outcome {
    let query = try HistoryQuery(argument)
    let found = query.select(from: try history.all()) { [interpreter] in !interpreter.takeInterrupt() }
    Terminal.write(
      found.isEmpty
        ? "the history has no such entry\n" : HistoryList.text(found, columns: Terminal.columns))
    return .done
  }

  /// Entry N of the whole history.
  private func entry(_ argument: String, of command: String) throws -> HistoryEntry {
    guard let number = Int(argument) else {
      throw Refusal(description: ".\(command) takes the number of an entry; .history lists them")
    }
    let entries = try history.all()
    guard number > 0, number <= entries.count else {
      throw Refusal(
        description: entries.isEmpty
          ? "the history is empty" : "the history has no entry \(number); it has 1 to \(entries.count)")
    }
    return entries[number - 1]
  }

  // MARK: The editor

  private func text(toEdit argument: String) throws -> String {
    switch argument {
    case "session":
      guard let script = sessionScript else {
        throw Refusal(description: "nothing has run without an error in this session yet")
      }
      return script
    case "":
      guard
        let last = history.session.last(where: { DotLine($0.entry.text) == nil })?.entry.text
          ?? history.entries.last(where: { DotLine($0) == nil })
      else { throw Refusal(description: "the history is empty") }
      return last
    default: return try entry(argument, of: "edit").text
    }
  }

  /// All that ran without an error in this session, as a script; without secrets, and without the shell's own commands.
  private var sessionScript: String? {
    let lines = history.session.filter {
      $0.entry.succeeded && !$0.isSensitive && DotLine($0.entry.text) == nil
    }
    return lines.isEmpty ? nil : lines.map(\.entry.text).joined(separator: "\n")
  }

  /// Lets the user edit a text. What comes of it is put into the next line, and runs when Enter is pressed there.
  func edited(_ text: String) -> DotCommand.Outcome {
    attempt {
      let result = try Editor.find().edit(text)
      return result.allSatisfy(\.isWhitespace) || result == text ? .done : .edit(result)
    }
  }
}
