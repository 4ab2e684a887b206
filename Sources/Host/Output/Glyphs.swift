// Glyphs: the characters that pictures and tables are drawn with, and the ASCII that stands for them where the terminal or
// the operator wants no more.
import Glibc

struct Glyphs: Equatable, Sendable {
  /// Eighths of a cell from the left, the last one full.
  var across: [String]
  /// Eighths of a cell from the bottom, the last one full.
  var upward: [String]
  /// Stands for what was cut off.
  var ellipsis: String
  /// Between the labels of bars and the bars.
  var axis: String
  /// The line below a timeline, and a mark of time on it.
  var horizontal: String
  var tick: String
  /// One row in a cell of a timeline, and more than one.
  var point: String
  var points: String
  /// From the start of a row to its stop, and its end where it goes on.
  var span: String
  var onward: String
  /// A cell of a timeline in which nothing is.
  var track: String
  /// What is yet to be done, in a bar of progress.
  var rest: String

  static let unicode = Glyphs(
    across: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"], upward: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    ellipsis: "…", axis: "│", horizontal: "─", tick: "┴", point: "●", points: "◉", span: "━",
    onward: "▶", track: "·", rest: "░")

  static let ascii = Glyphs(
    across: ["#"], upward: ["_", ".", "-", "=", "+", "*", "#"], ellipsis: "~", axis: "|", horizontal: "-",
    tick: "+", point: "o", points: "O", span: "=", onward: ">", track: ".", rest: ".")

  /// What the character set of the process's locale knows, once the line editor has chosen one; the operator's before.
  static var ofLocale: Glyphs {
    unsafe strcmp(setlocale(LC_CTYPE, nil), "C") == 0 ? ofOperator : of(nl_langinfo(Int32(CODESET)))
  }

  /// What the character set of the operator's locale knows. The first that asks loads it, and the process's stays C's:
  /// with it every start had twelve system calls more.
  static let ofOperator: Glyphs = {
    guard let locale = unsafe newlocale(LC_CTYPE_MASK, "", nil) else { return .ascii }
    defer { unsafe freelocale(locale) }
    return unsafe of(nl_langinfo_l(Int32(CODESET), locale))
  }()

  private static func of(_ codeset: UnsafeMutablePointer<CChar>?) -> Glyphs {
    unsafe codeset.map { unsafe String(cString: $0) } == "UTF-8" ? .unicode : .ascii
  }

  /// What pictures are drawn with: ASCII too where the terminal is a plain one, or the operator wants it plain.
  static var ofPictures: Glyphs {
    isPlainTerminal || variable("NO_COLOR") != nil ? .ascii : ofLocale
  }

  /// A terminal that cannot move back on a line.
  static var isPlainTerminal: Bool { variable("TERM") == "dumb" }

  private static func variable(_ name: String) -> String? {
    guard let text = unsafe getenv(name) else { return nil }
    let value = unsafe String(cString: text)
    return value.isEmpty ? nil : value
  }
}
