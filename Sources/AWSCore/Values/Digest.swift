// Digest: SHA-2, HMAC and, for the names of files, SHA-1 from OpenSSL, and their hexadecimal form.
import COpenSSL

public enum Digest {
  /// SHA-256 (FIPS 180-4) of a message: 32 bytes.
  public static func sha256(_ message: [UInt8]) -> [UInt8] {
    var state = SHA256State()
    state.update(message)
    return state.finish()
  }

  /// SHA-512 (FIPS 180-4) of a message: 64 bytes.
  public static func sha512(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA512_DIGEST_LENGTH))
    unsafe message.withUnsafeBufferPointer { bytes in
      _ = unsafe openSSL.SHA512(bytes.baseAddress, bytes.count, &digest)
    }
    return digest
  }

  /// SHA-1 (FIPS 180-4) of a message: 20 bytes. For the names that AWS's tools give their files, never for trust.
  public static func sha1(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
    unsafe message.withUnsafeBufferPointer { bytes in
      _ = unsafe openSSL.SHA1(bytes.baseAddress, bytes.count, &digest)
    }
    return digest
  }

  /// HMAC-SHA-256 (RFC 2104): 32 bytes.
  public static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    HMACState(key: key).code(of: message)
  }

  /// True when both hold the same bytes; takes the same time wherever they differ.
  public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe openSSL.CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// Lower-case hexadecimal.
  public static func hex(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    appendHex(bytes, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Adds the same to a text.
  static func appendHex(_ bytes: [UInt8], to text: inout [UInt8]) {
    for byte in bytes {
      text.append(hexDigit(byte >> 4))
      text.append(hexDigit(byte & 15))
    }
  }

  /// The digit of a value below 16.
  static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// The bytes of lower-case hexadecimal, so that one value has one spelling; nil for any other text.
  public static func bytes(hex: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in hex.utf8 {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? bytes : nil
  }
}
