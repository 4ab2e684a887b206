// Standard retry mode and clock-skew correction, as values.
import TestSupport
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

  @Test func classifiesErrorsByCodeThenStatus() {
    #expect(ErrorClass.event(code: "ThrottlingException", status: 400) == .throttled)
    #expect(ErrorClass.event(code: nil, status: 429) == .throttled)
    #expect(ErrorClass.event(code: "RequestTimeout", status: 400) == .transient)
    #expect(ErrorClass.event(code: "InternalServerException", status: 500) == .transient)
    #expect(ErrorClass.event(code: "X", status: 501) == .permanent)
    #expect(ErrorClass.event(code: "ValidationException", status: 400) == .permanent)
  }

  /// The sequences that all AWS SDKs share for version 2.0.
  @Test func agreesWithThePublicSequences() {
    guard let folder = Conformance.suite("retry") else { return }
    for test in Conformance.json("\(folder)/standard-v2.0.json")?.array ?? [] {
      let name = test["name"]?.string ?? ""
      let given = test["given"]
      var rules = Retry.Rules.standard
      rules.longestDelay = Double(given?["max_backoff_time"]?.integer ?? 20)
      var quota = RetryQuota(tokens: Int(given?["initial_retry_tokens"]?.integer ?? 500))
      var retry = Retry(maxAttempts: Int(given?["max_attempts"]?.integer ?? 3), rules: rules)
      for step in test["responses"]?.array ?? [] {
        let status = Int(step["response"]?["status_code"]?.integer ?? 0)
        let event = status == 200 ? .success : ErrorClass.event(code: nil, status: status)
        let action = retry.next(event, quota: &quota, random: 1)
        let expected = step["expected"]
        let delay = Double(expected?["delay"]?.integer ?? 0)
        let wanted: Retry.Action? =
          switch expected?["outcome"]?.string {
          case "success": .succeed
          case "retry_request": .retry(after: delay)
          case "retry_quota_exceeded": .fail(.quotaExceeded)
          case "max_attempts_exceeded": .fail(.attemptsUsed)
          default: nil
          }
        #expect(action == wanted, "\(name)")
        #expect(quota.tokens == Int(expected?["retry_quota"]?.integer ?? -1), "\(name)")
      }
    }
    for (file, event) in [
      ("classification-retryable_throttled_responses.json", Retry.Event.throttled),
      ("classification-retryable_transient_errors.json", .transient),
    ] {
      for row in Conformance.json("\(folder)/\(file)")?.array?.compactMap(\.array) ?? [] {
        guard row.count == 3, let status = row[0].integer else { continue }
        let found = ErrorClass.event(code: row[1].string, status: Int(status))
        #expect((found == event) == (row[2] == true), "\(file): \(row)")
      }
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
