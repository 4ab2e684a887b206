// SnippetSigner: who vouches for the bytes of a snippet, as the lock keeps it.
import AWSCore

public enum SnippetSigner: Equatable, Sendable {
  /// Nobody: the operator has seen the source, or named its hash.
  case unsigned
  /// It came with the program.
  case bundled
  /// A key that the operator trusts, which the signature beside the bytes was verified with.
  case signed(principal: String, fingerprint: String)

  /// For people.
  public var text: String {
    switch self {
    case .unsigned: "unsigned"
    case .bundled: "part of moongate"
    case .signed(let principal, let fingerprint): "\(Signer.owner(principal)) (\(fingerprint))"
    }
  }

  /// The same key, whatever its owner is called; or nobody both times.
  func isSame(as other: SnippetSigner) -> Bool {
    switch (self, other) {
    case (.signed(_, let one), .signed(_, let another)): one == another
    default: self == other
    }
  }

  /// In one word of a table.
  public var short: String {
    if case .signed(let principal, _) = self { principal } else { text }
  }

  var value: Value {
    switch self {
    case .unsigned: "unsigned"
    case .bundled: "bundled"
    case .signed(let principal, let fingerprint):
      ["principal": .string(principal), "fingerprint": .string(fingerprint)]
    }
  }

  init?(_ value: Value?) {
    switch value {
    case .string("unsigned"): self = .unsigned
    case .string("bundled"): self = .bundled
    default:
      guard let principal = value?["principal"]?.string, let fingerprint = value?["fingerprint"]?.string
      else { return nil }
      self = .signed(principal: principal, fingerprint: fingerprint)
    }
  }
}
