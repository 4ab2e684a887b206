// RenewalWindows: how long before their end temporary credentials are renewed. Pure: times in, a stage out.

struct RenewalWindows: Equatable {
  /// What a call does about the credentials there are.
  enum Stage: Equatable {
    /// It uses them.
    case fresh
    /// It uses them, and newer ones are looked for meanwhile; if that fails nobody is told.
    case aging
    /// It waits for newer ones, and fails with them.
    case ending
  }

  /// Microseconds before the end.
  private(set) var advisory: Int64
  private(set) var mandatory: Int64
  private let end: Timestamp?

  /// botocore's windows. They are for keys of an hour; of a shorter life they are the same parts (a quarter and a
  /// sixth), or keys of two minutes would be looked for at every call.
  private static let longestAdvisory: Int64 = 15 * 60 * 1_000_000
  private static let longestMandatory: Int64 = 10 * 60 * 1_000_000
  /// Nobody likes to be asked for a code before it must be.
  private static let longestForOperator: Int64 = 60 * 1_000_000

  /// For credentials that have come at this time.
  init(_ credentials: Credentials, receivedAt now: Timestamp) {
    end = credentials.expiration
    let life = max(0, end.map { Self.microseconds(from: now, to: $0) } ?? 0)
    mandatory = min(Self.longestMandatory, life / 6)
    advisory = min(Self.longestAdvisory, life / 4)
    if credentials.neededOperator {
      mandatory = min(mandatory, Self.longestForOperator)
      advisory = mandatory
    }
  }

  func stage(at now: Timestamp) -> Stage {
    guard let end else { return .fresh }
    let left = Self.microseconds(from: now, to: end)
    return left <= mandatory ? .ending : left <= advisory ? .aging : .fresh
  }

  /// Never overflows: an end may be any date that a source writes.
  private static func microseconds(from start: Timestamp, to end: Timestamp) -> Int64 {
    let (difference, overflow) = end.microseconds.subtractingReportingOverflow(start.microseconds)
    return overflow ? (end < start ? .min : .max) : difference
  }
}

extension Credentials {
  /// True when they are over.
  func haveEnded(at now: Timestamp) -> Bool { expiration.map { $0 <= now } ?? false }
}
