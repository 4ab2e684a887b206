// The socket: what raw bytes are answered with. Requests are written by hand, so that no client's habits hide
// a fault.
import AWSCore
import Glibc
import Testing

@testable import LocalGateway

@Suite(.serialized)
struct ServerTests {
  let gateway: LocalGateway
  init() throws { gateway = try LocalGateway.start(.init(virtualMachines: 1_000)) }

  private let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

  private func wire(
    _ operation: String, _ body: String = "{}", extra: String = "", to other: LocalGateway? = nil
  ) -> String {
    signedOnTheWire(operation, body, extra: extra, to: other ?? gateway)
  }

  @Test func theEndpointAnswers() throws {
    #expect(gateway.endpoint == "http://127.0.0.1:\(gateway.port)" && gateway.port > 0)
    let socket = try Socket(gateway.port)
    socket.write(health)
    let answer = try socket.response()
    #expect(answer.status == 200 && answer.body == "ok")
  }

  @Test func theReadyLineIsWhatAClientNeeds() throws {
    let line = try JSON.decode(Array(gateway.readyLine.utf8))
    #expect(line["endpoint"]?.string == gateway.endpoint)
    #expect(line["region"] == "us-east-1" && line["account"] == "123456789012")
    #expect(line["access_key_id"] == "MOONGATELOCAL" && line["secret_access_key"] == "moongate-local-secret")
    #expect(line["pid"] == .integer(Int64(getpid())))
  }

  @Test func aConnectionCarriesManyRequests() throws {
    let socket = try Socket(gateway.port)
    for _ in 0..<50 {
      socket.write(wire("ListGateways"))
      #expect(try socket.response().status == 200)
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let socket = try Socket(gateway.port)
    socket.write(wire("ListGateways") + health + wire("ListHypervisors") + wire("DrinkTea") + health)
    #expect(try socket.response().body.contains("\"Gateways\""))
    #expect(try socket.response().body == "ok")
    #expect(try socket.response().body.contains("\"Hypervisors\""))
    #expect(try socket.response().status == 400)
    #expect(try socket.response().body == "ok")
  }

  @Test func aFloodOfPipelinedRequestsIsSurvived() throws {
    let socket = try Socket(gateway.port)
    let count = 3_000
    let flood = String(repeating: health, count: count)
    let writer = Thread { socket.write(flood) }
    for _ in 0..<count { try #require(try socket.response().body == "ok") }
    writer.join()
  }

  /// 5 000 pages of some 80 kB are asked for and none is read: the server stops reading before they pile up.
  @Test func aClientThatDoesNotReadIsNotReadFrom() throws {
    let socket = try Socket(gateway.port)
    let page = wire("ListVirtualMachines", #"{"MaxResults":300}"#)
    #expect(socket.writeWithoutWaiting(String(repeating: page, count: 5_000)) < 5_000 * page.utf8.count)
    let other = try Socket(gateway.port)
    other.write(health)
    #expect(try other.response().body == "ok")
  }

  @Test func aRequestMayArriveByteByByte() throws {
    let socket = try Socket(gateway.port)
    for byte in wire("ListGateways").utf8 { socket.write(String(UnicodeScalar(byte))) }
    #expect(try socket.response().status == 200)
  }

  @Test func aLargePageArrivesWhole() throws {
    let socket = try Socket(gateway.port)
    socket.write(wire("ListVirtualMachines", #"{"MaxResults":1000}"#))
    let answer = try socket.response()
    #expect(try JSON.decode(Array(answer.body.utf8))["VirtualMachines"]?.array?.count == 1_000)
  }

  @Test func aChunkedBodyIsRead() throws {
    let socket = try Socket(gateway.port)
    let whole = wire("ListGateways", #"{"MaxResults":1}"#)
    let head = whole.replacing("Content-Length: 16\r\n", with: "Transfer-Encoding: chunked\r\n")
      .dropLast(16)
    socket.write(head + "1\r\n{\r\nf\r\n\"MaxResults\":1}\r\n0\r\n\r\n")
    #expect(try socket.response().status == 200)
  }

  @Test func aClientThatAsksBeforeItSendsIsAnswered() throws {
    let socket = try Socket(gateway.port)
    let request = wire("ListGateways", extra: "Expect: 100-continue\r\n")
    socket.write(String(request.dropLast(2)))
    #expect(try socket.response(bodyless: true).status == 100)
    socket.write("{}")
    #expect(try socket.response().status == 200)
  }

  @Test func aBodyThatIsTooLargeIsRefusedBeforeItIsRead() throws {
    let socket = try Socket(gateway.port)
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n")
    let answer = try socket.response()
    #expect(answer.status == 413 && answer.head.contains("Connection: close"))
    #expect(socket.isAtEnd())
  }

  @Test func aClientThatSendsItAllTheSameStillReadsTheRefusal() throws {
    let socket = try Socket(gateway.port)
    let body = String(repeating: "x", count: 10 << 20)
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n\r\n\(body)")
    #expect(try socket.response().status == 413)
  }

  @Test func chunksThatAddUpToTooMuchAreRefused() throws {
    let socket = try Socket(gateway.port)
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = "40000\r\n" + String(repeating: "x", count: 0x40000) + "\r\n"
    for _ in 0..<5 { socket.write(chunk) }
    #expect(try socket.response().status == 413)
  }

  @Test func headersWithoutBoundAreRefused() throws {
    let long = try Socket(gateway.port)
    long.write(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n")
    #expect(try long.response().status == 431)
    let many = try Socket(gateway.port)
    many.write(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "X: x\r\n", count: 1_000))\r\n")
    #expect(try many.response().status == 431)
  }

  @Test(arguments: [
    "rubbish\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "\u{16}\u{3}\u{1}\u{2}\0\u{1}",
  ])
  func whatIsNotHTTPIsRefusedReadably(text: String) throws {
    let socket = try Socket(gateway.port)
    socket.write(text)
    let answer = try socket.response()
    #expect(answer.status == 400)
    #expect(answer.head.contains("Server: Moongate local gateway (emulator)"))
    #expect(answer.body.hasPrefix("The request is not HTTP/1.1"))
    #expect(socket.isAtEnd())
  }

  @Test func aClientThatWantsToCloseIsObeyed() throws {
    let modern = try Socket(gateway.port)
    modern.write(wire("ListGateways", extra: "Connection: close\r\n"))
    #expect(try modern.response().head.contains("Connection: close"))
    #expect(modern.isAtEnd())
    let old = try Socket(gateway.port)
    old.write("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    #expect(try old.response().body == "ok")
    #expect(old.isAtEnd())
  }

  @Test func aHeadRequestHasNoBody() throws {
    let socket = try Socket(gateway.port)
    socket.write("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + health)
    let answer = try socket.response(bodyless: true)
    #expect(answer.status == 200 && answer.head.contains("Content-Length: 2"))
    #expect(try socket.response().body == "ok")
  }

  @Test func aWebPageIsRefused() throws {
    let socket = try Socket(gateway.port)
    socket.write(
      "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n")
    #expect(try socket.response().status == 403)
  }

  /// Bytes that trickle in do not keep a connection: what counts is a whole request.
  @Test func aClientThatIsTooSlowIsCutOff() throws {
    let server = try Server(
      Responder(
        store: LocalGateway.store(.init(seed: .empty)), keys: [builtInKey],
        clock: ServerClock({ Timestamp.systemNow() })),
      port: 0, patience: 1)
    defer { server.stop() }
    let idle = try Socket(server.port)
    let slow = try Socket(server.port)
    let begun = Timestamp.systemNow().epochSeconds
    for byte in "POST / HTTP".utf8 {
      slow.write(String(UnicodeScalar(byte)))
      usleep(150_000)
    }
    #expect(idle.isAtEnd() && slow.isAtEnd())
    #expect(Timestamp.systemNow().epochSeconds - begun < 5)
  }

  @Test func stoppingClosesThePortAndIdleConnections() throws {
    let socket = try Socket(gateway.port)
    socket.write(health)
    _ = try socket.response()
    let start = Timestamp.systemNow()
    gateway.stop()
    gateway.stop()
    #expect(Timestamp.systemNow().epochSeconds - start.epochSeconds < 1)
    #expect(socket.isAtEnd())
    #expect(throws: SocketError.self) { try Socket(gateway.port) }
  }

  @Test func aClientInTheMiddleOfARequestDoesNotHoldUpTheStop() throws {
    let socket = try Socket(gateway.port)
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
    usleep(50_000)
    let start = Timestamp.systemNow()
    gateway.stop()
    #expect(Timestamp.systemNow().epochSeconds - start.epochSeconds < 4)
  }

  /// A call that takes its time is answered, and told that the connection ends.
  @Test func stoppingLetsACallUnderWayEnd() throws {
    let slow = try LocalGateway.start(.init(virtualMachines: 0), faults: ["latency:ListGateways=1s"])
    let socket = try Socket(slow.port)
    socket.write(wire("ListGateways", to: slow))
    usleep(200_000)
    let start = Timestamp.systemNow()
    slow.stop()
    #expect(Timestamp.systemNow().epochSeconds - start.epochSeconds < 5)
    let answer = try socket.response()
    #expect(answer.status == 200 && answer.head.contains("Connection: close"))
    #expect(socket.isAtEnd())
  }

  /// Whatever is still under way after 5 seconds is given up.
  @Test func stoppingDoesNotWaitForEver() throws {
    let slow = try LocalGateway.start(.init(virtualMachines: 0), faults: ["latency=1h"])
    let socket = try Socket(slow.port)
    socket.write(wire("ListGateways", to: slow))
    usleep(200_000)
    let start = Timestamp.systemNow()
    slow.stop()
    #expect((4...20).contains(Timestamp.systemNow().epochSeconds - start.epochSeconds))
  }

  @Test func tooManyConnectionsAreTurnedAwayAndTheOthersServed() throws {
    let first = try Socket(gateway.port)
    first.write(health)
    #expect(try first.response().body == "ok")
    var sockets = try (1..<Connections.limit).map { _ in try Socket(gateway.port) }
    let late = try Socket(gateway.port)
    late.write(health)
    let answer = try late.response()
    #expect(answer.status == 503 && answer.body == "There are too many connections.")
    #expect(late.isAtEnd())
    first.write(health)
    #expect(try first.response().body == "ok")
    #expect(sockets.count == Connections.limit - 1)
    sockets = []
    usleep(200_000)
    let next = try Socket(gateway.port)
    next.write(health)
    #expect(try next.response().body == "ok")
  }

  // MARK: Faults on the wire

  @Test func aResetIsAResetOnTheWire() throws {
    let faulty = try LocalGateway.start(.init(virtualMachines: 0), faults: ["reset=next:1"])
    let socket = try Socket(faulty.port)
    socket.write(wire("ListGateways", to: faulty))
    #expect(socket.isReset())
    let next = try Socket(faulty.port)
    next.write(wire("ListGateways", to: faulty))
    #expect(try next.response().status == 200)
  }

  @Test func aTruncatedAnswerEndsInTheMiddle() throws {
    let faulty = try LocalGateway.start(.init(virtualMachines: 0), faults: ["truncate=next:1"])
    let socket = try Socket(faulty.port)
    socket.write(wire("ListGateways", to: faulty))
    let parts = socket.rest().split(separator: "\r\n\r\n", maxSplits: 1)
    let head = try #require(parts.first)
    let line = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") })
    let length = try #require(Int(line.dropFirst(16)))
    #expect(parts[1].utf8.count == length / 2 && length > 100)
  }

  @Test func whoWaitsDoesNotHoldUpOthers() throws {
    let slow = try LocalGateway.start(.init(virtualMachines: 0), faults: ["latency:ListGateways=2s"])
    let waiting = try Socket(slow.port)
    // The second request of the same connection is answered after the first, as HTTP demands.
    waiting.write(wire("ListGateways", to: slow) + health)
    let other = try Socket(slow.port)
    let start = Timestamp.systemNow()
    other.write(health)
    #expect(try other.response().body == "ok")
    #expect(Timestamp.systemNow().epochSeconds - start.epochSeconds < 1.5)
    #expect(try waiting.response().body.contains("Gateways"))
    #expect(try waiting.response().body == "ok")
  }

  /// The server takes its time, the client has gone: the call is carried out all the same, and nothing breaks.
  @Test func whoGoesAwayMeanwhileIsNotMissed() throws {
    let lines = Lines()
    let slow = try LocalGateway.start(
      .init(virtualMachines: 0), faults: ["latency=300ms"],
      log: AccessLog(format: .text) { lines.append($0) })
    do {
      let socket = try Socket(slow.port)
      socket.write(wire("ListGateways", to: slow))
      usleep(50_000)
    }
    usleep(500_000)
    let other = try Socket(slow.port)
    other.write(health)
    #expect(try other.response().body == "ok")
    #expect(lines.all.first?.contains(" 200 ListGateways ") == true)
  }

  /// Rubbish behind a request that is not answered yet must not overtake its answer.
  @Test func whatFollowsAndIsNoHTTPWaitsForTheAnswer() throws {
    let slow = try LocalGateway.start(.init(virtualMachines: 0), faults: ["latency=200ms"])
    let socket = try Socket(slow.port)
    socket.write(wire("ListGateways", to: slow))
    usleep(50_000)
    socket.write("rubbish\r\n\r\n")
    #expect(try socket.response().status == 200)
    #expect(try socket.response().status == 400)
    #expect(socket.isAtEnd())
  }

  // MARK: The control endpoint

  @Test func theControlEndpointHasAPortAndATokenOfItsOwn() throws {
    #expect(gateway.control == nil)
    #expect(try JSON.decode(Array(gateway.readyLine.utf8))["control_token"] == nil)
    let controlled = try LocalGateway.start(.init(virtualMachines: 0), hasControl: true)
    let line = try JSON.decode(Array(controlled.readyLine.utf8))
    let endpoint = try #require(line["control_endpoint"]?.string.flatMap { URLParts($0) })
    let token = try #require(line["control_token"]?.string)
    #expect(token.utf8.count == 64 && endpoint.port != controlled.port)
    func post(_ port: Int, _ token: String) throws -> (status: Int, head: String, body: String) {
      let socket = try Socket(port)
      socket.write(
        "POST /faults HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\nContent-Length: 25\r\n\r\n"
          + #"{"set":"error500=always"}"#)
      return try socket.response()
    }
    let port = try #require(endpoint.port)
    #expect(try post(port, "guess").status == 401)
    #expect(try post(controlled.port, token).status == 404)
    #expect(try post(port, token).body.contains("error500=always"))
    let socket = try Socket(controlled.port)
    socket.write(wire("ListGateways", to: controlled))
    #expect(try socket.response().status == 500)
    let other = try LocalGateway.start(.init(virtualMachines: 0), hasControl: true)
    #expect(other.control?.token != token)
  }

  @Test func aPortThatIsTakenIsAnError() throws {
    let error = #expect(throws: LocalGatewayError.self) {
      _ = try LocalGateway.start(.init(port: gateway.port, virtualMachines: 0))
    }
    #expect(error?.message.contains("Address already in use") == true)
  }

  @Test func optionsThatCannotBeAreErrors() {
    let wrong: [LocalGateway.Options] = [
      .init(port: -1), .init(port: 65_536), .init(region: "us east"), .init(virtualMachines: -1),
      .init(virtualMachines: .max),
    ]
    for options in wrong { #expect(throws: LocalGatewayError.self) { _ = try LocalGateway.start(options) } }
  }
}

extension LocalGateway {
  fileprivate static func start(
    _ options: Options, faults: [String] = [], log: AccessLog? = nil, hasControl: Bool = false
  ) throws -> LocalGateway {
    var options = options
    options.faults = try faults.map { try FaultRule($0) }
    options.log = log
    options.hasControl = hasControl
    return try start(options)
  }
}
