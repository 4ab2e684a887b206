// The real transport against a server of a few lines on loopback: what is sent, once or twice, and what comes of it. Proxies and
// authorities: CurlTransportTests+Routes.swift.
import Glibc
import Testing

@testable import AWSCore

@Suite(.serialized) struct CurlTransportTests {
  typealias Outcome = Result<HTTPResponse, TransportError>

  /// Sends one request and turns both ends until it is over. The transport may be one that has connections.
  func exchange(
    _ request: HTTPRequest, limits: TransferLimits = TransferLimits(), with server: LoopbackServer? = nil,
    over transport: CurlTransport = CurlTransport(environment: Environment())
  ) -> Outcome? {
    var outcome: Outcome?
    _ = transport.start(request, limits: limits) { outcome = $0 }
    #expect(outcome == nil, "nothing completes inside start")
    for _ in 0..<10_000 where !transport.isIdle {
      server?.turn()
      transport.turn(waitMilliseconds: 2)
    }
    return outcome
  }

  func post(
    _ url: URLParts, headers: HTTPHeaders = ["X-Amz-Target": "T.Op"], body: String = "{}"
  ) -> HTTPRequest {
    HTTPRequest(method: "POST", url: url, headers: headers, body: Array(body.utf8))
  }

  func loopback(_ port: Int) -> URLParts { URLParts(scheme: "http", host: "127.0.0.1", port: port) }

  func failure(_ outcome: Outcome?) -> TransportError? {
    if case .failure(let error) = outcome { error } else { nil }
  }

  // MARK: What is sent

  @Test func sendsExactlyOurHeadersAndReadsTheAnswer() throws {
    let server = LoopbackServer(
      .kept(
        "HTTP/1.1 100 Continue\r\n\r\n"
          + "HTTP/1.1 200 OK\r\nx-amzn-RequestId:  r-1 \r\nContent-Length: 2\r\n\r\n{}"))
    let response = try #require(try exchange(post(loopback(server.port)), with: server)?.get())
    #expect(response.status == 200)
    #expect(response.headers["X-Amzn-Requestid"] == "r-1")
    #expect(response.body == Array("{}".utf8))
    #expect(
      server.requests == [
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-Amz-Target: T.Op\r\n"
          + "Content-Length: 2\r\n\r\n{}"
      ])
  }

  /// Handles of libcurl are used again. What one sent and received is nothing to the next.
  @Test func aRequestHasNothingOfTheOneBeforeIt() throws {
    let server = LoopbackServer(
      .kept("HTTP/1.1 400 Bad\r\nx-amzn-RequestId: r-1\r\nContent-Length: 5\r\n\r\nfirst"),
      .kept("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    let transport = CurlTransport(environment: Environment())
    let url = loopback(server.port)
    let first = post(
      url, headers: ["X-Amz-Target": "T.First", "X-Amz-Security-Token": "hush"], body: "a body")
    let refused = try #require(try exchange(first, with: server, over: transport)?.get())
    #expect((refused.status, refused.body) == (400, Array("first".utf8)))
    let second = post(url, headers: ["X-Amz-Target": "T.Second"], body: "")
    let answer = try #require(try exchange(second, with: server, over: transport)?.get())
    #expect((answer.status, answer.body) == (200, Array("{}".utf8)))
    #expect(answer.headers["x-amzn-requestid"] == nil)
    #expect(
      server.requests.last
        == "POST / HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-Amz-Target: T.Second\r\n"
        + "Content-Length: 0\r\n\r\n")
    #expect(server.connectionCount == 1)
  }

  /// Nor does one that failed, or was let go of, leave anything behind.
  @Test func aRequestHasNothingOfOneThatEndedBadly() throws {
    let server = LoopbackServer(
      .last("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), .silence,
      .kept("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    let transport = CurlTransport(environment: Environment())
    let request = post(loopback(server.port))
    #expect(failure(exchange(request, with: server, over: transport))?.reason == .brokenConnection)
    let abandoned = transport.start(request) { _ in Issue.record("it was cancelled") }
    for _ in 0..<10_000 where server.requests.count < 2 {
      server.turn()
      transport.turn(waitMilliseconds: 2)
    }
    transport.cancel(abandoned)
    #expect(try exchange(request, with: server, over: transport)?.get().body == Array("{}".utf8))
  }

  /// As the metadata services want them: a PUT without a length is refused, a GET has none.
  @Test(arguments: [
    ("GET", "", ""), ("PUT", "", "Content-Length: 0\r\n"), ("PUT", "text", "Content-Length: 4\r\n"),
    ("POST", "", "Content-Length: 0\r\n"),
  ])
  func everyMethodSendsOurHeadersAndItsLength(_ method: String, _ body: String, _ length: String) throws {
    let server = LoopbackServer(.ok)
    var url = loopback(server.port)
    url.path = "/latest/api/token"
    let request = HTTPRequest(method: method, url: url, headers: ["X-Ttl": "5"], body: Array(body.utf8))
    #expect(try exchange(request, with: server)?.get().status == 200)
    #expect(
      server.requests == [
        "\(method) /latest/api/token HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-Ttl: 5\r\n"
          + "\(length)\r\n\(body)"
      ])
  }

  /// libcurl would ask a server's leave for a body of more than 1 MB, and wait a second for it.
  @Test func aLargeBodyIsSentWithoutAsking() throws {
    let server = LoopbackServer(.ok)
    let body = String(repeating: "x", count: 2 << 20)
    #expect(try exchange(post(loopback(server.port), body: body), with: server)?.get().status == 200)
    #expect(server.requests.first?.contains("Expect") == false)
    #expect(server.requests.first?.hasSuffix(body) == true)
  }

  @Test func aHeaderWithALineBreakIsNotSent() {
    let error = failure(exchange(post(loopback(1), headers: ["X-Amz-Target": "T\r\nX-Evil: 1"])))
    #expect(error?.message == "the header XAmzTarget holds a control character; nothing was sent")
    #expect(error?.beforeSending == true)
  }

  @Test func redirectsAreNotFollowed() throws {
    let server = LoopbackServer(
      .kept("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"))
    #expect(try exchange(post(loopback(server.port)), with: server)?.get().status == 302)
    #expect(server.requests.count == 1)
  }

  // MARK: Sent once, sent twice

  /// libcurl 7.88 repeats a request that a reused connection swallowed. For one that reads that is welcome.
  @Test func aReadThatAReusedConnectionLostIsSentAgain() throws {
    let server = LoopbackServer(.ok, .last(""), .ok)
    let transport = CurlTransport(environment: Environment())
    for _ in 1...2 {
      let outcome = exchange(post(loopback(server.port)), with: server, over: transport)
      #expect(try outcome?.get().status == 200)
    }
    #expect(server.requests.count == 3)
  }

  /// A server took a CreateGateway whole and closed the kept connection: libcurl sent it a second time, and
  /// there were two gateways and one success.
  @Test func aWriteIsNeverSentAgain() throws {
    let server = LoopbackServer(.ok, .last(""), .ok)
    let transport = CurlTransport(environment: Environment())
    let read = exchange(post(loopback(server.port)), with: server, over: transport)
    #expect(try read?.get().status == 200)
    var write = post(loopback(server.port))
    write.mayRepeat = false
    let error = failure(exchange(write, with: server, over: transport))
    #expect(server.requests.count == 2)
    #expect(server.connectionCount == 2)
    #expect(error?.reason == .brokenConnection)
    #expect(error?.beforeSending == false)
  }

  // MARK: No connection

  @Test func aRefusedConnectionNamesThePlace() {
    let error = failure(exchange(post(loopback(1))))
    #expect(error?.reason == .cannotConnect)
    #expect(error?.message == "cannot connect to 127.0.0.1:1: Connection refused")
    #expect(error?.beforeSending == true)
  }

  @Test func aHandshakeThatDoesNotEndTimesOutBeforeSending() {
    let server = LoopbackServer(.silence)
    var url = loopback(server.port)
    url.scheme = "https"
    var limits = TransferLimits()
    limits.connect = 0.3
    let error = failure(exchange(post(url), limits: limits, with: server))
    #expect(error?.reason == .timedOut)
    #expect(
      error?.message == "cannot connect to 127.0.0.1:\(server.port): no connection within 0.3 seconds")
    #expect(error?.beforeSending == true)
  }

  // MARK: Answers that do not come, or not whole

  @Test func anAnswerThatDoesNotComeTimesOut() {
    let server = LoopbackServer(.silence)
    var limits = TransferLimits()
    limits.total = 0.3
    let error = failure(exchange(post(loopback(server.port)), limits: limits, with: server))
    #expect(error?.reason == .timedOut)
    #expect(error?.message == "no complete answer from 127.0.0.1:\(server.port) within 0.3 seconds")
    #expect(error?.beforeSending == false)
  }

  @Test func aBodyThatStopsTimesOut() {
    let server = LoopbackServer(.kept("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"))
    var limits = TransferLimits()
    limits.total = 0.3
    let error = failure(exchange(post(loopback(server.port)), limits: limits, with: server))
    #expect(error?.reason == .timedOut)
  }

  /// An answer that is broken in one way; some are too long to be printed as the name of a test.
  struct Broken: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let answer: String
    let reason: TransportError.Reason
    init(_ description: String, _ answer: String, _ reason: TransportError.Reason) {
      testDescription = description
      self.answer = answer
      self.reason = reason
    }
  }

  @Test(arguments: [
    Broken("a body that ends early", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", .brokenConnection),
    Broken(
      "a chunk that ends early", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
      .brokenConnection),
    Broken(
      "a chunk of no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
      .brokenConnection),
    Broken("a success without length and body", "HTTP/1.1 200 OK\r\n\r\n", .brokenConnection),
    Broken("no answer at all", "", .brokenConnection),
    Broken("not HTTP", "hello\r\n\r\n", .notHTTP),
    Broken("a length beyond the limit", "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", .tooLarge),
    Broken(
      "a body beyond the limit", "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_100_000),
      .tooLarge),
    Broken(
      "a header beyond the limit",
      "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
      .tooLarge),
  ])
  func brokenAnswersAreErrors(_ broken: Broken) {
    let server = LoopbackServer(.last(broken.answer))
    var limits = TransferLimits()
    limits.bodyBytes = 1 << 20
    let error = failure(exchange(post(loopback(server.port)), limits: limits, with: server))
    #expect(error?.reason == broken.reason, "\(error?.message ?? "no error")")
    #expect(error?.beforeSending == false)
  }

  /// Without a length an answer lasts as long as its connection; a body is then for its reader to judge.
  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\n\r\n{}", 2), ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
    ("HTTP/1.1 204 No Content\r\n\r\n", 0), ("HTTP/1.1 500 Oops\r\n\r\n", 0),
  ])
  func answersThatAreComplete(_ answer: String, _ size: Int) throws {
    let server = LoopbackServer(.last(answer))
    #expect(try exchange(post(loopback(server.port)), with: server)?.get().body.count == size)
  }

  /// What a server sends behind its answer must not become the answer to the next request.
  @Test func aSecondAnswerIsNotTakenForTheNext() throws {
    let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    let server = LoopbackServer(.kept(good + good.replacing("{}", with: "[]")), .kept(good))
    let transport = CurlTransport(environment: Environment())
    for _ in 1...2 {
      let outcome = exchange(post(loopback(server.port)), with: server, over: transport)
      #expect(try outcome?.get().body == Array("{}".utf8))
    }
  }

  // MARK: Turns

  // MARK: Between turns

  /// Begins a request on a connection that stands, and sees to it that the answer is there, without a turn.
  private func sendWithoutATurn(
    _ request: HTTPRequest, limits: TransferLimits = TransferLimits(), over transport: CurlTransport,
    to server: LoopbackServer, _ completion: @escaping (Outcome) -> Void
  ) {
    _ = exchange(request, limits: limits, with: server, over: transport)
    _ = transport.start(request, limits: limits, completion: completion)
    transport.sendNow()
    for _ in 0..<1_000 where server.requests.count < 2 {
      server.turn()
      usleep(1_000)
    }
    #expect(server.requests.count == 2)
  }

  /// As a listing does, which asks for its next page and goes on with this one. Begun and not sent, the request waited until
  /// the script had done its work, and the 20 ms of each page came on top of it.
  @Test func whatIsSentNowNeedsNoTurn() throws {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    let server = LoopbackServer(.kept(answer), .kept(answer))
    let transport = CurlTransport(environment: Environment())
    var outcome: Outcome?
    sendWithoutATurn(post(loopback(server.port)), over: transport, to: server) { outcome = $0 }
    #expect(outcome == nil, "nothing completes but in a turn")
    for _ in 0..<1_000 where outcome == nil { transport.turn(waitMilliseconds: 2) }
    #expect(try outcome?.get().body == Array("{}".utf8))
  }

  /// A script may work on a page for longer than a request may take. The answer to the next one has come meanwhile, and
  /// libcurl would look at the clock first.
  @Test func timeInWhichNobodyTurnsIsNoneThatTheServerTook() throws {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    let server = LoopbackServer(.kept(answer), .kept(answer))
    let transport = CurlTransport(environment: Environment())
    var limits = TransferLimits()
    (limits.total, limits.connect) = (0.5, 0.5)
    var outcome: Outcome?
    sendWithoutATurn(post(loopback(server.port)), limits: limits, over: transport, to: server) {
      outcome = $0
    }
    usleep(1_000_000)
    for _ in 0..<1_000 where outcome == nil { transport.turn(waitMilliseconds: 2) }
    #expect(try outcome?.get().status == 200)
    // The next one has the limits that were asked for, however long nothing was under way before it.
    usleep(2_000_000)
    let begun = Duration.systemUptimeInSeconds()
    #expect(
      failure(exchange(post(loopback(server.port)), limits: limits, over: transport))?.reason == .timedOut)
    #expect(Duration.systemUptimeInSeconds() - begun < 2)
  }

  @Test func cancelledTransfersNeverComplete() {
    let server = LoopbackServer(.ok)
    let transport = CurlTransport(environment: Environment())
    var completed = false
    let id = transport.start(post(loopback(server.port))) { _ in completed = true }
    transport.cancel(id)
    #expect(transport.isIdle)
    transport.turn(waitMilliseconds: 20)
    #expect(!completed)
  }

  @Test(arguments: [true, false]) func aReadableDescriptorEndsTheWait(_ busy: Bool) {
    let server = LoopbackServer(.silence)
    let transport = CurlTransport(environment: Environment())
    if busy {
      _ = transport.start(post(loopback(server.port))) { _ in }
      for _ in 0..<5 {
        server.turn()
        transport.turn(waitMilliseconds: 20)
      }
    }
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    defer { for end in ends { close(end) } }
    _ = write(ends[1], "x", 1)
    let clock = ContinuousClock()
    let took = clock.measure { transport.turn(waitMilliseconds: 5_000, wakeDescriptors: [ends[0]]) }
    #expect(took < .seconds(2))
  }
}
