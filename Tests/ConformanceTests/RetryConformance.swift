// The retry suite: sequences of attempts, what counts as which failure, the quota's arithmetic, and the header that
// counts attempts.
import AWSCore
import TestSupport
import Testing

@Test func retryConformance() {
  conformance("retry") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      let file = String(path.dropFirst(report.folder.count + 1).dropLast(".json".count))
      guard let content = Conformance.json(path) else { continue }
      if content["events"] != nil {
        report.check(file) { headerDifference(content) }
        continue
      }
      for (index, item) in (content.array ?? []).enumerated() {
        let id = "\(file)#\(index) \(item["name"]?.string ?? "")"
        if let row = item.array {
          classification(row, file, id, report)
        } else if item["ops"] != nil {
          report.check(id) { quotaDifference(item) }
        } else {
          sequence(item, file, id, report)
        }
      }
    }
  }
}

// MARK: Sequences

/// The steps of one after another call, as they stand in the data.
private typealias Step = (event: Retry.Event, hint: Int?, expected: Value)

private func sequence(_ item: Value, _ file: String, _ id: String, _ report: Report) {
  guard !file.contains("adaptive") else {
    return report.skip(id, because: "retry_mode adaptive is taken as standard")
  }
  let given = item["given"]
  var rules = file.contains("v2.1") ? Retry.Rules.standard2026 : .standard
  if given?["service"] == "dynamodb" {
    // Numbers of its own (announcement of the 2026 retry behaviour).
    rules.firstDelay = 0.025
    rules.maxAttempts = 4
  }
  rules.maxAttempts = given?["max_attempts"]?.integer.map { Int($0) } ?? rules.maxAttempts
  rules.longestDelay = given?["max_backoff_time"]?.integer.map { Double($0) } ?? rules.longestDelay
  rules.isLongPoll = given?["long_polling"] == true
  let quota = RetryQuota(tokens: given?["initial_retry_tokens"]?.integer.map { Int($0) })
  let threads = (item["threads"]?.array ?? [item["responses"] ?? item["calls"] ?? []]).map(steps)
  report.check(id) {
    guard !threads.joined().isEmpty else { return "no steps" }
    let final = given?["expected_final_quota"] ?? item["expected_final_quota"]
    return isPossible(
      threads, Array(repeating: Retry(rules: rules), count: threads.count), quota, rules, final?.integer)
      ? nil : "no order of the steps has the outcomes"
  }
}

/// One response after another; the lists of several calls are one list, for a call ends with its outcome.
private func steps(_ list: Value) -> [Step] {
  (list.array ?? []).flatMap { item -> [Step] in
    if let inner = item["responses"] ?? (item.array == nil ? nil : item) { return steps(inner) }
    let response = item["response"]
    let status = Int(response?["status_code"]?.integer ?? 0)
    var headers = HTTPHeaders()
    for (name, value) in response?["headers"]?.object?.members ?? [] { headers[name] = value.string }
    let event =
      (200..<300).contains(status)
      ? .success : ErrorClass.event(code: response?["error_code"]?.string, status: status)
    return [(event, Retry.hint(in: headers), item["expected"] ?? [:])]
  }
}

/// Whether threads that share a quota can take turns so that every step has its outcome. The data do not say who is
/// first.
private func isPossible(
  _ threads: [[Step]], _ calls: [Retry], _ quota: RetryQuota, _ rules: Retry.Rules, _ final: Int64?
) -> Bool {
  if threads.allSatisfy(\.isEmpty) { return final == nil || final == Int64(quota.tokens) }
  return threads.indices.contains { turn in
    guard let step = threads[turn].first else { return false }
    var (threads, calls, quota) = (threads, calls, quota)
    let action = calls[turn].next(step.event, retryAfterMilliseconds: step.hint, quota: &quota, random: 1)
    guard agrees(action, calls[turn].failureDelay, quota, step.expected) else { return false }
    threads[turn].removeFirst()
    if case .retry = action {} else { calls[turn] = Retry(rules: rules) }
    return isPossible(threads, calls, quota, rules, final)
  }
}

private func agrees(
  _ action: Retry.Action, _ failureDelay: Double, _ quota: RetryQuota, _ expected: Value
) -> Bool {
  let (outcome, delay): (String, Double) =
    switch action {
    case .succeed: ("success", 0)
    case .retry(let seconds): ("retry_request", seconds)
    case .fail(.quotaExceeded): ("retry_quota_exceeded", failureDelay)
    case .fail(.attemptsUsed): ("max_attempts_exceeded", failureDelay)
    case .fail(.notRetryable): ("fail_request", failureDelay)
    }
  let wantedDelay = expected["delay"].flatMap(seconds)
  return outcome == expected["outcome"]?.string
    && (expected["retry_quota"]?.integer).map { Int($0) == quota.tokens } ?? true
    && wantedDelay.map { abs($0 - delay) < 1e-9 } ?? true
}

private func seconds(_ value: Value) -> Double? {
  switch value {
  case .integer(let whole): Double(whole)
  case .number(let number): number
  default: nil
  }
}

// MARK: Classes of failures

/// `[status or null, code or the name of botocore's exception, whether it is of the file's class]`.
private func classification(_ row: [Value], _ file: String, _ id: String, _ report: Report) {
  guard !file.contains("modeled") else {
    return report.skip(id, because: "no shape of the service is marked as retryable")
  }
  guard row.count == 3 else { return report.check(id) { "not a row of three" } }
  let event: Retry.Event
  if let status = row[0].integer {
    event = ErrorClass.event(code: row[1].string, status: Int(status))
  } else {
    let name = row[1].string ?? ""
    event = ErrorClass.event(name.contains("Timeout") ? .timedOut : .brokenConnection)
  }
  let wanted: Set<Retry.Event> = file.contains("throttled") ? [.throttled] : [.transient, .timedOut]
  report.check(id) { wanted.contains(event) == (row[2] == true) ? nil : "\(event)" }
}

// MARK: The quota

private func quotaDifference(_ item: Value) -> String? {
  let capacity = Int(item["capacity"]?.integer ?? 500)
  var quota = RetryQuota(capacity: capacity, tokens: item["start"]?.integer.map { Int($0) })
  var call = Retry(maxAttempts: 1_000)
  for step in item["ops"]?.array ?? [] {
    if let failure = step["acquire"]?.string {
      let event: Retry.Event = failure.contains("timeout") ? .timedOut : .transient
      var isTaken = false
      if case .retry = call.next(event, quota: &quota, random: 0) { isTaken = true }
      if let wanted = step["expect"], wanted != .bool(isTaken) { return "acquire \(failure): \(isTaken)" }
    } else if let status = step["release"]?.integer {
      _ = call.next((200..<300).contains(status) ? .success : .permanent, quota: &quota, random: 0)
    }
  }
  let wanted = item["expectCapacity"]?.integer
  return wanted == nil || wanted == Int64(quota.tokens) ? nil : "\(quota.tokens) tokens"
}

// MARK: The header

/// Recorded requests: attempts of one call follow each other when the answer before was an error. The time to live that
/// some carry is not sent.
private func headerDifference(_ trace: Value) -> String? {
  var call = Retry()
  var quota = RetryQuota()
  for event in trace["events"]?.array ?? [] {
    let action = event["action"]
    if let headers = action?["Request"]?["request"]?["headers"] {
      guard let recorded = headers["amz-sdk-request"]?.array?.first?.string else { continue }
      let parts = recorded.split(separator: ";").map { trimmed($0) }.filter { !$0.hasPrefix("ttl=") }
      if parts.joined(separator: "; ") != call.requestHeader {
        return "\(call.requestHeader), not \(recorded)"
      }
    }
    if let answer = action?["Response"]?["response"] {
      let status = Int(answer["Ok"]?["status"]?.integer ?? 500)
      let event: Retry.Event = status < 300 ? .success : ErrorClass.event(code: nil, status: status)
      if case .retry = call.next(event, quota: &quota, random: 1) {} else { call = Retry() }
    }
  }
  return nil
}
