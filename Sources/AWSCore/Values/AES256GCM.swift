// AES256GCM: what has to lie on a disk without being readable there, sealed with OpenSSL (NIST SP 800-38D).
import COpenSSL

/// Authenticated encryption with one key. What was sealed opens only with the same key, for the same context, unchanged.
public struct AES256GCM: Sendable {
  /// Bytes of a key.
  public static let keyLength = 32
  /// 96 bits from the system's generator, as SP 800-38D 8.2.2 asks: one key may seal 2³² messages.
  private static let nonceLength = 12
  private static let tagLength = 16

  private let key: [UInt8]

  /// Nil unless the key has `keyLength` bytes.
  public init?(key: [UInt8]) {
    guard key.count == Self.keyLength else { return nil }
    self.key = key
  }

  /// A key of its own, which is nowhere else.
  public init() { key = Self.random(Self.keyLength) }

  /// Bytes that nobody can guess.
  public static func random(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Nonce, ciphertext and tag. `context` is not kept: it says what the message belongs to, and `open` must be told
  /// the same. Nil when libcrypto refuses, which it does only without memory.
  public func seal(_ message: [UInt8], for context: String) -> [UInt8]? {
    let nonce = Self.random(Self.nonceLength)
    guard let cipher = Cipher(sealing: true, key, nonce, context), var sealed = cipher.update(message),
      cipher.finish(), let tag = cipher.tag(Self.tagLength)
    else { return nil }
    sealed = nonce + sealed + tag
    return sealed
  }

  /// The message; nil when it was sealed with another key or for another context, or was changed since.
  public func open(_ sealed: [UInt8], for context: String) -> [UInt8]? {
    guard sealed.count >= Self.nonceLength + Self.tagLength else { return nil }
    let nonce = Array(sealed.prefix(Self.nonceLength))
    let tag = Array(sealed.suffix(Self.tagLength))
    guard let cipher = Cipher(sealing: false, key, nonce, context),
      let message = cipher.update(Array(sealed.dropFirst(Self.nonceLength).dropLast(Self.tagLength))),
      cipher.expect(tag), cipher.finish()
    else { return nil }
    return message
  }
}

/// One use of the cipher.
@safe private final class Cipher {
  private let context: OpaquePointer

  init?(sealing: Bool, _ key: [UInt8], _ nonce: [UInt8], _ associated: String) {
    guard let context = unsafe openSSL.EVP_CIPHER_CTX_new() else { return nil }
    unsafe self.context = context
    let text = Array(associated.utf8)
    var count: Int32 = 0
    guard
      unsafe openSSL.EVP_CipherInit_ex(context, openSSL.EVP_aes_256_gcm(), nil, key, nonce, sealing ? 1 : 0)
        == 1,
      unsafe openSSL.EVP_CipherUpdate(context, nil, &count, text, Int32(text.count)) == 1
    else { return nil }
  }

  deinit { unsafe openSSL.EVP_CIPHER_CTX_free(context) }

  func update(_ bytes: [UInt8]) -> [UInt8]? {
    // Without a buffer OpenSSL would take no bytes for more associated data.
    guard !bytes.isEmpty else { return [] }
    var out = [UInt8](repeating: 0, count: bytes.count)
    var count: Int32 = 0
    guard unsafe openSSL.EVP_CipherUpdate(context, &out, &count, bytes, Int32(bytes.count)) == 1,
      Int(count) == bytes.count
    else { return nil }
    return out
  }

  /// False when the tag is not the one that was expected.
  func finish() -> Bool {
    // GCM is a stream: the end adds no bytes.
    var rest = [UInt8](repeating: 0, count: 16)
    var count: Int32 = 0
    return unsafe openSSL.EVP_CipherFinal_ex(context, &rest, &count) == 1
  }

  func tag(_ length: Int) -> [UInt8]? {
    var tag = [UInt8](repeating: 0, count: length)
    let done = unsafe openSSL.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(length), &tag)
    return done == 1 ? tag : nil
  }

  func expect(_ tag: [UInt8]) -> Bool {
    var tag = tag
    return unsafe openSSL.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
  }
}
