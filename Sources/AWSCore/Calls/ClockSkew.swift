// ClockSkew: how far this machine's clock is from the service's, learned from refused signatures.

/// The correction of one endpoint.
public struct ClockSkew: Sendable, Equatable {
  /// Microseconds to add to this machine's clock.
  public private(set) var offset: Int64 = 0

  public init() {}

  /// Beyond this a refused signature is blamed on the clock; the SDKs' shared cases use four minutes, one
  /// less than the service tolerates.
  private static let threshold: Int64 = 240_000_000

  /// The time to sign with.
  public func corrected(_ now: Timestamp) -> Timestamp {
    let (sum, overflow) = now.microseconds.addingReportingOverflow(offset)
    return overflow ? now : Timestamp(microseconds: sum)
  }

  /// Takes the service's clock from a refusal, if the clock was its cause.
  /// - Parameters:
  ///   - clock: this machine's clock when the refused request was signed.
  ///   - signedAt: the time it was signed with: the clock and whatever correction was known then.
  ///   - date: the Date header of the answer.
  /// - Returns: true when the same request, signed again, may be accepted.
  public mutating func learn(code: String, clock: Timestamp, signedAt: Timestamp, date: String?) -> Bool {
    guard let date, let server = Timestamp(httpDate: date) else { return false }
    let skew = server.microseconds - signedAt.microseconds
    guard
      ErrorClass.clockSkew.contains(code)
        || (ErrorClass.possibleClockSkew.contains(code) && skew.magnitude >= UInt64(Self.threshold))
    else { return false }
    // Against the clock, not added to the old offset: calls that were under way together are refused
    // together, and a clock that has been put right heals.
    offset = server.microseconds - clock.microseconds
    return true
  }
}
