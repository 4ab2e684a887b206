// The broker against a worker that a script has taken over: whatever bytes it sends, the run ends with one clear reason,
// and nothing goes out that the header does not allow.
import AWSCore
import BackupGateway
import Host
import Testing

@testable import Scripts

/// A service that remembers what it was sent and answers when it is told to.
private final class Door: ServiceDoor {
  let facts = SessionFacts(profile: "test", region: "us-east-1", account: nil, endpoint: nil)
  private(set) var sent: [String] = []
  private(set) var cancelled: [UInt64] = []
  /// Of its calls, those that wait before they are sent again.
  var waiting: Set<UInt64> = []
  private var completions: [UInt64: (Result<Response, CallError>) -> Void] = [:]

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    sent.append(request.operation.name)
    completions[UInt64(sent.count)] = completion
    return CallID(number: UInt64(sent.count))
  }

  func cancel(_ id: CallID) {
    cancelled.append(id.number)
    completions[id.number] = nil
  }

  func sendNothingMore(_ id: CallID) -> Bool { completions[id.number] != nil && !waiting.contains(id.number) }

  func answer(_ number: UInt64, _ body: String = "{}") {
    completions.removeValue(forKey: number)?(
      .success(Response(body: Array(body.utf8), requestID: "r", httpStatus: 200, attempts: 1, seconds: 0)))
  }
}

/// A broker with everything around it.
private final class Scene {
  let door = Door()
  private(set) var down: [HostMessage] = []
  private(set) var endings: [Broker.Ending] = []
  private(set) var pauses = 0
  private(set) var broker: Broker?

  init(
    allow: String? = nil, limits: SnippetLimits = SnippetLimits(), permissions: Permissions = Permissions()
  ) {
    let header = try? ScriptHeader(Array((allow.map { "-- @allow \($0)\n" } ?? "").utf8))
    let gate = PermissionGate(permissions)
    gate.tell = { _ in }
    broker = Broker(
      session: Session(label: "test", door: door), gate: gate,
      author: Author(.snippet, name: "s", operations: header?.allowed), limits: limits,
      seams: Broker.Seams(
        send: { [unowned self] bytes in
          var reader = Frame.Reader(largest: Frame.largestDown, mayHavePayload: true)
          reader.append(bytes)
          while let frame = try? reader.next() {
            if let message = try? HostMessage(frame) { down.append(message) }
          }
        },
        end: { [unowned self] in endings.append($0) },
        undisturbed: { [unowned self] body in
          pauses += 1
          body()
        },
        zone: { $0 == "UTC" ? [1, 2] : nil }))
  }

  func say(_ messages: WorkerMessage...) {
    for message in messages { broker?.receive(message.frame.encoded()) }
  }

  /// The codes of the errors that went down.
  var refusals: [String] {
    down.compactMap { if case .failure(_, let error) = $0 { error.code } else { nil } }
  }
}

private let arn = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12A3456B"

@Suite struct BrokerTests {
  private func get(_ number: UInt64) -> WorkerMessage {
    .call(number: number, operation: "GetGateway", parameters: ["GatewayArn": .string(arn)])
  }

  private func delete(_ number: UInt64) -> WorkerMessage {
    .call(number: number, operation: "DeleteGateway", parameters: ["GatewayArn": .string(arn)])
  }

  @Test func anAllowedCallIsSentAndItsAnswerGoesDownAsItCame() {
    let scene = Scene(allow: "GetGateway")
    scene.say(get(1))
    #expect(scene.door.sent == ["GetGateway"])
    scene.door.answer(1, #"{"Gateway":{}}"#)
    guard case .answer(1, let response, false)? = scene.down.first else {
      Issue.record("no answer: \(scene.down)")
      return
    }
    #expect(response.body == Array(#"{"Gateway":{}}"#.utf8))
    #expect(scene.endings.isEmpty)
  }

  @Test(arguments: [nil, "GetGateway", "read"])
  func whatTheHeaderDoesNotNameIsNotSent(_ allow: String?) {
    let scene = Scene(allow: allow)
    scene.say(delete(1))
    #expect(scene.door.sent.isEmpty)
    #expect(scene.refusals == ["NotAllowed"])
    #expect(scene.endings.isEmpty)
  }

  @Test func aHeaderIsNotTheOperatorsYes() {
    let scene = Scene(allow: "DeleteGateway")
    scene.say(delete(1))
    #expect(scene.door.sent.isEmpty)
    #expect(scene.refusals == ["NotAllowed"])
    #expect(scene.pauses == 1)
  }

  @Test func theOperatorsYesSendsIt() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteGateway")]
    let scene = Scene(allow: "DeleteGateway", permissions: permissions)
    scene.say(delete(1))
    #expect(scene.door.sent == ["DeleteGateway"])
  }

  @Test func readOnlyDryRunAndTheHeadersWritesHoldForSharedCode() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteGateway")]
    var limits = SnippetLimits()
    limits.writes = 1
    let bounded = Scene(allow: "DeleteGateway", limits: limits, permissions: permissions)
    bounded.say(delete(1), delete(2))
    #expect(bounded.door.sent == ["DeleteGateway"])
    #expect(bounded.refusals == ["Limit"])

    permissions.isDryRun = true
    let rehearsed = Scene(allow: "DeleteGateway", permissions: permissions)
    rehearsed.say(delete(1))
    #expect(rehearsed.door.sent.isEmpty)
    guard case .answer(1, _, true)? = rehearsed.down.first else {
      Issue.record("a withheld call has a response")
      return
    }

    permissions.isReadOnly = true
    let reading = Scene(allow: "DeleteGateway", permissions: permissions)
    reading.say(delete(1))
    #expect(reading.door.sent.isEmpty)
    #expect(reading.refusals == ["ReadOnly"])
  }

  /// The worker checks too, but a worker in a script's hands need not.
  @Test func parametersAreCheckedAgain() {
    let scene = Scene(allow: "read")
    scene.say(
      .call(number: 1, operation: "GetGateway", parameters: [:]),
      .call(number: 2, operation: "GetGateway", parameters: ["GatewayArn": 5]),
      .call(
        number: 3, operation: "GetGateway",
        parameters: ["GatewayArn": .string(arn), "X-Amz-Target": "x"]),
      .call(number: 4, operation: "ListGateways", parameters: ["MaxResults": 0]),
      .call(number: 5, operation: "ListGateways\0", parameters: [:]),
      .call(number: 6, operation: "listgateways", parameters: [:]),
      .call(number: 7, operation: " ListGateways", parameters: [:]),
      .call(number: 8, operation: "DescribeInstances", parameters: [:]))
    #expect(scene.door.sent.isEmpty)
    #expect(scene.refusals == Array(repeating: "ParamValidation", count: 8))
    #expect(scene.endings.isEmpty)
  }

  @Test func aCancelledCallIsLetGoAndALateOneDoesNoHarm() {
    let scene = Scene(allow: "read")
    scene.say(get(1), .cancel(number: 1), .cancel(number: 1))
    #expect(scene.door.cancelled == [1])
    scene.door.answer(1)
    #expect(scene.down.isEmpty)
    #expect(scene.endings.isEmpty)
  }

  @Test func garbageEndsTheRunWithOneReason() {
    let garbage: [[UInt8]] = [
      Array("GET / HTTP/1.1\r\n\r\n".utf8), Array(repeating: 0xFF, count: 64), Array(repeating: 0, count: 8),
      Frame(head: ["kind": "shutdown"]).encoded(), Frame(head: ["kind": 3]).encoded(),
      Frame(head: ["kind": "call", "number": -1, "target": 0, "operation": "GetGateway", "parameters": [:]])
        .encoded(),
      Frame(head: ["kind": "call", "number": 1, "target": 0, "operation": "GetGateway"]).encoded(),
      Frame(head: ["kind": "ended", "code": 256]).encoded(), Frame(head: ["kind": "ended"]).encoded(),
      Frame(head: ["kind": "rested"], payload: [1]).encoded(),
    ]
    for bytes in garbage {
      let scene = Scene(allow: "read")
      scene.broker?.receive(bytes)
      scene.broker?.receive(bytes)
      scene.say(get(1), .ended(code: 0))
      #expect(scene.endings.count == 1, "\(bytes)")
      guard case .broken? = scene.endings.first else {
        Issue.record("\(scene.endings)")
        continue
      }
      #expect(scene.door.sent.isEmpty)
    }
  }

  @Test func numbersThatAreUsedTwiceOrNeverEndTheRun() {
    for messages in [
      [get(1), get(1)], [get(5), get(4)], [.cancel(number: 1)], [get(0)],
      [.call(number: 1, operation: "ListGateways", parameters: [:], target: 1)],
      [.call(number: 1, operation: "ListGateways", parameters: [:], target: -1)],
    ] {
      let scene = Scene(allow: "read")
      for message in messages { scene.say(message) }
      #expect(scene.endings.count == 1)
    }
  }

  @Test func aFloodOfCallsEndsTheRun() {
    var limits = SnippetLimits()
    limits.calls = 3
    let bounded = Scene(allow: "read", limits: limits)
    for number in 1...5 { bounded.say(get(UInt64(number))) }
    #expect(bounded.door.sent.count == 3)
    #expect(bounded.endings.count == 1)

    limits.calls = 100_000
    let wide = Scene(allow: "read", limits: limits)
    for number in 1...1_000 { wide.say(get(UInt64(number))) }
    #expect(wide.door.sent.count == Broker.mostAtOnce)
    #expect(wide.endings == [.limit("had more than 256 calls under way at once")])
  }

  @Test func nothingIsHeardAfterTheEnd() {
    let scene = Scene(allow: "read")
    scene.say(.ended(code: 3), get(1), .ended(code: 4))
    #expect(scene.endings == [.ended(3)])
    #expect(scene.door.sent.isEmpty)
  }

  @Test func aWriteThatWasSentIsKnownUntilItsAnswerComes() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteGateway")]
    let scene = Scene(allow: "read DeleteGateway", permissions: permissions)
    scene.say(get(1), delete(2))
    scene.broker?.stop()
    #expect(scene.door.cancelled == [1])
    #expect(scene.broker?.writesUnderWay == ["DeleteGateway"])
    scene.door.answer(2)
    #expect(scene.broker?.writesUnderWay == [])
    #expect(scene.down.isEmpty)
  }

  /// A script that fails lets go of what its other tasks have under way; a write of theirs may be carried out for all
  /// that, so what became of it is not left unknown.
  @Test func aWriteThatTheScriptLetsGoOfIsHeardOut() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteGateway")]
    let scene = Scene(allow: "DeleteGateway", permissions: permissions)
    scene.say(delete(1), .cancel(number: 1))
    #expect(scene.door.cancelled == [])
    #expect(scene.broker?.writesUnderWay == ["DeleteGateway"])
    scene.door.answer(1)
    #expect(scene.broker?.writesUnderWay == [])
    #expect(scene.endings == [])
  }

  @Test func aWriteThatWouldBeSentAgainIsNotAfterTheEnd() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteGateway")]
    let scene = Scene(allow: "DeleteGateway", permissions: permissions)
    scene.say(delete(1), delete(2))
    scene.door.waiting = [2]
    scene.broker?.stop()
    #expect(scene.door.cancelled == [2])
    #expect(scene.broker?.writesUnderWay == ["DeleteGateway"])
  }

  /// A worker that was killed, by Ctrl-C or a limit, may have asked for more than was looked at by then.
  @Test func nothingIsBegunForAWorkerThatIsGone() throws {
    var permissions = Permissions()
    permissions.allowed = [try AllowRule("DeleteGateway")]
    let crashed = Scene(allow: "DeleteGateway", permissions: permissions)
    crashed.say(delete(1))
    let last = [delete(2), .zone(number: 3, name: "UTC"), .ended(code: 7)].flatMap { $0.frame.encoded() }
    crashed.broker?.receiveLast(last)
    #expect(crashed.door.sent.count == 1)
    #expect(crashed.down.isEmpty)
    #expect(crashed.endings == [.ended(7)], "how it ended is heard")

    let stopped = Scene(allow: "DeleteGateway", permissions: permissions)
    stopped.broker?.stop()
    stopped.say(delete(1))
    #expect(stopped.door.sent.isEmpty)
  }

  @Test func zonesAreAnsweredAndBounded() {
    let scene = Scene()
    scene.say(.zone(number: 1, name: "UTC"), .zone(number: 2, name: "../../etc/passwd"))
    guard case .zone(1, [1, 2])? = scene.down.first, case .zone(2, [])? = scene.down.last else {
      Issue.record("\(scene.down)")
      return
    }
    for number in 3...3_000 { scene.say(.zone(number: UInt64(number), name: "UTC")) }
    #expect(scene.endings.count == 1)
  }

  /// Bytes by chance, and frames with a byte changed: never a trap, never more than one end.
  @Test func whateverBytesComeTheHostSurvives() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let scene = Scene(allow: "read")
      var bytes = [get(1), get(2), .zone(number: 3, name: "UTC"), .cancel(number: 1), .ended(code: 0)]
        .flatMap { $0.frame.encoded() }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = min(rest.count, Int.random(in: 1...200, using: &random))
        scene.broker?.receive(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
      #expect(scene.endings.count <= 1)
      #expect(scene.door.sent.allSatisfy { $0 == "GetGateway" })
    }
  }
}
