// WritePrompt: asks the operator at the terminal whether code may write.
//
// It is drawn on /dev/tty in reverse video, after everything that the code printed: a script's own escape sequences are
// made visible, so nothing that it prints looks like this. What was typed before the question is thrown away.
import Glibc
import Host

struct WritePrompt {
  /// True when somebody is there: what is asked can be read, and answered.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  private static let longestAnswer = 256
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
    let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return .no }
    defer { close(terminal) }
    var modes = termios()
    guard unsafe tcgetattr(terminal, &modes) == 0 else { return .no }
    var asking = modes
    asking.c_lflag |= tcflag_t(ECHO | ICANON | ISIG)
    Console.holdProgress(true)
    defer { Console.holdProgress(false) }
    _ = fflush(nil)
    // Flush: what was typed ahead was not meant for this question.
    guard unsafe tcsetattr(terminal, TCSAFLUSH, &asking) == 0 else { return .no }
    defer { _ = unsafe tcsetattr(terminal, TCSADRAIN, &modes) }
    write(heading, to: terminal)
    for _ in 0..<Self.patience {
      write([choices], to: terminal, isLast: true)
      guard waitUntilReadable(terminal) else {
        write([], to: terminal)
        return .interrupted
      }
      guard let word = answer(from: terminal) else {
        // Ctrl-D, or the terminal has gone.
        write([], to: terminal)
        return .no
      }
      switch word.lowercased() {
      case "y", "yes": return .this
      case "a", "all": return .all
      case "n", "no", "": return .no
      case "q", "quit": return .quit
      case "s", "show": write(question.fullText.split(separator: "\n").map(String.init), to: terminal)
      default: write(["Please answer with one of these letters."], to: terminal)
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

  private func answer(from terminal: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: Self.longestAnswer)
    let count = unsafe read(terminal, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
  }

  /// Lines of the question. Names and ARNs may come from other people, so what could drive the terminal is shown.
  private func write(_ lines: [String], to terminal: Int32, isLast: Bool = false) {
    var text = ""
    for line in lines {
      let visible = Console.visible(line)
      text += isFramed ? "\u{1B}[7m \(visible) \u{1B}[0m" : "## \(visible)"
      text += isLast ? " " : "\n"
    }
    if lines.isEmpty { text = "\n" }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(terminal, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
