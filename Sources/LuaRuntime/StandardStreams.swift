// StandardStreams: writing for people, through the one place that makes control characters visible.
import CLuaVM
import Glibc

extension LuaVM {
  /// Writes to stdout or stderr. On a terminal, control characters are made visible, so that nothing that came from
  /// the service can drive it.
  public static func write(_ text: String, toStandardError: Bool = false) {
    var text = text
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
        guard let start = bytes.baseAddress else { return }
        _ = unsafe lvm_write(toStandardError, start, bytes.count)
      }
    }
  }

  /// The bytes as a terminal gets them, control characters made visible; none when memory is short.
  public static func visible(_ bytes: [UInt8]) -> [UInt8] {
    var count = 0
    let text = unsafe bytes.withUnsafeBytes { raw in
      let start = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self)
      return unsafe start.flatMap { unsafe lvm_visible($0, raw.count, &count) }
    }
    guard let text = unsafe text else { return [] }
    defer { unsafe free(text) }
    return unsafe Array(UnsafeRawBufferPointer(start: text, count: count))
  }

  /// Writes bytes, which need not be text, to stdout.
  public static func write(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { raw in
      guard let start = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
      _ = unsafe lvm_write(false, start, raw.count)
    }
  }

  /// One line that stays below everything that is written, on the terminal behind stderr; nil takes it away. Drawn at
  /// most ten times a second.
  public static func setBar(_ text: String?) {
    var text = text ?? ""
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe lvm_set_bar($0.baseAddress, $0.count) }
    }
  }

  /// Makes room, for as long as it is held, for what is written by other means, as a question on the terminal.
  public static func holdBar(_ held: Bool) { lvm_hold_bar(held) }

  /// True for what would drive a terminal instead of being seen.
  public static func drivesTerminal(_ scalar: Unicode.Scalar) -> Bool { lvm_drives_terminal(scalar.value) }

  /// Writes out what stdout still holds; nil, or what went wrong.
  public static func flush() -> String? { lvm_flush() ? nil : unsafe String(cString: strerror(errno)) }

  /// Writes out what stdout still holds; nil, or why something that was written to it since the last call is lost.
  public static func takeOutputProblem() -> String? {
    switch lvm_take_loss() {
    case 0: nil
    case -1: "not all of it arrived"
    case let problem: unsafe String(cString: strerror(problem))
    }
  }

  /// The descriptors behind stdout and stderr are others from now on.
  public static func streamsChanged() { lvm_streams_changed() }

  /// Columns that a character takes on a terminal, by the C library's table for Unicode.
  public static func columns(of scalar: Unicode.Scalar) -> Int { Int(lvm_columns(scalar.value)) }
}
