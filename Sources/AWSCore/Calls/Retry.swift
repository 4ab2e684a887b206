// Retry: whether and when a failed attempt is repeated. The AWS SDKs' standard mode, version 2.0, as values:
// no clock, no network, so every sequence can be tested.

/// The tokens that all calls of a client share: retries stop when a service is down for everybody.
public struct RetryQuota: Sendable, Equatable {
  public static let capacity = 500
  public private(set) var tokens: Int

  public init(tokens: Int = capacity) { self.tokens = tokens }

  mutating func take(_ cost: Int) -> Bool {
    guard cost <= tokens else { return false }
    tokens -= cost
    return true
  }

  mutating func giveBack(_ cost: Int) { tokens = min(Self.capacity, tokens + cost) }
}

/// The attempts of one call.
public struct Retry: Sendable {
  /// The numbers of the mode.
  public struct Rules: Sendable {
    /// How often a call is sent at most, the first time included.
    public var maxAttempts: Int
    public var retryCost: Int
    /// The cost when the failure was a timeout: those hold a connection the longest.
    public var timeoutCost: Int
    /// Seconds that the first delay is at most; it doubles from retry to retry.
    public var firstDelay: Double
    public var longestDelay: Double

    /// Standard mode, version 2.0.
    public static let standard = Rules(
      maxAttempts: 3, retryCost: 5, timeoutCost: 10, firstDelay: 1, longestDelay: 20)
  }

  /// How an attempt ended.
  public enum Event: Sendable, Equatable {
    case success
    case throttled
    /// It may succeed next time: 500, 502, 503, 504, a connection that broke.
    case transient
    case timedOut
    /// It was refused for a reason that has been put right since: the clock, the credentials. No need to
    /// wait.
    case corrected
    /// It would fail again.
    case permanent
  }

  public enum Action: Sendable, Equatable {
    case succeed
    /// Send again after so many seconds.
    case retry(after: Double)
    case fail(Reason)
  }

  public enum Reason: Sendable, Equatable {
    case notRetryable, attemptsUsed, quotaExceeded
  }

  public private(set) var attempts = 0
  private var lastCost: Int?
  private let rules: Rules

  public init(maxAttempts: Int, rules: Rules = .standard) {
    var rules = rules
    rules.maxAttempts = maxAttempts
    self.rules = rules
  }

  /// What follows from the end of an attempt. `random` is from 0 to 1: full jitter, so that a fleet of
  /// clients does not come back all at once.
  public mutating func next(_ event: Event, quota: inout RetryQuota, random: Double) -> Action {
    attempts += 1
    let cost: Int
    switch event {
    case .success:
      quota.giveBack(lastCost ?? 1)
      return .succeed
    case .permanent: return .fail(.notRetryable)
    case .timedOut: cost = rules.timeoutCost
    case .throttled, .transient, .corrected: cost = rules.retryCost
    }
    guard attempts < rules.maxAttempts else { return .fail(.attemptsUsed) }
    guard quota.take(cost) else { return .fail(.quotaExceeded) }
    lastCost = cost
    if event == .corrected { return .retry(after: 0) }
    var ceiling = rules.firstDelay
    for _ in 1..<attempts where ceiling < rules.longestDelay { ceiling *= 2 }
    return .retry(after: random * min(ceiling, rules.longestDelay))
  }
}

/// What the words and numbers of an error answer mean for a retry.
public enum ErrorClass {
  static let throttling: Set = [
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
    "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
    "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete", "EC2ThrottledException",
  ]
  static let transientCodes: Set = ["RequestTimeout", "RequestTimeoutException"]
  static let transientStatuses: Set = [500, 502, 503, 504]
  /// The service says that the clocks differ.
  static let clockSkew: Set = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]
  /// What a wrong clock may also look like.
  static let possibleClockSkew: Set = ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"]
  /// Credentials that newer ones may replace.
  static let staleCredentials: Set = [
    "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
    "InvalidAccessKeyId", "InvalidIdentityToken",
  ]

  /// The event that an error answer is, before clock and credentials are considered.
  public static func event(code: String?, status: Int) -> Retry.Event {
    if let code, throttling.contains(code) { return .throttled }
    if status == 429 { return .throttled }
    if let code, transientCodes.contains(code) { return .transient }
    return transientStatuses.contains(status) ? .transient : .permanent
  }

  /// True when new credentials might help.
  public static func isStaleCredentials(_ code: String) -> Bool { staleCredentials.contains(code) }
}
