// Verification of one signature by one key, with OpenSSL.
import AWSCore
import COpenSSL

extension SSHPublicKey {
  /// Judges a signature as SSH encodes it (algorithm, and what belongs to it) over a message.
  /// - Returns: nil for a good one.
  func failure(of signature: [UInt8], over message: [UInt8]) -> TrustFailure? {
    if let refusal { return refusal }
    var reader = SSHReader(signature)
    guard let algorithm = reader.name() else { return .notASignature("its algorithm has no name") }
    guard let digest = digest(algorithm) else {
      if algorithm == "ssh-rsa" {
        return .weakKey("signatures of RSA with SHA-1 (ssh-rsa) are not believed; sign with rsa-sha2-512")
      }
      return .unsupportedKey(
        "signatures of the algorithm \(quoted(algorithm)) by \(type) keys are not supported")
    }
    guard let signed = reader.string() else { return .notASignature("it ends too early") }
    var message = message
    if case .securityKey(_, let application) = material {
      guard let flags = reader.byte(), let counter = reader.take(4) else {
        return .notASignature("it ends too early")
      }
      // PROTOCOL.u2f: what an authenticator signs. Bit 0 of the flags: its user was there and touched it.
      message = Digest.sha256(application) + [flags] + counter + Digest.sha256(message)
      guard flags & 1 == 1 else { return .untouched }
    }
    guard reader.isAtEnd else { return .notASignature("there is more behind its end") }
    guard let raw = Self.openSSLForm(of: signed, material) else {
      return .notASignature("its \(algorithm) part is malformed")
    }
    guard let key = OpenSSLKey(material) else { return .notASignature("its \(type) key is no key") }
    return key.verifies(raw, over: message, digest) ? nil : .otherBytes
  }

  /// What is hashed with what, for the algorithms that this key may sign with.
  private func digest(_ algorithm: String) -> OpenSSLKey.Hash? {
    switch material {
    case .ed25519: algorithm == type ? OpenSSLKey.Hash.inKey : nil
    case .ecdsa(.nistp256, _): algorithm == type ? .sha256 : nil
    case .ecdsa(.nistp384, _): algorithm == type ? .sha384 : nil
    case .ecdsa(.nistp521, _): algorithm == type ? .sha512 : nil
    case .rsa:
      switch algorithm {
      case "rsa-sha2-256": .sha256
      case "rsa-sha2-512": .sha512
      default: nil
      }
    case .securityKey(.ed25519, _): algorithm == type ? .inKey : nil
    case .securityKey: algorithm == type ? .sha256 : nil
    case .unsupported: nil
    }
  }

  /// SSH has an ECDSA signature as two integers (RFC 5656 3.1.2), OpenSSL as a sequence of them in DER.
  private static func openSSLForm(of signature: [UInt8], _ material: Material) -> [UInt8]? {
    switch material {
    case .ed25519, .securityKey(.ed25519, _): return signature.count == 64 ? signature : nil
    case .rsa(let modulus, _):
      let length = modulus.drop { $0 == 0 }.count
      return signature.count == length ? signature : nil
    case .ecdsa, .securityKey:
      var reader = SSHReader(signature)
      guard let r = reader.positiveInteger(), let s = reader.positiveInteger(), reader.isAtEnd,
        max(r.count, s.count) <= 67
      else { return nil }
      return DER.sequence(DER.integer(r) + DER.integer(s))
    case .unsupported: return nil
    }
  }
}

/// As much of DER as public keys and signatures need.
private enum DER {
  static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }
  static func integer(_ content: [UInt8]) -> [UInt8] { tagged(0x02, content) }
  static func bits(_ content: [UInt8]) -> [UInt8] { tagged(0x03, [0] + content) }
  static func object(_ content: [UInt8]) -> [UInt8] { tagged(0x06, content) }
  static let null: [UInt8] = [0x05, 0x00]

  private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    let length: [UInt8] =
      if count < 0x80 {
        [UInt8(count)]
      } else if count < 0x100 {
        [0x81, UInt8(count)]
      } else {
        [0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
      }
    return [tag] + length + content
  }
}

/// A public key as OpenSSL has it.
@safe private final class OpenSSLKey {
  enum Hash {
    /// Ed25519 hashes by itself.
    case inKey
    case sha256, sha384, sha512
  }

  private let key: OpaquePointer

  /// Nil for a point that is not on its curve, and the like.
  init?(_ material: SSHPublicKey.Material) {
    let found: OpaquePointer?
    switch material {
    case .ed25519(let point), .securityKey(.ed25519(let point), _):
      unsafe found = openSSL.EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, point, point.count)
    default:
      guard let info = Self.info(of: material) else { return nil }
      unsafe found = info.withUnsafeBufferPointer { bytes in
        var start = bytes.baseAddress
        return unsafe openSSL.d2i_PUBKEY(nil, &start, bytes.count)
      }
    }
    guard let key = unsafe found else {
      openSSL.ERR_clear_error()
      return nil
    }
    unsafe self.key = key
  }

  deinit { unsafe openSSL.EVP_PKEY_free(key) }

  func verifies(_ signature: [UInt8], over message: [UInt8], _ hash: Hash) -> Bool {
    guard let context = unsafe openSSL.EVP_MD_CTX_new() else { return false }
    defer {
      unsafe openSSL.EVP_MD_CTX_free(context)
      // What did not fit is an answer, not something for whoever looks at OpenSSL's errors next.
      openSSL.ERR_clear_error()
    }
    let digest = unsafe Self.digest(hash)
    guard unsafe openSSL.EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { return false }
    return unsafe openSSL.EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  private static func digest(_ hash: Hash) -> OpaquePointer? {
    switch hash {
    case .inKey: nil
    case .sha256: unsafe openSSL.EVP_sha256()
    case .sha384: unsafe openSSL.EVP_sha384()
    case .sha512: unsafe openSSL.EVP_sha512()
    }
  }

  /// SubjectPublicKeyInfo (RFC 5480, RFC 3279).
  private static func info(of material: SSHPublicKey.Material) -> [UInt8]? {
    switch material {
    case .ecdsa(let curve, let point), .securityKey(.ecdsa(let curve, let point), _):
      // 1.2.840.10045.2.1, id-ecPublicKey.
      let algorithm = DER.object([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]) + DER.object(Self.object(curve))
      return DER.sequence(DER.sequence(algorithm) + DER.bits(point))
    case .rsa(let modulus, let exponent):
      // 1.2.840.113549.1.1.1, rsaEncryption.
      let algorithm = DER.object([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]) + DER.null
      let numbers = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
      return DER.sequence(DER.sequence(algorithm) + DER.bits(numbers))
    default: return nil
    }
  }

  private static func object(_ curve: SSHPublicKey.Curve) -> [UInt8] {
    switch curve {
    // 1.2.840.10045.3.1.7, 1.3.132.0.34 and 1.3.132.0.35.
    case .nistp256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    case .nistp384: [0x2B, 0x81, 0x04, 0x00, 0x22]
    case .nistp521: [0x2B, 0x81, 0x04, 0x00, 0x23]
    }
  }
}
