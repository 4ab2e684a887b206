// Faults on demand: the rules as they are written, which calls they strike, and what a call is answered then.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct FaultRuleTests {
  private func problem(_ text: String) -> String? {
    do throws(FaultRuleError) {
      _ = try FaultRule(text)
      return nil
    } catch {
      return error.message
    }
  }

  @Test(arguments: [
    "throttle=10/s", "throttle:ListVirtualMachines=100/m", "throttle=1.5/h", "latency=20ms", "latency=0s",
    "latency=20ms..200ms", "latency-after=1.5s", "latency:GetGateway=p50=20ms,p90=80ms,p99=1s",
    "latency=1m30s",
    "error500=5%", "error500=0.1%", "error500-after=next:2", "error503=always", "expired-token=next:1",
    "reset:GetGateway+ListGateways=next:2", "reset-after=100%", "truncate=next:1", "skew=+20m", "skew=-1h",
  ])
  func rulesAreRead(text: String) throws { #expect(try FaultRule(text).text == text) }

  @Test func aRuleConcernsTheOperationsItNames() throws {
    let two = try FaultRule("reset:GetGateway+ListGateways=always")
    #expect(two.concerns("GetGateway") && two.concerns("ListGateways") && !two.concerns("ListHypervisors"))
    #expect(try FaultRule("reset=always").concerns("ListHypervisors"))
  }

  @Test(arguments: [
    ("", "there is no fault ''; there is throttle, latency,"),
    ("rest=always", "there is no fault 'rest'; did you mean reset?"),
    ("reset", "reset needs an argument, as in reset=5%, next:2 or always"),
    ("reset=", "reset takes WHEN as in 5%, next:2 or always, not ''"),
    ("reset=sometimes", "reset takes WHEN"), ("reset=101%", "reset takes WHEN"),
    ("reset=-1%", "reset takes WHEN"), ("reset=nan%", "reset takes WHEN"),
    ("reset=next:0", "reset takes WHEN"),
    ("reset=next:-1", "reset takes WHEN"), ("reset=next:99999999999999999999", "reset takes WHEN"),
    ("reset:DrinkTea=always", "the service has no operation 'DrinkTea'"),
    ("reset:ListGateway=always", "the service has no operation 'ListGateway'; did you mean ListGateways?"),
    ("reset:=always", "the service has no operation ''"),
    ("reset:GetGateway+=always", "the service has no operation ''"),
    ("throttle=10", "throttle takes RATE as in 10/s, not '10'"), ("throttle=0/s", "throttle takes RATE"),
    ("throttle=1/ms", "throttle takes RATE"), ("throttle=inf/s", "throttle takes RATE"),
    ("latency=20", "latency takes TIME as in 20ms, 20ms..200ms or p50=20ms,p99=1s, not '20'"),
    ("latency=200ms..20ms", "latency takes TIME"), ("latency=p99=1s,p50=20ms", "latency takes TIME"),
    ("latency=p50=1s,p99=20ms", "latency takes TIME"), ("latency=p101=1s", "latency takes TIME"),
    ("latency=-1s", "latency takes TIME"), ("latency=1e400s", "latency takes TIME"),
    ("latency=999999999w", "latency takes TIME"), ("skew=never", "skew takes SHIFT as in +20m or -1h"),
  ])
  func whatIsNoRuleSaysWhy(text: String, expected: String) {
    #expect(problem(text)?.hasPrefix(expected) == true, "\(problem(text) ?? "accepted")")
  }

  /// Spelled wrong in any way, a rule is refused and nothing traps.
  @Test func noTextIsTooMuch() {
    let pieces = [
      "reset", "latency", "p50", "=", ":", "..", "next:", "%", "9", "1e9", "ms", "+", "-", "é", "\0",
    ]
    var chance = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...6, using: &chance)).map { _ in
        pieces.randomElement(using: &chance) ?? ""
      }.joined()
      _ = problem(text)
    }
  }
}

struct FaultTests {
  private let read: Value = [:]

  private func answer(_ reply: Reply) throws -> Answer { try Answer(reply.response) }

  /// An operation that counts how often it was carried out.
  private func counted(_ faults: String...) throws -> (TestWorld, Lines) {
    let carriedOut = Lines()
    let world = try TestWorld(
      faults: faults,
      operations: [
        "ListGateways": { call in
          carriedOut.append(call.operation.name)
          return ["Gateways": []]
        },
        "ListHypervisors": { _ in ["Hypervisors": []] },
      ])
    return (world, carriedOut)
  }

  @Test(arguments: [
    ("error500=always", 500, serviceError("InternalServerException"), 0),
    ("error500-after=always", 500, serviceError("InternalServerException"), 1),
    ("error503=always", 503, frameworkError("ServiceUnavailableException"), 0),
    ("expired-token=always", 400, frameworkError("ExpiredTokenException"), 0),
    ("denied=always", 400, frameworkError("AccessDeniedException"), 0),
  ])
  func anErrorComesBeforeOrAfterTheOperation(rule: String, status: Int, error: String, carriedOut: Int) throws
  {
    let (world, done) = try counted(rule)
    let answer = try world.call("ListGateways")
    #expect(answer.status == status && answer.error == error)
    #expect(done.all.count == carriedOut)
    #expect(answer.headers["x-amzn-RequestId"] != nil)
  }

  @Test(arguments: [("reset=always", 0), ("reset-after=always", 1)])
  func aResetComesBeforeOrAfterTheOperation(rule: String, carriedOut: Int) throws {
    let (world, done) = try counted(rule)
    #expect(world.take("ListGateways").reply.delivery == .reset)
    #expect(done.all.count == carriedOut)
  }

  @Test func aTruncatedAnswerIsHalfOfTheBody() throws {
    let world = try TestWorld(faults: ["truncate=next:1"])
    let short = world.take("ListGateways").reply
    #expect(short.delivery == .cutShort)
    #expect(short.bodyAsSent.count == short.response.body.count / 2)
    #expect(world.take("ListGateways").reply.delivery == .whole)
  }

  @Test func theNextCallsAreCountedByOperation() throws {
    let (world, _) = try counted("error500:ListGateways=next:2")
    let statuses = try (0..<4).map { _ in try world.call("ListGateways").status }
    #expect(statuses == [500, 500, 200, 200])
    #expect(try world.call("ListHypervisors").status == 200)
  }

  /// What is refused anyway, because of its signature, uses up no fault.
  @Test func onlyCallsOfKnownCallersAreStruck() throws {
    let (world, _) = try counted("error500=next:1")
    var stranger = builtIn
    stranger.accessKeyID = "NOBODY"
    #expect(
      try world.call("ListGateways", key: stranger).error == frameworkError("UnrecognizedClientException"))
    #expect(try world.call("ListGateways").status == 500)
  }

  @Test func theFirstRuleThatStrikesDecides() throws {
    let (world, _) = try counted("error503=next:1", "error500=next:1")
    let statuses = try (0..<3).map { _ in try world.call("ListGateways").status }
    #expect(statuses == [503, 500, 200])
  }

  @Test func latencyIsFixedOrBetweenOrFollowsPercentiles() throws {
    func pauses(_ rule: String) throws -> [Duration] {
      let (world, _) = try counted(rule)
      return (0..<400).map { _ in world.take("ListGateways").waited }
    }
    #expect(try Set(pauses("latency=20ms")) == [.milliseconds(20)])
    let between = try pauses("latency=20ms..200ms")
    #expect(between.allSatisfy { (.milliseconds(20)...(.milliseconds(200))).contains($0) })
    #expect(Set(between).count > 300)
    let shares = try pauses("latency=p50=20ms,p90=80ms,p99=1s")
    func share(within limit: Duration) -> Double {
      Double(shares.count { $0 <= limit }) / Double(shares.count)
    }
    #expect((0.4...0.6).contains(share(within: .milliseconds(20))))
    #expect((0.85...0.95).contains(share(within: .milliseconds(80))))
    #expect(share(within: .seconds(1)) == 1)
  }

  /// The difference shows to whoever does not wait for the answer.
  @Test func latencyIsBeforeOrAfterTheOperation() throws {
    for (rule, carriedOut) in [("latency=20ms", 0), ("latency-after=20ms", 1)] {
      let (world, done) = try counted(rule)
      var request = unsigned("ListGateways")
      SigV4(service: "backup-gateway", region: "us-east-1").sign(&request, with: builtIn, at: world.clock.now)
      guard case .pause(let pause, let next) = world.responder.begin(request) else {
        Issue.record("\(rule) makes no pause")
        continue
      }
      #expect(pause == .milliseconds(20))
      #expect(done.all.count == carriedOut)
      guard case .reply(let reply) = next() else {
        Issue.record("\(rule) makes two pauses")
        continue
      }
      #expect(reply.response.status == 200)
      #expect(done.all.count == 1)
    }
  }

  @Test func pausesAddUp() throws {
    let (world, _) = try counted("latency=20ms", "latency=5ms", "latency-after=1s", "error500-after=always")
    let (reply, waited) = world.take("ListGateways")
    #expect(waited == .milliseconds(1_025))
    #expect(reply.response.status == 500)
  }

  @Test func aRateIsABucketForEachOperationAndWorld() throws {
    let (world, done) = try counted("throttle=3/s")
    func codes(_ count: Int, _ operation: String = "ListGateways", region: String = "us-east-1") throws
      -> [String?]
    {
      try (0..<count).map { _ in try world.call(operation, region: region).error }
    }
    let throttled = serviceError("ThrottlingException")
    #expect(try codes(5) == [nil, nil, nil, throttled, throttled])
    #expect(done.all.count == 3)
    #expect(try codes(3, "ListHypervisors") == [nil, nil, nil])
    #expect(try codes(3, region: "eu-central-1") == [nil, nil, nil])
    world.clock.advance(1)
    #expect(try codes(4) == [nil, nil, nil, throttled])
    world.clock.advance(3_600)
    #expect(try codes(4) == [nil, nil, nil, throttled], "an idle hour is no stock for later")
    let refused = try world.call("ListGateways")
    #expect(refused.status == 400)
    #expect(refused.body["Message"] == "Rate exceeded" && refused.body["ErrorCode"] == "Throttling")
  }

  /// The client's clock is right and the server's is not: the error says both times, as AWS's does.
  @Test func aSkewedClockRefusesGoodSignatures() throws {
    let (world, _) = try counted("skew=+20m")
    let answer = try world.call("ListGateways")
    #expect(answer.error == frameworkError("InvalidSignatureException"))
    #expect(
      answer.message == "Signature expired: 20260314T092600Z is now earlier than 20260314T093100Z "
        + "(20260314T094600Z - 15 min.)")
    #expect(answer.headers["Date"] == "Sat, 14 Mar 2026 09:46:00 GMT")
    let (early, _) = try counted("skew=-20m")
    #expect(try early.call("ListGateways").message.hasPrefix("Signature not yet current") == true)
  }

  @Test func theSameSeedStrikesTheSameCalls() throws {
    func statuses(seed: Int64, _ rules: String...) throws -> [Int] {
      let (world, _) = try counted()
      world.responder.faults.set(try rules.map { try FaultRule($0) }, seed: seed)
      return try (0..<200).map { _ in try world.call("ListGateways").status }
    }
    let once = try statuses(seed: 7, "error500=30%")
    #expect((30...90).contains(once.count { $0 == 500 }))
    #expect(try statuses(seed: 7, "error500=30%") == once)
    #expect(try statuses(seed: 8, "error500=30%") != once)
    #expect(try statuses(seed: 7, "error500=30%", "latency=1ms..9ms") == once, "rules draw for themselves")
  }

  @Test func bothProtocolsAreStruck() throws {
    let world = try TestWorld(faults: ["throttle=1/h"])
    #expect(try world.call("ListGateways").status == 200)
    var request = HTTPRequest(
      method: "POST",
      url: URLParts(
        scheme: "http", host: "127.0.0.1", path: "/service/BackupOnPremises_v20210101/operation/ListGateways"),
      headers: ["Host": "127.0.0.1", "Smithy-Protocol": "rpc-v2-cbor"])
    SigV4(service: "backup-gateway", region: "us-east-1").sign(&request, with: builtIn, at: world.clock.now)
    let answer = world.responder.respond(to: request)
    #expect(answer.status == 429)
    #expect(try CBOR.decode(answer.body)["__type"]?.string == serviceError("ThrottlingException"))
  }
}

struct DurationTests {
  @Test(
    arguments: [
      ("20ms", 20_000), ("1s", 1_000_000), ("1.5s", 1_500_000), ("2m", 120_000_000), ("1h30m", 5_400_000_000),
      ("7d12h", 648_000_000_000), ("1w", 604_800_000_000), ("0s", 0),
    ] as [(String, Int64)])
  func durationsAreRead(text: String, microseconds: Int64) {
    #expect(Duration(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "", "5", "ms", "5 ms", "-5ms", "+5ms", "5x", "1.2.3s", ".5s", "5.s", "1e3s", "٥s", "200y", "101000w",
  ])
  func othersAreRefused(text: String) { #expect(Duration(text) == nil) }

  @Test func aSignIsTakenWhereItMeansSomething() {
    #expect(Duration("+20m", signed: true)?.microseconds == 1_200_000_000)
    #expect(Duration("-1h", signed: true)?.microseconds == -3_600_000_000)
    #expect(Duration("20m", signed: true)?.microseconds == 1_200_000_000)
    #expect(Duration("--1h", signed: true) == nil && Duration("-", signed: true) == nil)
  }
}
