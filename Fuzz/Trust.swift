// Trust: signatures of snippets, and the operator's files of whom to believe.
import AWSCore

@testable import Scripts

extension FuzzTarget {
  static let trust = FuzzTarget(name: "trust") { bytes in
    var choices = Choices(bytes)
    switch choices.number(below: 5) {
    case 0: readSignature(choices.remainder())
    case 1: readSigners(choices.remainder())
    case 2: readRevocations(choices.remainder())
    case 3: readKey(try? SSHPublicKey(blob: choices.remainder()))
    default:
      readKey(try? SSHPublicKey(text: choices.text()))
      _ = SignerOptions.time(choices.text())
      _ = try? SignerOptions(choices.text())
      _ = SSHPattern.list(choices.text(), matches: choices.text())
      _ = Base64.decode(choices.remainder()).map { Base64.encode($0) }
    }
  }

  private static let snippet = Array("-- @name fuzz\n".utf8)
  private static let now = Timestamp(year: 2026, month: 3, day: 14)

  private static func readSignature(_ file: [UInt8]) {
    guard let signature = try? SSHSignature(file) else { return }
    let failure = signature.failure(over: snippet, namespace: Trust.namespace)
    check(failure != nil, "a signature that nobody made is believed")
    readKey(signature.key)
  }

  private static func readSigners(_ bytes: [UInt8]) {
    guard let signers = try? AllowedSigners(bytes, path: "allowed_signers") else { return }
    for entry in signers.entries {
      readKey(entry.key)
      _ = entry.signer.text
    }
    if let revoked = try? RevocationList(bytes, path: "revoked") {
      let trust = Trust(signers: signers, revoked: revoked)
      for entry in signers.entries { _ = trust.remarks(on: entry, at: now) }
      _ = trust.verdict(of: snippet, signature: nil, at: now).text
    }
  }

  private static func readRevocations(_ bytes: [UInt8]) {
    guard let revoked = try? RevocationList(bytes, path: "revoked") else { return }
    _ = revoked.revocation(ofHash: Digest.hex(Digest.sha256(snippet)))
    if let word = String(decoding: bytes, as: UTF8.self).split(separator: " ").first.map(String.init) {
      _ = (RevocationList.hash(word), RevocationList.isFingerprint(word))
    }
  }

  private static func readKey(_ key: SSHPublicKey?) {
    guard let key else { return }
    check((try? SSHPublicKey(blob: key.blob)) == key, "a key is not the key of its own bytes")
    check((try? SSHPublicKey(text: key.text)) == key, "a key is not the key of its own text")
    _ = (key.fingerprint, key.refusal)
  }
}
