// SSHSignature: a detached signature in the format of `ssh-keygen -Y sign` (PROTOCOL.sshsig, version 1).
import AWSCore

public struct SSHSignature: Equatable, Sendable {
  /// The key that made it, by its own word.
  public let key: SSHPublicKey
  /// What it was made for.
  public let namespace: String
  private let hash: Hash
  /// Algorithm and signature, as SSH encodes them.
  private let signature: [UInt8]

  private enum Hash: String, Sendable { case sha256, sha512 }

  /// The longest that is read, armor and all: the largest RSA key makes one of 6 KiB.
  public static let largest = 16 << 10

  private static let begin = Array("-----BEGIN SSH SIGNATURE-----\n".utf8)
  private static let end = Array("\n-----END SSH SIGNATURE-----".utf8)
  private static let magic = Array("SSHSIG".utf8)

  /// Reads a signature file.
  /// - Throws: what is wrong with it: anything before, between or behind what the format says.
  public init(_ file: [UInt8]) throws(TrustFailure) {
    guard !file.isEmpty else { throw .notASignature("the file is empty") }
    guard file.count <= Self.largest else {
      throw .notASignature("it is larger than the \(Self.largest >> 10) KiB that a signature can have")
    }
    guard file.starts(with: Self.begin) else {
      throw .notASignature("it does not begin with -----BEGIN SSH SIGNATURE-----")
    }
    var body = file.dropFirst(Self.begin.count)
    if body.last == UInt8(ascii: "\n") { body.removeLast() }
    guard body.suffix(Self.end.count).elementsEqual(Self.end) else {
      throw .notASignature("it does not end with -----END SSH SIGNATURE-----")
    }
    body.removeLast(Self.end.count)
    let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.allSatisfy({ !$0.isEmpty }), let blob = Base64.decode(lines.joined()) else {
      throw .notASignature("what it holds is not base64")
    }
    try self.init(blob: blob)
  }

  private init(blob: [UInt8]) throws(TrustFailure) {
    var reader = SSHReader(blob)
    guard reader.take(Self.magic.count) == Self.magic, let version = reader.number() else {
      throw .notASignature("what it holds does not begin with SSHSIG")
    }
    guard version == 1 else { throw .notASignature("its version is \(version), and only 1 is known") }
    guard let keyBytes = reader.string(), let namespace = reader.string(), let reserved = reader.string(),
      let hashName = reader.string(), let signature = reader.string()
    else { throw .notASignature("it ends too early") }
    guard reader.isAtEnd else { throw .notASignature("there is more behind its end") }
    guard reserved.isEmpty else { throw .notASignature("its reserved field is not empty") }
    guard let hash = Hash(rawValue: String(decoding: hashName, as: UTF8.self)) else {
      throw .notASignature("its hash is \(quoted(String(decoding: hashName, as: UTF8.self)))")
    }
    guard !namespace.isEmpty, let name = String(validating: namespace, as: UTF8.self) else {
      throw .notASignature("its namespace is not a name")
    }
    do throws(SSHPublicKey.Problem) { key = try SSHPublicKey(blob: keyBytes) } catch {
      throw .notASignature("of its key, \(error.message)")
    }
    self.namespace = name
    self.hash = hash
    self.signature = signature
  }

  /// Judges the signature over a file; nil when the key signed exactly these bytes for this namespace.
  public func failure(over file: [UInt8], namespace wanted: String) -> TrustFailure? {
    if let refusal = key.refusal { return refusal }
    guard namespace == wanted else { return .wrongNamespace(namespace) }
    let digest = hash == .sha256 ? Digest.sha256(file) : Digest.sha512(file)
    let message =
      Self.magic + SSHReader.encoded(Array(namespace.utf8)) + SSHReader.encoded([])
      + SSHReader.encoded(Array(hash.rawValue.utf8)) + SSHReader.encoded(digest)
    return key.failure(of: signature, over: message)
  }
}
