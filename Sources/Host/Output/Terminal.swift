// Terminal: how wide the screen is, and how wide a text is on it.
import Glibc
import LuaRuntime

public enum Terminal {
  /// Columns of the terminal behind stdout; nil when it is none, and what is shown may be as wide as it likes.
  public static var width: Int? { unsafe relayedWidth ?? width(of: STDOUT_FILENO) }

  /// Set once, at its start, by a process whose stdout another one passes on to a terminal of so many columns.
  nonisolated(unsafe) public static var relayedWidth: Int?

  /// The same for any descriptor.
  static func width(of descriptor: Int32) -> Int? { size(of: descriptor)?.columns }

  /// Columns and lines; 80 and 24 where the terminal does not say.
  public static func size(of descriptor: Int32) -> (columns: Int, lines: Int)? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return (80, 24) }
    return (size.ws_col > 0 ? Int(size.ws_col) : 80, size.ws_row > 0 ? Int(size.ws_row) : 24)
  }

  /// Columns that a text takes; a character that the C library does not know takes one.
  public static func columns(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  static func columns(_ scalar: Unicode.Scalar) -> Int {
    scalar.isASCII ? 1 : LuaVM.columns(of: scalar)
  }

  /// The text cut to so many columns, with a mark where it was cut: in front for an ARN, whose end tells it from its
  /// neighbours, behind for all else.
  public static func cut(_ text: String, to limit: Int, mark: String = "…") -> String {
    guard columns(text) > limit else { return text }
    guard limit > 1 else { return limit == 1 ? mark : "" }
    let keepsEnd = text.hasPrefix("arn:")
    var kept = keepsEnd ? tail(text.unicodeScalars, limit - 1) : head(text.unicodeScalars, limit - 1)
    // A space or a joiner beside the mark would only look like a gap.
    while !keepsEnd, let last = kept.last, last == " " || last.value == 0x200D { kept.removeLast() }
    return keepsEnd ? mark + String(kept) : String(kept) + mark
  }

  /// As much from the start as takes so many columns, with what combines with its last character.
  private static func head(_ text: String.UnicodeScalarView, _ limit: Int) -> String.UnicodeScalarView {
    var kept = String.UnicodeScalarView()
    var used = 0
    for scalar in text {
      used += columns(scalar)
      if used > limit { break }
      kept.append(scalar)
    }
    return kept
  }

  private static func tail(_ text: String.UnicodeScalarView, _ limit: Int) -> String.UnicodeScalarView {
    var start = text.endIndex
    var used = 0
    while start > text.startIndex {
      let before = text.index(before: start)
      used += columns(text[before])
      if used > limit { break }
      start = before
    }
    // What combines with a character that was cut away belongs to nothing here.
    while start < text.endIndex, columns(text[start]) == 0 { start = text.index(after: start) }
    return String.UnicodeScalarView(text[start...])
  }

  /// The text, filled with spaces to so many columns.
  public static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }
}
