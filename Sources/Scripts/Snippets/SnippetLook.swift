// SnippetLook: a snippet that something is wrong with, as people are to see it before they decide what to do. It cannot be
// pinned or run: only a SnippetPart can.
import AWSCore
import Host

public struct SnippetLook: Sendable {
  public let code: SnippetCode
  /// Where its bytes are from, for people.
  public let place: String
  public let verdict: Verdict
  /// Type and fingerprint of the key that its signature names, whether it is good or not; nil where there is none.
  public let key: String?

  init(_ code: SnippetCode, _ signature: [UInt8]?, _ place: String, _ trust: Trust, _ now: Timestamp) {
    self.code = code
    self.place = place
    verdict = trust.verdict(of: code.bytes, signature: signature, at: now)
    key = signature.flatMap { try? SSHSignature($0).key }.map { "\($0.type) \($0.fingerprint)" }
  }
}
