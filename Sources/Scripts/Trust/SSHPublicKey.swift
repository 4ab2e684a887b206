// SSHPublicKey: a public key as SSH writes it (RFC 4253 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f), and what may be done
// with it here.
import AWSCore

public struct SSHPublicKey: Equatable, Sendable {
  /// Why bytes or a text are no public key, for people.
  public struct Problem: Error, Equatable, Sendable {
    public let message: String
  }

  /// As in `ssh-ed25519`.
  public let type: String
  /// The key's own encoding: what fingerprints are made of, and what stands in base64 in a key file.
  public let blob: [UInt8]
  let material: Material

  enum Material: Equatable, Sendable {
    case ed25519([UInt8])
    case ecdsa(Curve, point: [UInt8])
    /// Both as positive DER integers.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// A key in a FIDO authenticator, for an application.
    indirect case securityKey(Material, application: [UInt8])
    /// Of a type that is not verified here.
    case unsupported
  }

  enum Curve: String, Sendable {
    case nistp256, nistp384, nistp521

    /// Bytes of a point that is not compressed.
    var pointLength: Int {
      switch self {
      case .nistp256: 65
      case .nistp384: 97
      case .nistp521: 133
      }
    }
  }

  /// OpenSSH's own bound of RSA's modulus (SSHBUF_MAX_BIGNUM); a larger one only takes time.
  private static let largestModulus = 16_384
  /// NIST SP 800-131A: less is not to be relied on.
  private static let leastModulus = 2_048

  /// A key in its own encoding.
  /// - Throws: `Problem` for what is no key; types that are unknown here are taken, and are `unsupported`.
  public init(blob: [UInt8]) throws(Problem) {
    var reader = SSHReader(blob)
    guard let type = reader.name(), !type.isEmpty, type.utf8.count <= 64 else {
      throw Problem(message: "it does not begin with the name of a type")
    }
    guard let material = Self.material(type, &reader) else {
      throw Problem(message: "it is no \(type) key")
    }
    guard material == .unsupported || reader.isAtEnd else {
      throw Problem(message: "there is more behind the \(type) key")
    }
    self.type = type
    self.blob = blob
    self.material = material
  }

  /// `TYPE BASE64 [comment]`, as a .pub file has it.
  public init(text: some StringProtocol) throws(Problem) {
    let words = text.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard words.count >= 2 else { throw Problem(message: "a public key is TYPE and BASE64") }
    guard let blob = Base64.decode(words[1].utf8) else { throw Problem(message: "its base64 is broken") }
    try self.init(blob: blob)
    guard type == words[0] else {
      throw Problem(message: "it says \(quoted(String(words[0]))) and holds a \(type) key")
    }
  }

  public static func == (a: Self, b: Self) -> Bool { a.blob == b.blob }

  /// `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it.
  public var fingerprint: String { "SHA256:" + Base64.encodeUnpadded(Digest.sha256(blob)) }

  /// `TYPE BASE64`, as a line of a file has it.
  public var text: String { "\(type) \(Base64.encode(blob))" }

  /// Why nothing that this key signed is believed; nil for a key that is good.
  public var refusal: TrustFailure? {
    switch material {
    case .unsupported where type == "ssh-dss": .weakKey("DSA keys are not strong enough to be believed")
    case .unsupported where type.contains("-cert-"):
      .unsupportedKey("certificates (\(type)) are not supported; sign with the plain key")
    case .unsupported: .unsupportedKey("keys of the type \(quoted(type)) are not supported")
    case .rsa(let modulus, let exponent): Self.weakness(modulus, exponent)
    default: nil
    }
  }

  private static func weakness(_ modulus: [UInt8], _ exponent: [UInt8]) -> TrustFailure? {
    let bits = bits(modulus)
    if bits < leastModulus {
      return .weakKey("an RSA key of \(bits) bits is not strong enough; \(leastModulus) are the least")
    }
    if bits > largestModulus {
      return .unsupportedKey(
        "RSA keys of more than \(largestModulus) bits are not supported; this has \(bits)")
    }
    // 1 signs everything with itself.
    let isOdd = (exponent.last ?? 0) & 1 == 1
    guard isOdd, exponent != [1], exponent.count <= 8 else {
      return .weakKey("an RSA key with such an exponent is no key")
    }
    return nil
  }

  private static func bits(_ integer: [UInt8]) -> Int {
    let digits = integer.drop { $0 == 0 }
    return digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
  }

  // MARK: Types

  private static func material(_ type: String, _ reader: inout SSHReader) -> Material? {
    switch type {
    case "ssh-ed25519": return ed25519(&reader)
    case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
      return ecdsa(String(type.dropFirst("ecdsa-sha2-".count)), &reader)
    case "ssh-rsa":
      guard let exponent = reader.positiveInteger(), let modulus = reader.positiveInteger() else {
        return nil
      }
      return .rsa(modulus: modulus, exponent: exponent)
    case "sk-ssh-ed25519@openssh.com":
      return ed25519(&reader).flatMap { securityKey($0, &reader) }
    case "sk-ecdsa-sha2-nistp256@openssh.com":
      return ecdsa("nistp256", &reader).flatMap { securityKey($0, &reader) }
    default: return .unsupported
    }
  }

  private static func ed25519(_ reader: inout SSHReader) -> Material? {
    guard let point = reader.string(), point.count == 32 else { return nil }
    return .ed25519(point)
  }

  private static func ecdsa(_ name: String, _ reader: inout SSHReader) -> Material? {
    // RFC 5656: a point may be compressed there, but OpenSSH neither writes nor reads such keys.
    guard let curve = Curve(rawValue: name), reader.name() == name, let point = reader.string(),
      point.count == curve.pointLength, point.first == 4
    else { return nil }
    return .ecdsa(curve, point: point)
  }

  private static func securityKey(_ key: Material, _ reader: inout SSHReader) -> Material? {
    reader.string().map { .securityKey(key, application: $0) }
  }
}
