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

  /// Writes out what stdout still holds; nil, or what went wrong.
  public static func flush() -> String? { lvm_flush() ? nil : unsafe String(cString: strerror(errno)) }

  /// Columns that a character takes on a terminal, as the C library has it in the locale's character set.
  public static func columns(of scalar: Unicode.Scalar) -> Int { Int(lvm_columns(scalar.value)) }
}
