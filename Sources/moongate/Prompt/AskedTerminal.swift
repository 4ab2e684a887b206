// AskedTerminal: the operator's terminal while something is asked there. Not standard input: a script may be reading that.
import Glibc
import Host

final class AskedTerminal {
  /// True when somebody is there: what is asked can be read, and answered.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// The longest line that a terminal hands over: nothing of it may be left for whoever reads next.
  private static let longestLine = 4096

  let descriptor: Int32
  /// As they were before.
  private var modes = termios()
  private var isAsking = false

  /// Nil where there is no terminal.
  /// - Parameter isSeen: whether what is typed is.
  init?(isSeen: Bool) {
    descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0, unsafe tcgetattr(descriptor, &modes) == 0 else { return nil }
    var asking = modes
    asking.c_lflag |= tcflag_t(ICANON | ISIG)
    if isSeen { asking.c_lflag |= tcflag_t(ECHO) } else { asking.c_lflag &= ~tcflag_t(ECHO) }
    _ = fflush(nil)
    // Flush: what was typed ahead was not meant for this question.
    guard unsafe tcsetattr(descriptor, TCSAFLUSH, &asking) == 0 else { return nil }
    Console.holdProgress(true)
    isAsking = true
  }

  deinit {
    if isAsking {
      _ = unsafe tcsetattr(descriptor, TCSADRAIN, &modes)
      Console.holdProgress(false)
    }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Throws away what was typed and nobody has read.
  func forget() { tcflush(descriptor, TCIFLUSH) }

  /// Waits for a line, which may end without a newline; nil for none: Ctrl-D, Ctrl-C, or the terminal has gone.
  func line() -> String? {
    var bytes = [UInt8](repeating: 0, count: Self.longestLine)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    if bytes[count - 1] == UInt8(ascii: "\n") {
      return String(decoding: bytes[..<(count - 1)], as: UTF8.self)
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
