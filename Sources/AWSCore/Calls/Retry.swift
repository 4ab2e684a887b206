// Retry: whether and when a failed attempt is repeated. The AWS SDKs' standard mode as values: no clock, no network,
// so every sequence can be tested. What an answer means is in ErrorClass.swift.

/// The tokens that all calls of a client share: retries stop when a service is down for everybody.
public struct RetryQuota: Sendable, Equatable {
  public let capacity: Int
  public private(set) var tokens: Int

  /// A full one; `tokens` when it is not full.
  public init(capacity: Int = 500, tokens: Int? = nil) {
    self.capacity = capacity
    self.tokens = tokens ?? capacity
  }

  mutating func take(_ cost: Int) -> Bool {
    guard cost <= tokens else { return false }
    tokens -= cost
    return true
  }

  mutating func giveBack(_ cost: Int) { tokens = min(capacity, tokens + cost) }
}

/// The attempts of one call.
public struct Retry: Sendable {
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

  /// What happens after an attempt.
  public enum Action: Sendable, Equatable {
    case succeed
    /// Send again after so many seconds.
    case retry(after: Double)
    case fail(Reason)
  }

  /// Why a call has failed for good.
  public enum Reason: Sendable, Equatable {
    case notRetryable, attemptsUsed, quotaExceeded
  }

  /// How often the call was sent.
  public private(set) var attempts = 0
  /// Seconds to hold back a failure that `next` decided: 0 but for a long poll.
  public private(set) var failureDelay = 0.0
  private var lastCost: Int?
  private let rules: Rules

  public init(rules: Rules = .standard) { self.rules = rules }

  public init(maxAttempts: Int, rules: Rules = .standard) {
    var rules = rules
    rules.maxAttempts = maxAttempts
    self.init(rules: rules)
  }

  /// The value of the header amz-sdk-request for the attempt to come, with the limit from the first attempt on
  /// as all SDKs but botocore send it.
  public var requestHeader: String { "attempt=\(attempts + 1); max=\(rules.maxAttempts)" }

  /// What follows from the end of an attempt.
  /// - Parameters:
  ///   - retryAfterMilliseconds: what the service asked for; see `hint(in:)`.
  ///   - random: from 0 to 1: full jitter, so that a fleet of clients does not come back all at once.
  public mutating func next(
    _ event: Event, retryAfterMilliseconds: Int? = nil, quota: inout RetryQuota, random: Double
  ) -> Action {
    attempts += 1
    switch event {
    case .success:
      quota.giveBack(lastCost ?? 1)
      return .succeed
    case .permanent: return .fail(.notRetryable)
    case .throttled, .transient, .timedOut, .corrected: break
    }
    guard attempts < rules.maxAttempts else { return .fail(.attemptsUsed) }
    let delay = event == .corrected ? 0 : rules.delay(event, attempts, retryAfterMilliseconds, random)
    let cost = rules.cost(of: event)
    guard quota.take(cost) else {
      failureDelay = rules.isLongPoll ? delay : 0
      return .fail(.quotaExceeded)
    }
    lastCost = cost
    return .retry(after: delay)
  }

  /// How many milliseconds the service asks to wait (header x-amz-retry-after); nil when it does not, or not in
  /// a whole number.
  public static func hint(in headers: HTTPHeaders) -> Int? {
    headers["x-amz-retry-after"].flatMap { Int(trimmed($0)) }.flatMap { $0 < 0 ? nil : $0 }
  }
}

extension Retry {
  /// The numbers of the mode. Delays are in seconds.
  public struct Rules: Sendable, Equatable {
    /// How often a call is sent at most, the first time included.
    public var maxAttempts: Int
    public var transientCost: Int
    public var timeoutCost: Int
    public var throttledCost: Int
    /// The first delay at most; it doubles from retry to retry.
    public var firstDelay: Double
    public var firstThrottledDelay: Double
    public var longestDelay: Double
    /// How much longer than the delay the service may ask to wait; nil: up to `longestDelay`.
    public var hintAllowance: Double?
    /// True for an operation that scripts call in a loop and that waits at the service: one that comes back at
    /// once because retries are used up must not be called again at once. Backup Gateway has none.
    public var isLongPoll = false

    /// Standard mode, version 2.0, today's default. The version says nothing of hints; the AWS SDK for Rust
    /// follows them up to the longest delay.
    public static let standard = Rules(
      maxAttempts: 3, transientCost: 5, timeoutCost: 10, throttledCost: 5, firstDelay: 1,
      firstThrottledDelay: 1, longestDelay: 20, hintAllowance: nil)

    /// Standard mode, version 2.1: asked for by AWS_NEW_RETRIES_2026, and the default no sooner than November
    /// 2026.
    public static let standard2026 = Rules(
      maxAttempts: 3, transientCost: 14, timeoutCost: 14, throttledCost: 5, firstDelay: 0.05,
      firstThrottledDelay: 1, longestDelay: 20, hintAllowance: 5)

    fileprivate func cost(of event: Event) -> Int {
      switch event {
      case .throttled: throttledCost
      case .timedOut: timeoutCost
      default: transientCost
      }
    }

    /// The delay after so many attempts: jitter of a ceiling that doubles, and of a hint what lies within bounds.
    fileprivate func delay(_ event: Event, _ attempts: Int, _ hint: Int?, _ random: Double) -> Double {
      var ceiling = event == .throttled ? firstThrottledDelay : firstDelay
      for _ in 1..<attempts where ceiling < longestDelay { ceiling *= 2 }
      let delay = random * min(ceiling, longestDelay)
      guard let hint else { return delay }
      return max(delay, min(Double(hint) / 1_000, hintAllowance.map { delay + $0 } ?? longestDelay))
    }
  }
}
