// UUID: names for calls and requests.

public enum UUID {
  /// A random UUID (RFC 9562, version 4), in lower case.
  public static func random() -> String {
    // Two draws: each is a system call (16, one a byte, were most of those that the local gateway made for a request).
    var bytes = [UInt64.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)]
      .flatMap { draw in (0..<8).map { UInt8(truncatingIfNeeded: draw >> ($0 * 8)) } }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = Digest.hex(bytes)
    for offset in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: offset)) }
    return text
  }
}
