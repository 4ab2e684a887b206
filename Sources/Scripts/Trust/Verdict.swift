// Verdict: what came of looking at a snippet and its signature. Whoever asks has to say what becomes of each case; there
// is none that means "not verified, but fine".
import AWSCore

/// What is known of who signed a file.
public enum Verdict: Equatable, Sendable {
  /// A key of the operator's `allowed_signers` signed exactly these bytes, and is valid at the time of the check.
  case verified(Signer)
  /// There is no signature beside the file. One that is there and is not good is `refused`, never this.
  case unsigned
  /// The file must not be run, whatever the operator answered before.
  case refused(TrustFailure)

  /// One line for people.
  public var text: String {
    switch self {
    case .verified(let signer): "signed by \(signer.text)"
    case .unsigned: "not signed"
    case .refused(let failure): "not verified: \(failure.message)"
    }
  }

  /// In a cell of a table.
  public var short: String {
    switch self {
    case .verified(let signer): Signer.owner(signer.principal)
    case .unsigned: "none"
    case .refused(let failure): failure.short
    }
  }
}

/// Whose key made a good signature.
public struct Signer: Equatable, Sendable {
  /// As `allowed_signers` has it: what the operator calls the owner of the key. Not the signature's word.
  public let principal: String
  /// SSH's name of the key's type, as in `ssh-ed25519`.
  let keyType: String
  /// `SHA256:…`, as `ssh-keygen -l` prints it.
  public let fingerprint: String
  /// When the key's line in `allowed_signers` ends; nil for never.
  let validUntil: Timestamp?
  /// The line of `allowed_signers`.
  public let line: Int

  /// True where a pattern has nothing of a name, as `*`: then the holder of the key counts as anyone.
  static func isAnyone(_ principal: String) -> Bool {
    principal.split(separator: ",").contains { $0.contains("*") && $0.allSatisfy("*?".contains) }
  }

  /// Whom `allowed_signers` names, as people should hear of it.
  static func owner(_ principal: String) -> String {
    isAnyone(principal) ? "anyone, with a key listed for \(shown(principal))" : shown(principal)
  }

  /// One line for people: who, and with which key.
  public var text: String {
    let until = validUntil.map { ", valid until \($0.iso8601)" } ?? ""
    return "\(Self.owner(principal)) (\(keyType) \(fingerprint)\(until))"
  }

  /// Names come from a file; what drives a terminal is shown.
  private static func shown(_ text: String) -> String { text.unicodeScalars.map(\.shown).joined() }
}

/// Why a file is not verified. The list is closed: a new reason needs a place here, and a sentence.
public enum TrustFailure: Error, Equatable, Sendable {
  /// What stands in for the signature is none; says what is wrong with it.
  case notASignature(String)
  /// Made for something else than snippets, as for mail or git.
  case wrongNamespace(String)
  case unsupportedKey(String)
  case weakKey(String)
  /// The signature is well formed, but the key did not sign these bytes.
  case otherBytes
  /// A security key signed without being touched: software alone could have asked it to.
  case untouched
  /// `SHA256:…` of a key that `allowed_signers` does not have.
  case unknownKey(type: String, fingerprint: String)
  /// The key is known, but its line does not let it sign snippets; the line's number.
  case notForSnippets(Signer)
  case expired(Signer, at: Timestamp)
  case notYetValid(Signer, from: Timestamp)
  case revokedKey(fingerprint: String, Revocation)
  case revokedSnippet(Revocation)

  /// In a cell of a table.
  var short: String {
    switch self {
    case .unknownKey: "unknown key"
    case .revokedKey, .revokedSnippet: "revoked"
    case .notASignature: "NOT VERIFIED: no signature"
    case .wrongNamespace: "NOT VERIFIED: signed for something else"
    case .unsupportedKey: "NOT VERIFIED: unsupported key"
    case .weakKey: "NOT VERIFIED: weak key"
    case .otherBytes: "NOT VERIFIED: other bytes"
    case .untouched: "NOT VERIFIED: key not touched"
    case .notForSnippets: "NOT VERIFIED: key not for snippets"
    case .expired: "NOT VERIFIED: key expired"
    case .notYetValid: "NOT VERIFIED: key not valid yet"
    }
  }

  /// A sentence for people, without a full stop.
  public var message: String {
    switch self {
    case .notASignature(let problem): "this is not an SSH signature: \(problem)"
    case .wrongNamespace(let name):
      "the signature was made for \(quoted(name)), not for \(Trust.namespace); "
        + "sign it with moongate snippet sign"
    case .unsupportedKey(let problem): problem
    case .weakKey(let problem): problem
    case .otherBytes:
      "the signature is not over these bytes: the file or its signature was changed after signing"
    case .untouched: "the security key signed without being touched"
    case .unknownKey(let type, let fingerprint):
      "the key that signed it is not in allowed_signers: \(type) \(fingerprint) (when its owner has told you "
        + "this fingerprint: moongate snippet trust \(fingerprint) --as NAME)"
    case .notForSnippets(let signer):
      "line \(signer.line) of allowed_signers does not let the key of \(quoted(signer.principal)) sign "
        + "for \(Trust.namespace)"
    case .expired(let signer, let time):
      "the key of \(quoted(signer.principal)) expired at \(time.iso8601) "
        + "(line \(signer.line) of allowed_signers)"
    case .notYetValid(let signer, let time):
      "the key of \(quoted(signer.principal)) is not valid before \(time.iso8601) "
        + "(line \(signer.line) of allowed_signers)"
    case .revokedKey(let fingerprint, let revocation):
      "the key that signed it, \(fingerprint), is revoked: \(revocation.text)"
    case .revokedSnippet(let revocation): "these bytes are revoked: \(revocation.text)"
    }
  }
}
