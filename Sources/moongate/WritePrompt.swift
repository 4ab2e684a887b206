// WritePrompt: asks the operator at the terminal whether code may write.
//
// It is drawn on /dev/tty in reverse video, after everything that the code printed: a script's own escape sequences are
// made visible, so nothing that it prints looks like this. What was typed before the question is thrown away.
import AWSCore
import Glibc
import Host

struct WritePrompt {
  /// Answers that are none, until that counts as no.
  private static let patience = 3

  private let question: WriteQuestion
  /// Reverse video, where the terminal has it. NO_COLOR is about colours.
  private let isFramed: Bool

  init(_ question: WriteQuestion) {
    self.question = question
    let name = unsafe getenv("TERM").map { unsafe String(cString: $0) } ?? ""
    isFramed = !["", "dumb"].contains(name)
  }

  /// - Parameter waitUntilReadable: false when the run is to end.
  func ask(waitUntilReadable: (Int32) -> Bool) -> WriteAnswer {
    guard let terminal = AskedTerminal(isSeen: true) else { return .no }
    write(heading, to: terminal)
    var wrong = 0
    while wrong < Self.patience {
      write([choices], to: terminal, isLast: true)
      guard waitUntilReadable(terminal.descriptor) else {
        terminal.write("\n")
        return .interrupted
      }
      guard let line = terminal.line() else {
        terminal.write("\n")
        return .no
      }
      // What came with it was pasted, and meant for something else: neither its next line nor its first word answers.
      terminal.forget()
      switch trimmed(line).lowercased() {
      case "y", "yes": return .this
      case "a", "all": return .all
      case "n", "no", "": return .no
      case "q", "quit": return .quit
      case "s", "show": write(question.fullText.split(separator: "\n").map(String.init), to: terminal)
      default:
        wrong += 1
        write(["Please answer with one of these letters."], to: terminal)
      }
    }
    write(["No answer; this counts as no."], to: terminal)
    return .no
  }

  private var heading: [String] {
    let rows = question.targets.map { (name: $0.member, value: $0.value) } + question.session
    let width = rows.map(\.name.count).max() ?? 0
    let asked =
      question.count.map { "make these \($0) changes? \(question.operation)" }
      ?? "call \(question.operation)? It changes something."
    return ["MOONGATE ASKS: may \(question.author) \(asked)"]
      + rows.map { "  \(Terminal.padded($0.name, to: width))  \($0.value)" }
  }

  private var choices: String {
    if question.count != nil { return "[y] all of them  [s] show in full  [n] no  [q] quit the run:" }
    return "[y] this one  [a] all further \(question.operation)  [s] show in full  [n] no  [q] quit the run:"
  }

  // MARK: The terminal

  /// Lines of the question. Names and ARNs may come from other people, so what could drive the terminal is shown.
  private func write(_ lines: [String], to terminal: AskedTerminal, isLast: Bool = false) {
    var text = ""
    for line in lines {
      let visible = Console.visible(line)
      text += isFramed ? "\u{1B}[7m \(visible) \u{1B}[0m" : "## \(visible)"
      text += isLast ? " " : "\n"
    }
    terminal.write(text)
  }
}
