// Standard retry mode and clock-skew correction, as values.
import Testing

@testable import AWSCore

@Suite struct RetryTests {
  @Test func delaysDoubleAreJitteredAndCapped() {
    var quota = RetryQuota()
    var retry = Retry(maxAttempts: 8)
    let delays = (0..<7).map { _ in retry.next(.transient, quota: &quota, random: 1) }
    #expect(delays == [1, 2, 4, 8, 16, 20, 20].map { .retry(after: $0) })
    #expect(retry.next(.transient, quota: &quota, random: 1) == .fail(.attemptsUsed))
    var other = Retry(maxAttempts: 3)
    #expect(other.next(.throttled, quota: &quota, random: 0.25) == .retry(after: 0.25))
  }

  @Test func timeoutsCostTwiceAndSuccessGivesTheLastCostBack() {
    var quota = RetryQuota()
    var retry = Retry(maxAttempts: 3)
    _ = retry.next(.transient, quota: &quota, random: 0)
    #expect(quota.tokens == 495)
    _ = retry.next(.timedOut, quota: &quota, random: 0)
    #expect(quota.tokens == 485)
    #expect(retry.next(.success, quota: &quota, random: 0) == .succeed)
    #expect(quota.tokens == 495)
  }

  @Test func anEmptyQuotaStopsRetriesAndPlainSuccessRefillsIt() {
    var quota = RetryQuota(tokens: 4)
    var retry = Retry(maxAttempts: 3)
    #expect(retry.next(.transient, quota: &quota, random: 1) == .fail(.quotaExceeded))
    #expect(quota.tokens == 4)
    var other = Retry(maxAttempts: 3)
    _ = other.next(.success, quota: &quota, random: 1)
    #expect(quota.tokens == 5)
  }

  @Test func correctionsDoNotWaitAndPermanentFailuresEnd() {
    var quota = RetryQuota()
    var retry = Retry(maxAttempts: 3)
    #expect(retry.next(.corrected, quota: &quota, random: 1) == .retry(after: 0))
    #expect(retry.next(.permanent, quota: &quota, random: 1) == .fail(.notRetryable))
  }

  /// What version 2.1 changes: cheap retries for throttling, dear ones for the rest, and short delays.
  @Test func theRulesOf2026TellThrottlingFromTheRest() {
    var quota = RetryQuota()
    var retry = Retry(rules: .standard2026)
    #expect(retry.next(.timedOut, quota: &quota, random: 1) == .retry(after: 0.05))
    #expect(quota.tokens == 486)
    #expect(retry.next(.throttled, quota: &quota, random: 1) == .retry(after: 2))
    #expect(quota.tokens == 481)
    #expect(retry.next(.success, quota: &quota, random: 1) == .succeed)
    #expect(quota.tokens == 486)
  }

  @Test func theEnvironmentChoosesTheVersion() throws {
    func rules(_ variables: [String: String]) throws -> Retry.Rules {
      try Settings.resolve(environment: Environment(variables: variables)).retryRules
    }
    #expect(try rules([:]) == .standard)
    #expect(try rules(["AWS_NEW_RETRIES_2026": "True"]) == .standard2026)
    #expect(try rules(["AWS_NEW_RETRIES_2026": "1"]) == .standard)
  }

  /// In milliseconds, and never earlier than the client would come by itself.
  @Test(arguments: [
    (Retry.Rules.standard2026, 0, 0.05), (.standard2026, 1_500, 1.5), (.standard2026, 10_000, 5.05),
    (.standard2026, .max, 5.05), (.standard, 0, 1), (.standard, 1_500, 1.5), (.standard, 60_000, 20),
  ])
  func theServiceMayAskForMoreTime(_ rules: Retry.Rules, _ hint: Int, _ delay: Double) {
    var quota = RetryQuota()
    var retry = Retry(rules: rules)
    #expect(
      retry.next(.transient, retryAfterMilliseconds: hint, quota: &quota, random: 1) == .retry(after: delay))
  }

  @Test(arguments: [
    ("1500", 1_500), (" 0 ", 0), ("-1", nil), ("1.5", nil), ("soon", nil), ("99999999999999999999", nil),
    ("", nil),
  ])
  func aHintIsAWholeNumber(_ text: String, _ milliseconds: Int?) {
    #expect(Retry.hint(in: ["X-Amz-Retry-After": text]) == milliseconds)
    #expect(Retry.hint(in: [:]) == nil)
  }

  @Test func aLongPollThatCannotAffordARetryIsHeldBack() {
    var rules = Retry.Rules.standard2026
    rules.isLongPoll = true
    var quota = RetryQuota(tokens: 0)
    var retry = Retry(rules: rules)
    #expect(retry.next(.throttled, quota: &quota, random: 1) == .fail(.quotaExceeded))
    #expect(retry.failureDelay == 1)
    var other = Retry(rules: rules)
    _ = other.next(.permanent, quota: &quota, random: 1)
    #expect(other.failureDelay == 0)
  }

  @Test func theHeaderCountsAttemptsFromTheFirstOn() {
    var quota = RetryQuota()
    var retry = Retry(maxAttempts: 4)
    #expect(retry.requestHeader == "attempt=1; max=4")
    _ = retry.next(.transient, quota: &quota, random: 1)
    #expect(retry.requestHeader == "attempt=2; max=4")
  }
}

@Suite struct ErrorClassTests {
  @Test func classifiesErrorsByCodeThenStatus() {
    #expect(ErrorClass.event(code: "ThrottlingException", status: 400) == .throttled)
    #expect(ErrorClass.event(code: nil, status: 429) == .throttled)
    #expect(ErrorClass.event(code: "RequestTimeout", status: 400) == .transient)
    #expect(ErrorClass.event(code: "InternalServerException", status: 500) == .transient)
    #expect(ErrorClass.event(code: "X", status: 501) == .permanent)
    #expect(ErrorClass.event(code: "ValidationException", status: 400) == .permanent)
  }

  /// Services coin codes of their own; a code that only speaks of throttling is none.
  @Test(arguments: [
    ("EC2ThrottledException", true), ("RequestThrottled", true), ("throttling", true),
    ("Throttling.Rate", true), ("ReadThrottlingException", true), ("SlowDown", true),
    ("NotAThrottlingError", false), ("Exception", false), ("", false),
  ])
  func throttlingIsAWordAtEitherEnd(_ code: String, _ isThrottled: Bool) {
    #expect((ErrorClass.event(code: code, status: 400) == .throttled) == isThrottled)
  }

  @Test func anExchangeThatBrokeMayBeTriedAgainUnlessItCannotEndOtherwise() {
    #expect(ErrorClass.event(.timedOut) == .timedOut)
    for reason in [TransportError.Reason.cannotResolve, .cannotConnect, .brokenConnection] {
      #expect(ErrorClass.event(reason) == .transient)
    }
    for reason in [TransportError.Reason.tls, .tooLarge, .notHTTP, .other] {
      #expect(ErrorClass.event(reason) == .permanent)
    }
  }
}

@Suite struct ClockSkewTests {
  private let clock = Timestamp(year: 2023, month: 10, day: 6, hour: 20, minute: 20, second: 50)

  private func learned(_ code: String, _ date: String?) -> Int64? {
    var skew = ClockSkew()
    return skew.learn(code: code, clock: clock, signedAt: clock, date: date) ? skew.offset / 1_000_000 : nil
  }

  @Test func definiteCodesAlwaysCountAndPossibleOnesFromFourMinutes() {
    #expect(learned("RequestTimeTooSkewed", "Fri, 06 Oct 2023 20:20:50 GMT") == 0)
    #expect(learned("InvalidSignatureException", "Sat, 07 Oct 2023 20:20:50 GMT") == 86_400)
    #expect(learned("InvalidSignatureException", "Fri, 06 Oct 2023 20:24:49 GMT") == nil)
    #expect(learned("SignatureDoesNotMatch", "Fri, 06 Oct 2023 20:16:50 GMT") == -240)
    #expect(learned("ThrottlingException", "Sat, 07 Oct 2023 20:20:50 GMT") == nil)
  }

  @Test func withoutADateNothingIsLearned() {
    #expect(learned("RequestTimeTooSkewed", nil) == nil)
    #expect(learned("RequestTimeTooSkewed", "soon") == nil)
  }

  /// Whoever makes a client sign for a distant day has a request to keep until then.
  @Test func aClockThatNoCertificateWouldAllowIsNotBelieved() {
    #expect(learned("RequestExpired", "Thu, 07 Nov 2024 20:20:50 GMT") == 34_387_200)
    #expect(learned("RequestExpired", "Thu, 07 Nov 2024 20:20:51 GMT") == nil)
    #expect(learned("RequestInTheFuture", "Fri, 31 Dec 9999 23:59:59 GMT") == nil)
    #expect(learned("RequestInTheFuture", "Thu, 01 Jan 1970 00:00:00 GMT") == nil)
    var skew = ClockSkew()
    let never = Timestamp(microseconds: .min)
    let isBelieved = skew.learn(code: "RequestExpired", clock: never, signedAt: never, date: clock.httpDate)
    #expect(!isBelieved)
  }

  @Test func aClockThatIsPutRightHeals() {
    var skew = ClockSkew()
    let server = "Fri, 06 Oct 2023 20:30:50 GMT"
    _ = skew.learn(code: "RequestExpired", clock: clock, signedAt: clock, date: server)
    #expect(skew.corrected(clock).iso8601 == "2023-10-06T20:30:50Z")
    let right = Timestamp(year: 2023, month: 10, day: 6, hour: 20, minute: 30, second: 50)
    _ = skew.learn(code: "RequestInTheFuture", clock: right, signedAt: skew.corrected(right), date: server)
    #expect(skew.offset == 0)
  }
}
