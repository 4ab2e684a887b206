// The real transport against a server of a few lines on loopback.
import Glibc
import Testing

@testable import AWSCore

/// Listens on a port of 127.0.0.1 and answers each connection with the given bytes, from a thread of its own.
private final class Server: @unchecked Sendable {
  let port: Int
  private let listener: Int32
  private let answer: [UInt8]
  private let hold: Bool
  /// What the last client sent.
  nonisolated(unsafe) var seen: [UInt8] = []

  init(answer: String, hold: Bool = false) {
    self.answer = Array(answer.utf8)
    self.hold = hold
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length)
        listen(listener, 8)
        getsockname(listener, generic, &length)
      }
      return Int(UInt16(bigEndian: pointer.pointee.sin_port))
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Server>.fromOpaque(context).takeRetainedValue().serve()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
  }

  private func serve() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { return }
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      let count = read(client, &buffer, buffer.count)
      seen = Array(buffer.prefix(max(0, count)))
      if hold {
        _ = read(client, &buffer, buffer.count)
      } else {
        answer.withUnsafeBytes { bytes in
          _ = send(client, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
      }
      close(client)
    }
  }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }
}

@Suite(.serialized) struct CurlTransportTests {
  private func exchange(
    _ url: URLParts, limits: TransferLimits = TransferLimits(),
    headers: HTTPHeaders = ["X-Amz-Target": "T.Op"],
    environment: Environment = Environment()
  ) -> Result<HTTPResponse, TransportError>? {
    let transport = CurlTransport(environment: environment)
    var outcome: Result<HTTPResponse, TransportError>?
    _ = transport.start(
      HTTPRequest(method: "POST", url: url, headers: headers, body: Array("{}".utf8)), limits: limits
    ) { outcome = $0 }
    #expect(outcome == nil, "nothing completes inside start")
    for _ in 0..<200 where !transport.isIdle { transport.turn(waitMilliseconds: 50) }
    return outcome
  }

  private func loopback(_ port: Int) -> URLParts { URLParts(scheme: "http", host: "127.0.0.1", port: port) }

  private func failure(_ outcome: Result<HTTPResponse, TransportError>?) -> TransportError? {
    if case .failure(let error) = outcome { error } else { nil }
  }

  @Test func sendsExactlyOurHeadersAndReadsTheAnswer() throws {
    let server = Server(
      answer:
        "HTTP/1.1 100 Continue\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nx-amzn-RequestId:  r-1 \r\nContent-Length: 2\r\n\r\n{}"
    )
    defer { server.stop() }
    let response = try #require(try exchange(loopback(server.port))?.get())
    #expect(response.status == 200)
    #expect(response.headers["X-Amzn-Requestid"] == "r-1")
    #expect(response.body == Array("{}".utf8))
    let request = String(decoding: server.seen, as: UTF8.self)
    #expect(
      request
        == "POST / HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-Amz-Target: T.Op\r\n"
        + "Content-Length: 2\r\n\r\n{}"
    )
  }

  @Test func aRefusedConnectionNamesThePlace() {
    let server = Server(answer: "")
    server.stop()
    usleep(20_000)
    let error = failure(exchange(loopback(1)))
    #expect(error?.reason == .cannotConnect)
    #expect(error?.message == "cannot connect to 127.0.0.1:1: Connection refused")
    #expect(error?.beforeSending == true)
  }

  @Test func anAnswerThatDoesNotComeTimesOut() {
    let server = Server(answer: "", hold: true)
    defer { server.stop() }
    var limits = TransferLimits()
    limits.total = 0.3
    let error = failure(exchange(loopback(server.port), limits: limits))
    #expect(error?.reason == .timedOut)
    #expect(error?.message == "no complete answer from 127.0.0.1:\(server.port) within 0.3 seconds")
    #expect(error?.beforeSending == false)
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
    let server = Server(answer: broken.answer)
    defer { server.stop() }
    var limits = TransferLimits()
    limits.bodyBytes = 1 << 20
    let error = failure(exchange(loopback(server.port), limits: limits))
    #expect(error?.reason == broken.reason, "\(error?.message ?? "no error")")
  }

  @Test func redirectsAreNotFollowed() throws {
    let server = Server(
      answer: "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    #expect(try exchange(loopback(server.port))?.get().status == 302)
  }

  @Test func aHeaderWithALineBreakIsNotSent() {
    let error = failure(exchange(loopback(1), headers: ["X-Amz-Target": "T\r\nX-Evil: 1"]))
    #expect(error?.message == "the header XAmzTarget holds a control character; nothing was sent")
  }

  @Test func errorsNameTheProxyWithoutItsPassword() {
    let error = failure(
      exchange(
        URLParts(scheme: "http", host: "example.invalid"),
        environment: Environment(variables: ["http_proxy": "http://user:hush@127.0.0.1:1"])))
    #expect(error?.reason == .cannotConnect)
    #expect(error?.message.contains("through the proxy http://***:***@127.0.0.1:1") == true)
    let odd = failure(
      exchange(
        URLParts(scheme: "http", host: "example.invalid"),
        environment: Environment(variables: ["http_proxy": "odd://user:hush@127.0.0.1:1"])))
    #expect(odd?.message.contains("hush") == false)
  }

  @Test func cancelledTransfersNeverComplete() {
    let server = Server(answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    defer { server.stop() }
    let transport = CurlTransport(environment: Environment())
    let request = HTTPRequest(method: "POST", url: loopback(server.port))
    var completed = false
    let id = transport.start(request, limits: TransferLimits()) { _ in completed = true }
    transport.cancel(id)
    #expect(transport.isIdle)
    transport.turn(waitMilliseconds: 20)
    #expect(!completed)
  }

  @Test(arguments: [true, false]) func aReadableDescriptorEndsTheWait(_ busy: Bool) {
    let server = Server(answer: "", hold: true)
    defer { server.stop() }
    let transport = CurlTransport(environment: Environment())
    if busy {
      _ = transport.start(HTTPRequest(method: "POST", url: loopback(server.port)), limits: TransferLimits()) {
        _ in
      }
      for _ in 0..<5 { transport.turn(waitMilliseconds: 20) }
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
