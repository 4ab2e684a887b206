// Production: which sessions the operator's configuration calls production. A slip is expensive there: a write that is
// typed is asked about too, and what cannot be brought back goes only after its name was typed.
import AWSCore

public struct Production: Sendable {
  public enum Answer: Sendable {
    case no
    /// It depends on the account, which is not known yet.
    case perhaps
    case yes
  }

  /// Profiles or accounts; `*` stands for any characters. They are compared with the whole name.
  public let patterns: [String]

  public init(_ patterns: [String] = []) { self.patterns = patterns }

  /// Whether a session is one of them.
  public func includes(_ session: Session) -> Answer {
    guard !patterns.isEmpty else { return .no }
    let facts = session.facts
    let names = [facts.profile, session.label, facts.account].compactMap(\.self)
    if patterns.contains(where: { pattern in names.contains { Wildcard.matches(pattern, $0) } }) {
      return .yes
    }
    return facts.account == nil && patterns.contains(where: Self.mayBeOfAccounts) ? .perhaps : .no
  }

  /// `1234*`, but not `prod*`: an account is 12 digits.
  private static func mayBeOfAccounts(_ pattern: String) -> Bool {
    pattern.utf8.count <= 13
      && pattern.utf8.allSatisfy { $0 == UInt8(ascii: "*") || (0x30...0x39).contains($0) }
  }
}
