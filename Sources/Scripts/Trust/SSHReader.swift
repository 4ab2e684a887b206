// SSHReader: SSH's binary encoding (RFC 4251, section 5), read strictly: every length is checked before it is believed.
import AWSCore

struct SSHReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func byte() -> UInt8? { rest.popFirst() }

  mutating func number() -> UInt32? { take(4)?.reduce(0) { $0 << 8 | UInt32($1) } }

  /// Bytes behind their length.
  mutating func string() -> [UInt8]? { number().flatMap { take(Int($0)) } }

  /// A string that is printable ASCII, as names are.
  mutating func name() -> String? {
    guard let bytes = string(), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A positive number in its only spelling: no needless zero in front, which is also what DER wants of an INTEGER.
  mutating func positiveInteger() -> [UInt8]? {
    guard let bytes = string(), let first = bytes.first, first < 0x80 else { return nil }
    if first == 0 { guard bytes.count > 1, bytes[1] >= 0x80 else { return nil } }
    return bytes
  }

  /// A string as it is written.
  static func encoded(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes
  }
}

/// Base64 (RFC 4648), without white space and in its only spelling.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// Of each byte its six bits, or `none`.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: none, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()
  private static let none: UInt8 = 0xFF

  /// Nil for anything else, also for bits that belong to no byte.
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    let text = Array(text)
    guard text.count % 4 == 0 else { return nil }
    let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    for character in text.dropLast(padding) {
      let value = values[Int(character)]
      guard value != none else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        bits &= (1 << UInt32(count)) - 1
      }
    }
    // With one or two `=` behind it, the last character has two or four bits to spare.
    return bits == 0 && count == 2 * padding ? bytes : nil
  }

  /// Without padding, as fingerprints have it.
  static func encodeUnpadded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var group = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      group <<= UInt32(8 * (3 - part.count))
      for place in 0...part.count { text.append(alphabet[Int(group >> (18 - 6 * UInt32(place))) & 63]) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// With padding, as key files have it.
  static func encode(_ bytes: [UInt8]) -> String {
    encodeUnpadded(bytes) + String(repeating: "=", count: (3 - bytes.count % 3) % 3)
  }
}
