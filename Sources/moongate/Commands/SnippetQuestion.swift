// SnippetQuestion: asks the operator at the terminal whether a snippet is to be trusted. What nobody signed is shown before the
// answer is taken: nobody can say yes to what was not on their screen.
import AWSCore
import Glibc
import Host
import Scripts

struct SnippetQuestion {
  /// Answers that are none, until that counts as no.
  private static let patience = 3

  /// As in `Add it?`
  let words: String
  /// What is decided: hashes, permissions, changes.
  let facts: String
  /// What must be seen first; empty where nothing need be.
  let unseen: String
  /// What `s` shows.
  let sources: String

  /// - Returns: whether the answer is yes.
  /// - Throws: a report (exit code 251) where nobody can be asked.
  func ask(otherwise advice: String) throws(Report) -> Bool {
    guard AskedTerminal.isPossible else {
      Command.tell(facts.hasSuffix("\n") ? String(facts.dropLast()) : facts)
      throw Report(message: "nobody can be asked here; \(advice)", exitCode: ExitCode.refused)
    }
    // A page at a time where the screen is what is written to.
    let isOnScreen = isatty(STDOUT_FILENO) == 1
    if isOnScreen { Console.page(unseen) }
    guard let terminal = AskedTerminal(isSeen: true) else {
      throw Report(message: "there is no terminal to ask on; \(advice)", exitCode: ExitCode.refused)
    }
    terminal.write((isOnScreen ? "" : unseen) + facts)
    for _ in 0..<Self.patience {
      terminal.write("\(words) [y] yes  [s] show the source  [n] no: ")
      guard let line = terminal.line() else {
        terminal.write("\n")
        return false
      }
      // What came with it was pasted, and meant for something else.
      terminal.forget()
      switch trimmed(line).lowercased() {
      case "y", "yes": return true
      case "n", "no", "": return false
      case "s", "show": terminal.write(sources)
      default: terminal.write("Please answer with one of these letters.\n")
      }
    }
    return false
  }
}
