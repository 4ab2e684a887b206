// SHA256State: SHA-256 of a message that comes in pieces, and HMAC on it.
//
// OpenSSL 3 looks an algorithm up at each call of its one-shot functions, which costs more than a short message's hash: a
// request was signed in 11 µs by those, and is in 1 µs by these three.
import COpenSSL

/// SHA-256 (FIPS 180-4) under way. A copy goes on by itself.
@safe struct SHA256State: Sendable {
  private var context = SHA256_CTX()

  init() { _ = unsafe openSSL.SHA256_Init(&context) }

  mutating func update(_ bytes: [UInt8]) {
    _ = unsafe bytes.withUnsafeBytes { unsafe openSSL.SHA256_Update(&context, $0.baseAddress, $0.count) }
  }

  /// The digest of all that came: 32 bytes.
  consuming func finish() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
      _ = unsafe openSSL.SHA256_Final(buffer.baseAddress, &context)
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }
}

/// HMAC-SHA-256 (RFC 2104) with one key, as far as it is the same for every message.
struct HMACState: Sendable {
  private var inner = SHA256State()
  private var outer = SHA256State()

  /// Bytes that SHA-256 takes at once; a longer key is hashed first.
  private static let block = 64

  init(key: [UInt8]) {
    var key = key.count > Self.block ? Digest.sha256(key) : key
    key += repeatElement(0, count: Self.block - key.count)
    inner.update(key.map { $0 ^ 0x36 })
    outer.update(key.map { $0 ^ 0x5C })
  }

  /// 32 bytes.
  func code(of message: [UInt8]) -> [UInt8] {
    var (inner, outer) = (inner, outer)
    inner.update(message)
    outer.update(inner.finish())
    return outer.finish()
  }
}
