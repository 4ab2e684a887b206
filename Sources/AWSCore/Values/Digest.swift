// Digest: SHA-2, HMAC and, for the names of files, SHA-1 from OpenSSL, and their hexadecimal form.
import COpenSSL

public enum Digest {
  /// SHA-256 (FIPS 180-4) of a message: 32 bytes.
  public static func sha256(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    unsafe message.withUnsafeBufferPointer { bytes in
      _ = unsafe openSSL.SHA256(bytes.baseAddress, bytes.count, &digest)
    }
    return digest
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
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    var length: UInt32 = 0
    _ = unsafe openSSL.HMAC(
      openSSL.EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &length)
    return digest
  }

  /// True when both hold the same bytes; takes the same time wherever they differ.
  public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe openSSL.CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// Lower-case hexadecimal.
  public static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
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
