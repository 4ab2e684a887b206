// Trust: what the operator believes: whose keys (`allowed_signers`), and what not any more (`revoked`).
import AWSCore

public struct Trust: Sendable {
  /// What a signature of a snippet is made for: one made for mail or git is none.
  public static let namespace = "moongate-snippet"

  /// A file that decides cannot be used, so nothing is decided; for people.
  public struct Problem: Error, Equatable, Sendable {
    public let message: String
  }

  /// Where the files are.
  public struct Places: Equatable, Sendable {
    public var allowedSigners: String
    public var revoked: String
    /// The operator named them, so they have to be there.
    public var mustExist: Set<String> = []
    /// The operator's home folder; who can write above it is not asked.
    public var home: String?

    public init(allowedSigners: String, revoked: String, mustExist: Set<String> = [], home: String? = nil) {
      self.allowedSigners = allowedSigners
      self.revoked = revoked
      self.mustExist = mustExist
      self.home = home
    }
  }

  /// What the files say.
  public let signers: AllowedSigners
  public let revoked: RevocationList

  /// Reads both files. Where there are none, no key is known and nothing is revoked.
  /// - Throws: `Problem` for a file that cannot be read, that others can write to, or with a line that cannot be
  ///   understood: then nothing may be run.
  public init(_ places: Places) throws(Problem) {
    let signers = try AllowedSigners(places.allowedSigners, home: places.home)
    let revoked = try RevocationList(places.revoked, home: places.home)
    for (path, isThere) in [
      (places.allowedSigners, signers != nil), (places.revoked, revoked.changed != nil),
    ] where !isThere && places.mustExist.contains(path) {
      throw Problem(message: "\(path) is not there, and the configuration names it under [trust]")
    }
    self.signers = signers ?? AllowedSigners()
    self.revoked = revoked
  }

  init(signers: AllowedSigners, revoked: RevocationList) {
    self.signers = signers
    self.revoked = revoked
  }

  /// Judges the bytes of a snippet and of the signature beside it. What was judged is what may run: not the file, which
  /// may be another by then.
  /// - Parameter signature: nil where there is no signature file; an empty one is one, and refused.
  public func verdict(of file: [UInt8], signature: [UInt8]?, at now: Timestamp) -> Verdict {
    if let revocation = revocation(ofSnippet: file) { return .refused(.revokedSnippet(revocation)) }
    guard let signature else { return .unsigned }
    do throws(TrustFailure) {
      return .verified(try signer(of: file, SSHSignature(signature), at: now))
    } catch {
      return .refused(error)
    }
  }

  private func signer(
    of file: [UInt8], _ signature: SSHSignature, at now: Timestamp
  ) throws(TrustFailure) -> Signer {
    if let failure = signature.failure(over: file, namespace: Self.namespace) { throw failure }
    if let revocation = revoked.revocation(ofKey: signature.key) {
      throw .revokedKey(fingerprint: signature.key.fingerprint, revocation)
    }
    return try signers.owner(of: signature.key, namespace: Self.namespace, at: now).get()
  }

  /// Why nothing that a key signed is believed any more.
  public func revocation(ofKey key: SSHPublicKey) -> Revocation? { revoked.revocation(ofKey: key) }

  /// What people should know of a line of `allowed_signers` that is not what it seems.
  public func remarks(on entry: AllowedSigners.Entry, at now: Timestamp) -> [String] {
    var remarks: [String] = []
    if let revocation = revocation(ofKey: entry.key) { remarks.append("revoked: \(revocation.text)") }
    if let refusal = entry.key.refusal { remarks.append("never verified: \(refusal.message)") }
    if entry.options.isAuthority {
      remarks.append("never verified: a key that signs certificates, which are not supported")
    } else if case .failure(let failure) = entry.signerNow(for: Self.namespace, at: now) {
      remarks.append("does not sign now: \(failure.message)")
    }
    if Signer.isAnyone(entry.principals) {
      remarks.append("listed for anyone: whoever holds this key signs in every name; name its owner instead")
    }
    return remarks
  }

  /// Why these bytes must not run, whoever signed or pinned them; to be asked before every run.
  public func revocation(ofSnippet file: [UInt8]) -> Revocation? {
    revoked.revocation(ofHash: Digest.hex(Digest.sha256(file)))
  }
}
