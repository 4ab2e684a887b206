// RevocationList: keys that are no longer believed, and snippets that must not run, whoever signed them.
//
//   # lost laptop, 2026-03-01
//   SHA256:uNiVztksCsDhcc0u9e8BrQ87Cud4hUp2gyQ3h3oN0ZI  Alice's old key
//   ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…              left the company
//   sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  deletes tags of everything
import AWSCore

/// Why something is revoked, and where that stands.
public struct Revocation: Equatable, Sendable {
  public let path: String
  public let line: Int
  /// What stands behind the key or hash; empty for nothing.
  public let reason: String

  /// As in `no longer ours (~/.config/moongate/revoked:3)`.
  public var text: String { "\(reason.isEmpty ? "no reason given" : quoted(reason)) (\(path):\(line))" }
}

/// What is not believed any more: keys, and the bytes of single snippets.
public struct RevocationList: Sendable {
  /// When the file was changed last: an old one may be missing what was revoked since. Nil where there is none.
  public let changed: Timestamp?
  /// By fingerprint.
  private var keys: [String: Revocation] = [:]
  /// By hexadecimal SHA-256.
  private var snippets: [String: Revocation] = [:]

  /// How many keys and snippets it names.
  public var count: Int { keys.count + snippets.count }

  /// Reads the file; where there is none, nothing is revoked.
  /// - Throws: for a file that cannot be read, or a line that says nothing: who wrote it meant to revoke something.
  init(_ path: String, home: String?) throws(Trust.Problem) {
    guard let file = try TrustFile.read(path, home: home) else {
      changed = nil
      return
    }
    changed = file.changed
    try read(file.bytes, path)
  }

  init(_ bytes: [UInt8], path: String) throws(Trust.Problem) {
    changed = nil
    try read(bytes, path)
  }

  private mutating func read(_ bytes: [UInt8], _ path: String) throws(Trust.Problem) {
    for (number, text) in try TrustFile.lines(bytes, path) {
      let words = text.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
      let rest = words.count > 1 ? String(words[1]) : ""
      let entry = { (reason: String) in
        Revocation(path: path, line: number, reason: trimmed(reason.drop { $0 == "#" || $0 == " " }))
      }
      let word = String(words[0])
      if let hash = Self.hash(word) {
        snippets[hash] = snippets[hash] ?? entry(rest)
      } else if Self.isFingerprint(word) {
        keys[word] = keys[word] ?? entry(rest)
      } else {
        let key: SSHPublicKey
        do throws(SSHPublicKey.Problem) { key = try SSHPublicKey(text: text) } catch {
          throw Trust.Problem(
            message:
              "\(path):\(number): expected SHA256:FINGERPRINT, sha256:HASH or a public key, not \(quoted(word)) "
              + "(\(error.message)); nothing is verified until that is put right")
        }
        let behind = text.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
        keys[key.fingerprint] = keys[key.fingerprint] ?? entry(behind.count > 2 ? String(behind[2]) : "")
      }
    }
  }

  func revocation(ofKey key: SSHPublicKey) -> Revocation? { keys[key.fingerprint] }

  /// Of a snippet's bytes, by their hexadecimal SHA-256.
  func revocation(ofHash hash: String) -> Revocation? { snippets[hash] }

  /// The 64 digits of `sha256:…`, in small letters, with or without the name in front; nil for anything else.
  public static func hash(_ word: String) -> String? {
    let digits = word.lowercased().hasPrefix("sha256:") ? word.dropFirst(7) : word[...]
    let hex = digits.lowercased()
    return hex.utf8.count == 64 && Digest.bytes(hex: hex) != nil ? hex : nil
  }

  /// `SHA256:` and 32 bytes of base64 without padding.
  public static func isFingerprint(_ word: String) -> Bool {
    word.hasPrefix("SHA256:") && word.utf8.count == 50 && Base64.decode((word.dropFirst(7) + "=").utf8) != nil
  }
}
