// Terminal: how wide the screen is, and how wide a text is on it.
import Glibc
import LuaRuntime

public enum Terminal {
  /// Columns of the terminal behind stdout; nil when it is none, and what is shown may be as wide as it likes.
  public static var width: Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Columns that a text takes; a character that the C library does not know takes one.
  public static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  static func columns(_ scalar: Unicode.Scalar) -> Int {
    scalar.isASCII ? 1 : LuaVM.columns(of: scalar)
  }

  /// The text cut to so many columns, with an ellipsis where it was cut: in front for an ARN, whose end tells it from
  /// its neighbours, behind for all else.
  static func cut(_ text: String, to limit: Int) -> String {
    guard columns(text) > limit else { return text }
    guard limit > 1 else { return limit == 1 ? "…" : "" }
    let keepsEnd = text.hasPrefix("arn:")
    var kept: [Unicode.Scalar] = []
    var used = 1
    for scalar in keepsEnd ? Array(text.unicodeScalars.reversed()) : Array(text.unicodeScalars) {
      used += columns(scalar)
      if used > limit { break }
      kept.append(scalar)
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: keepsEnd ? kept.reversed() : kept)
    return keepsEnd ? "…" + String(result) : String(result) + "…"
  }

  /// The text, filled with spaces to so many columns.
  public static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }
}
