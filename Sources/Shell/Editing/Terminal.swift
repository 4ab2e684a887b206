// Terminal: what kind of terminal this is, its locale and its modes.
import CEditline
import Glibc

public enum Terminal {
  /// True when a person can be asked: standard input and output are both a terminal.
  public static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  /// True when the terminal understands no escape sequence: TERM is unset, empty or "dumb".
  static var isDumb: Bool {
    let name = variable("TERM") ?? ""
    return name.isEmpty || name == "dumb"
  }

  /// True unless the user asked for no colour (https://no-color.org: NO_COLOR set and not empty).
  static var allowsColour: Bool { (variable("NO_COLOR") ?? "").isEmpty && !isDumb }

  /// Characters as the user's locale has them, and UTF-8 where it has none: in the C locale libedit crashes
  /// on a prompt that is not ASCII and drops what is typed. Only LC_CTYPE: other categories would change how
  /// Lua reads and prints numbers.
  static func useLocale() {
    _ = unsafe setlocale(LC_CTYPE, "")
    let codeset = unsafe String(cString: nl_langinfo(nl_item(CODESET)))
    if codeset != "UTF-8" { _ = unsafe setlocale(LC_CTYPE, "C.UTF-8") }
  }

  /// Runs `body` and leaves the terminal in the modes it had before. libedit restores the modes of the moment
  /// it was opened, which are not those of a user who ran `stty` since.
  static func keepingModes<Result>(_ body: () -> Result) -> Result {
    var modes = termios()
    let isKnown = unsafe tcgetattr(STDIN_FILENO, &modes) == 0
    defer { if isKnown { _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) } }
    return body()
  }

  /// The columns of the window; 80 where it does not say.
  static var columns: Int {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe ce_write($0.baseAddress, $0.count) }
    }
  }

  static func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
}
