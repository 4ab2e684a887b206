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
    let size = Terminal.size(of: terminal.descriptor) ?? (80, 24)
    let heading = heading(columns: size.columns)
    if question.count != nil { write(changes(above: heading, size), to: terminal) }
    write(heading, to: terminal)
    var wrong = 0
    while wrong < Self.patience {
      write(choices(columns: size.columns), to: terminal, isLast: true)
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
      if let name = question.nameToType {
        if trimmed(line) == name { return .this }
        write(["That is not \(name); this counts as no."], to: terminal)
        return .no
      }
      switch trimmed(line).lowercased() {
      case "y", "yes": return .this
      case "a", "all": return .all
      case "n", "no", "": return .no
      case "q", "quit": return .quit
      case "s", "show":
        write(question.fullText.split(separator: "\n").map(String.init) + heading, to: terminal)
      default:
        wrong += 1
        write(["Please answer with one of these letters."], to: terminal)
      }
    }
    write(["No answer; this counts as no."], to: terminal)
    return .no
  }

  private var headline: String {
    let place =
      switch question.production {
      case .no: ""
      case .perhaps: " in what may be production"
      case .yes: " in production"
      }
    if let count = question.count {
      let changes = count == 1 ? "1 change" : "these \(count) changes"
      return "MOONGATE ASKS: may \(question.author) make \(changes)\(place)? \(question.operation)"
    }
    if question.isTyped, question.production != .no {
      return "MOONGATE ASKS: \(question.operation)\(place)? It changes something."
    }
    return "MOONGATE ASKS: may \(question.author) call \(question.operation)\(place)? It changes something."
  }

  /// What stands right above the answers: who asks for what, and whom it goes to. Of one request what it says too.
  private func heading(columns: Int) -> [String] {
    var rows = question.session
    if question.count == nil {
      let parameters = question.parameters.isEmpty ? [] : [(name: "with", value: question.parameters)]
      rows = question.targets.map { (name: $0.member, value: $0.value) } + parameters + rows
    }
    let width = rows.map(\.name.count).max() ?? 0
    return Self.rows(headline, columns: columns)
      + rows.flatMap { name, value in
        let label = "  \(Terminal.padded(name, to: width))  "
        return name == "with"
          ? Self.glance(label, value, columns: columns) : Self.rows(label + value, columns: columns)
      }
  }

  /// Two rows of a text, which are seen at a glance; `s` shows the rest.
  private static func glance(_ label: String, _ text: String, columns: Int) -> [String] {
    let rows = rows(label + Terminal.cut(text, to: 2 * columns), columns: columns)
    guard rows.count > 1 else { return rows }
    let second = rows[1] + rows.dropFirst(2).map { " " + $0.drop { $0 == " " } }.joined()
    return [rows[0], Terminal.cut(second, to: max(1, columns - frame - 1))]
  }

  /// The changes of a list, as many as leave the headline on the screen; it stands above them too.
  private func changes(above heading: [String], _ size: (columns: Int, lines: Int)) -> [String] {
    func height(_ lines: [String]) -> Int {
      lines.reduce(0) { $0 + (Terminal.columns($1) + Self.frame + size.columns - 1) / size.columns }
    }
    let headline = Self.rows(headline, columns: size.columns)
    let room = size.lines - height(headline + choices(columns: size.columns) + heading)
    var count = 1
    while count < question.targets.count, height(question.lines(first: count + 1)) <= room { count += 1 }
    return headline + question.lines(first: count)
  }

  /// Columns that a line of the question takes besides its text.
  private static let frame = 3

  /// What may be answered; no choice is broken where it fits a row.
  private func choices(columns: Int) -> [String] {
    if let name = question.nameToType {
      return Self.rows(
        "It cannot be brought back. Type its name, \(name), to go on; anything else is no:", columns: columns)
    }
    let yes =
      question.count != nil ? ["[y] all of them"] : ["[y] this one", "[a] all further \(question.operation)"]
    let words = (yes + ["[s] show in full", "[n] no", "[q] quit the run:"]).map {
      $0.replacing(" ", with: "\u{A0}")
    }
    return Self.rows(words.joined(separator: "  "), columns: columns).map {
      $0.replacing("\u{A0}", with: " ")
    }
  }

  // MARK: The terminal

  /// Lines of the question. Names and ARNs may come from other people, so what could drive the terminal is shown.
  private func write(_ lines: [String], to terminal: AskedTerminal, isLast: Bool = false) {
    let rows = lines.map(Console.visible).map { isFramed ? "\u{1B}[7m \($0) \u{1B}[0m" : "## \($0)" }
    terminal.write(rows.joined(separator: "\n") + (isLast ? " " : "\n"))
  }

  /// A sentence of the question, or a member, broken at spaces; what is longer than a row is broken by the terminal. So
  /// is Lua, which can then be copied as it is.
  private static func rows(_ line: String, columns: Int) -> [String] {
    Wrapping.lines(Console.visible(line), width: max(1, columns - frame), indent: indent)
  }

  /// Columns of what goes on; an ARN of this service still has room behind them in 80.
  private static let indent = 4
}
