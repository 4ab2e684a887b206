// The clock-skew suite: which refusals are blamed on the clock, and how calls fare whose clock is wrong. Refusals and
// sequences go through the client.
import AWSCore
import BackupGateway
import TestSupport
import Testing

@Test func clockSkewConformance() {
  conformance("clock-skew") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      let file = String(path.dropFirst(report.folder.count + 1).dropLast(".json".count))
      let content = Conformance.json(path)
      for (index, item) in (content?["cases"]?.array ?? content?.array ?? []).enumerated() {
        report.check("\(file)#\(index) \(item["name"]?.string ?? "")") {
          item["calls"] != nil
            ? try sequenceDifference(item)
            : item["expect"] != nil ? try refusalDifference(item) : detectionDifference(item)
        }
      }
    }
  }
}

/// One refusal, judged by itself.
private func detectionDifference(_ item: Value) -> String? {
  guard let client = item["client"]?.string.flatMap({ Timestamp(iso8601: $0) }) else { return "no time" }
  let server = item["server"]?.string.flatMap { Timestamp(iso8601: $0) }
  var skew = ClockSkew()
  let isSkewed = skew.learn(
    code: item["code"]?.string ?? "", clock: client, signedAt: client,
    date: server?.httpDate ?? item["dateHeader"]?.string)
  if item["skewed"] != .bool(isSkewed) { return "skewed: \(isSkewed)" }
  let offset = item["offsetSeconds"]?.integer
  return offset == nil || offset == skew.offset / 1_000_000 ? nil : "offset \(skew.offset)"
}

/// One refused request and what becomes of the call.
private func refusalDifference(_ item: Value) throws -> String? {
  let service = SkewedService()
  let status = Int(item["status"]?.integer ?? 403)
  let code = item["code"]?.string ?? "InvalidSignatureException"
  service.now = item["xAmzDate"]?.string.flatMap(basicDate) ?? service.now
  service.answer = { _, attempt in
    guard attempt == 1 else { return HTTPResponse(status: 200, body: Array("{}".utf8)) }
    var refusal = HTTPResponse(status: status, body: Array(#"{"__type":"\#(code)"}"#.utf8))
    refusal.headers["Date"] = item["dateHeader"]?.string
    return refusal
  }
  let (succeeds, attempts) = try service.call(service.client(maxAttempts: 3))
  switch item["expect"]?.string {
  case "retry-and-succeed": return succeeds && attempts == 2 ? nil : "\(attempts) attempts"
  case "error": return !succeeds && attempts == 1 ? nil : "\(attempts) attempts"
  default: return "an expectation that the driver does not know"
  }
}

/// Calls of one client, one after the other, to a server whose clock is off and which refuses what is signed more than
/// four minutes from it.
private func sequenceDifference(_ item: Value) throws -> String? {
  let offsets = item["serverOffset"]?.array?.compactMap(\.integer) ?? [item["serverOffset"]?.integer ?? 0]
  let calls = item["calls"]?.array ?? []
  let service = SkewedService()
  let client = try service.client(maxAttempts: Int(item["maxAttempts"]?.integer ?? 3))
  for (index, wanted) in calls.enumerated() {
    let offset = offsets.isEmpty ? 0 : offsets[min(index, offsets.count - 1)]
    service.answer = { [unowned service] request, _ in
      let server = Timestamp(microseconds: service.now.microseconds + offset * 1_000_000)
      let signed = request.headers["X-Amz-Date"].flatMap(basicDate) ?? service.now
      let difference = (signed.microseconds - server.microseconds).magnitude
      let isRefused = difference > 240_000_000
      return HTTPResponse(
        status: isRefused ? 403 : 200, headers: ["Date": server.httpDate],
        body: Array((isRefused ? #"{"__type":"RequestTimeTooSkewed"}"# : "{}").utf8))
    }
    let (succeeds, attempts) = try service.call(client)
    if Int64(attempts) != wanted["attempts"]?.integer || .bool(succeeds) != wanted["ok"] {
      return "call \(index + 1): \(attempts) attempts, \(succeeds)"
    }
  }
  return nil
}

/// `20231006T131604Z`.
func basicDate(_ text: String) -> Timestamp? {
  guard text.utf8.count == 16 else { return nil }
  let digits = text.compactMap(\.wholeNumberValue)
  guard digits.count == 14 else { return nil }
  func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
  return Timestamp(
    year: number(0..<4), month: number(4..<6), day: number(6..<8), hour: number(8..<10),
    minute: number(10..<12), second: number(12..<14))
}

/// A network with one server, and the event loop's clock.
private final class SkewedService: Transport, Timers {
  var now = Timestamp(year: 2023, month: 10, day: 6, hour: 20, minute: 20, second: 50)
  let monotonicSeconds = 0.0
  /// What the server answers to a request, and to which attempt of the call.
  var answer: (HTTPRequest, Int) -> HTTPResponse = { _, _ in HTTPResponse(status: 200, body: Array("{}".utf8))
  }
  private var attempts = 0
  private var due: [() -> Void] = []

  func start(
    _ request: HTTPRequest, limits: TransferLimits,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) -> TransferID {
    attempts += 1
    let answer = answer(request, attempts)
    due.append { completion(.success(answer)) }
    return TransferID(UInt64(attempts))
  }

  func cancel(_ transfer: TransferID) {}
  func cancel(_ timer: TimerID) {}

  func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
    due.append(body)
    return TimerID(0)
  }

  func client(maxAttempts: Int) throws -> Client {
    let settings = try Settings.resolve(
      environment: Environment(variables: [
        "AWS_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": String(maxAttempts),
      ]))
    let keys = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret", source: "the test")
    return Client(
      settings: settings, caller: ServiceCaller(settings: settings, transport: self, timers: self),
      credentials: CredentialChain([StaticCredentials(keys)]))
  }

  /// Calls an operation and turns the loop until it is done.
  func call(_ client: Client) throws -> (succeeds: Bool, attempts: Int) {
    attempts = 0
    var succeeds = false
    let operation = try #require(Service.operation("ListGateways"))
    _ = client.start(try Request(operation, [:])) { result in succeeds = (try? result.get()) != nil }
    while !due.isEmpty { due.removeFirst()() }
    return (succeeds, attempts)
  }
}
