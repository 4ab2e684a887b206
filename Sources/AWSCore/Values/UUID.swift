// UUID: names for calls and requests.

public enum UUID {
  /// A random UUID (RFC 9562, version 4), in lower case.
  public static func random() -> String {
    // Two words and not sixteen bytes: each costs a system call.
    var source = SystemRandomNumberGenerator()
    let (high, low): (UInt64, UInt64) = (source.next(), source.next())
    let bytes = [high & ~0xF000 | 0x4000, low & (.max >> 2) | 1 << 63].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
    }
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for (index, byte) in bytes.enumerated() {
      if (4...10).contains(index), index.isMultiple(of: 2) { text.append(UInt8(ascii: "-")) }
      text.append(Digest.hexDigit(byte >> 4))
      text.append(Digest.hexDigit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }
}
