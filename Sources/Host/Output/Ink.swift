// Ink: colours, where the terminal has them and the operator wants them (https://no-color.org).
import Glibc
import LuaRuntime

/// What is written with it is text that was made visible before: an escape sequence in it would count.
public struct Ink: Sendable {
  let isColoured: Bool

  /// - Parameter descriptor: where it will be written.
  public init(for descriptor: Int32) {
    isColoured = isatty(descriptor) == 1 && Self.isWanted
  }

  public init(isColoured: Bool) { self.isColoured = isColoured }

  private static var isWanted: Bool {
    func variable(_ name: String) -> String { unsafe getenv(name).map { unsafe String(cString: $0) } ?? "" }
    return variable("NO_COLOR").isEmpty && !["", "dumb"].contains(variable("TERM"))
  }

  /// The text in that colour or weight, and back to what was; as it is where there are no colours.
  public func red(_ text: String) -> String { styled(text, 31) }
  public func green(_ text: String) -> String { styled(text, 32) }
  public func cyan(_ text: String) -> String { styled(text, 36) }
  public func bold(_ text: String) -> String { styled(text, 1) }
  public func faint(_ text: String) -> String { styled(text, 2) }

  private func styled(_ text: String, _ code: Int) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// Writes text of our own making to stderr, below what is on stdout, escape sequences included.
  static func writeToStandardError(_ text: String) {
    _ = LuaVM.flush()
    LuaVM.holdBar(true)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    LuaVM.holdBar(false)
  }
}
