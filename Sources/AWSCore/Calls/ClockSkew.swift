// ClockSkew: how far this machine's clock is from the service's, learned from refused signatures.

/// The correction of one endpoint.
public struct ClockSkew: Sendable, Equatable {
  /// Microseconds to add to this machine's clock.
  public private(set) var offset: Int64 = 0

  public init() {}

  /// Beyond this a refused signature is blamed on the clock; the SDKs' shared cases use four minutes, one
  /// less than the service tolerates.
  private static let threshold: Int64 = 240_000_000

  /// The furthest clock that is believed: 398 days, the longest that a public certificate lives (CA/Browser Forum,
  /// Baseline Requirements 6.3.2). A clock further off fails the certificate check, so whoever says more is not
  /// the service; and what is signed for a distant day is a request that somebody can keep until then.
  private static let furthest: Int64 = 398 * 86_400 * 1_000_000

  /// The time to sign with.
  public func corrected(_ now: Timestamp) -> Timestamp {
    let (sum, overflow) = now.microseconds.addingReportingOverflow(offset)
    return overflow ? now : Timestamp(microseconds: sum)
  }

  /// Takes the service's clock from a refusal, if the clock was its cause. Worth calling for every refusal, also when
  /// no attempt is left: the next call gains by it.
  /// - Parameters:
  ///   - clock: this machine's clock when the refused request was signed.
  ///   - signedAt: the time it was signed with: the clock and whatever correction was known then.
  ///   - date: the Date header of the answer.
  /// - Returns: true when the same request, signed again, may be accepted.
  public mutating func learn(code: String, clock: Timestamp, signedAt: Timestamp, date: String?) -> Bool {
    guard let date, let server = Timestamp(httpDate: date),
      let skew = Self.microseconds(from: signedAt, to: server),
      let distance = Self.microseconds(from: clock, to: server), distance.magnitude <= Self.furthest
    else { return false }
    guard
      ErrorClass.clockSkew.contains(code)
        || (ErrorClass.possibleClockSkew.contains(code) && skew.magnitude >= Self.threshold)
    else { return false }
    // Against the clock, not added to the old offset: calls that were under way together are refused
    // together, and a clock that has been put right heals.
    offset = distance
    return true
  }

  private static func microseconds(from start: Timestamp, to end: Timestamp) -> Int64? {
    let (difference, overflow) = end.microseconds.subtractingReportingOverflow(start.microseconds)
    return overflow ? nil : difference
  }
}
