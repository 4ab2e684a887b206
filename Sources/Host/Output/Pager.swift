// Pager: a long text at the prompt, a screen at a time. There is one only where somebody sits before a terminal that can
// erase a line; scripts and pipes get everything at once.
import Glibc
import LuaRuntime

extension Console {
  /// Writes a text for the operator: where it is longer than the screen, and somebody sits there, a page at a time.
  public func page(_ text: String) {
    Pager.page(text, Pager(self))
  }

  /// The same for a command that has no console.
  public static func page(_ text: String) { Pager.page(text, Pager(waitUntilReadable: { _ in true })) }
}

final class Pager {
  private enum Key { case page, line, leave }

  private static let mark = "-- more (Space, Enter, q) --"
  private static let shortMark = "more"

  /// False when there is to be an end instead.
  private let waitUntilReadable: (Int32) -> Bool
  /// The terminal's modes, from the first question on.
  private var keys: SingleKeys?
  /// The beginning of a line.
  private var waiting = ""
  /// Rows that may be written before the next question; the last one of the screen is for the mark, or the prompt.
  private var free: Int

  private static var screen: (columns: Int, lines: Int) { Terminal.size(of: STDOUT_FILENO) ?? (80, 24) }
  private static var rowsOfScreen: Int { max(1, screen.lines - 1) }

  /// Nil where everything is to be written at once.
  convenience init?(_ console: Console) {
    guard console.isInteractive else { return nil }
    self.init(waitUntilReadable: { console.waitUntilReadable($0) })
  }

  init?(waitUntilReadable: @escaping (Int32) -> Bool) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, !Glyphs.isPlainTerminal else { return nil }
    self.waitUntilReadable = waitUntilReadable
    free = Self.rowsOfScreen
  }

  fileprivate static func page(_ text: String, _ pager: Pager?) {
    guard let pager else { return LuaVM.write(text) }
    if pager.write(text) { pager.finish() }
  }

  /// Writes a text. Of its last line, what has no end yet waits for what comes next.
  /// - Returns: false when the operator has seen enough.
  func write(_ text: String) -> Bool {
    let end =
      text.utf8.lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) } ?? text.startIndex
    let whole = waiting + text[..<end]
    waiting = (end == text.startIndex ? waiting : "") + text[end...]
    return end == text.startIndex || put(whole)
  }

  /// Writes what waited.
  func finish() {
    _ = put(waiting)
    waiting = ""
  }

  private func put(_ text: String) -> Bool {
    var rows = ScreenRows(text)
    // A screen that was full waits until there is more to come.
    if free <= 0, !rows.isEmpty, !pause() { return false }
    // Collected: a screen is one write.
    var out = ""
    while let row = rows.next(columns: Self.screen.columns) {
      out += row.text
      free -= 1
      let asks = free <= 0 && !rows.isEmpty
      // A line that goes on wraps by itself, and can be copied as one.
      if row.endsLine || asks { out += "\n" }
      guard asks else { continue }
      LuaVM.write(out)
      out = ""
      guard pause() else { return false }
    }
    LuaVM.write(out)
    return true
  }

  /// Asks whether to go on.
  /// - Returns: false when the operator has seen enough.
  func pause() -> Bool {
    switch ask() {
    case .page: free = Self.rowsOfScreen
    case .line: free = 1
    case .leave: return false
    }
    return true
  }

  // MARK: The question

  private func ask() -> Key {
    guard LuaVM.flush() == nil, let keys = keys ?? SingleKeys(takesControl: true) else { return .leave }
    self.keys = keys
    keys.takesControl = true
    Console.holdProgress(true)
    defer {
      Console.holdProgress(false)
      keys.takesControl = false
    }
    var columns = draw()
    while waitUntilReadable(STDIN_FILENO) {
      let pressed = keys.next()
      if pressed.isEmpty { break }
      if pressed == [Self.stop] {
        erase(columns)
        keys.stop()
        columns = draw()
      } else if let key = Self.key(pressed) {
        erase(columns)
        return key
      }
    }
    erase(columns)
    return .leave
  }

  /// Ctrl-Z.
  private static let stop: UInt8 = 0x1A

  /// What a key means; nil for one that means nothing here.
  private static func key(_ pressed: [UInt8]) -> Key? {
    switch String(decoding: pressed, as: UTF8.self) {
    case " ", "\u{1B}[6~": .page
    case "\r", "\n", "\u{1B}[B", "\u{1B}OB": .line
    // Ctrl-C and Ctrl-D too.
    case "q", "Q", "\u{3}", "\u{4}": .leave
    default: nil
    }
  }

  /// - Returns: the columns that the mark takes.
  private func draw() -> Int {
    let mark = Self.mark.utf8.count < Self.screen.columns ? Self.mark : Self.shortMark
    Self.draw("\u{1B}[7m\(mark)\u{1B}[0m")
    return mark.utf8.count
  }

  /// Takes the mark away. In a window that became narrower the terminal has broken it into rows.
  private func erase(_ columns: Int) {
    let below = (columns - 1) / Self.screen.columns
    Self.draw((below > 0 ? "\u{1B}[\(below)A" : "") + "\r\u{1B}[J")
  }

  /// Writes what drives the terminal, which nothing of anybody else's may.
  static func draw(_ sequence: String) {
    var bytes = Array(sequence.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
