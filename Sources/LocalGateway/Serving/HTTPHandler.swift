// HTTPHandler: one connection. NIO decodes requests; this handler gathers a body, does the steps that the request leads
// to, writes the answer as the bytes that leave, and decides when a connection has to end. Requests are answered one at
// a time: what comes before the answer waits here. NIO's own handlers for that, and for the form of an answer, took
// 30,000 of a call's 260,000 instructions.
import AWSCore
import Glibc
import NIOCore
import NIOHTTP1

final class HTTPHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Seconds that a refused client may go on sending: closing at once would reset the connection and lose the
  /// answer.
  private static let linger: Int64 = 2

  private enum State {
    /// Between requests.
    case idle
    case receiving(HTTPRequestHead)
    /// A whole request is there, its answer is not.
    case answering
    /// The last answer is given; what still comes in is dropped.
    case closing
  }

  /// What comes from a connection.
  private enum Arrival {
    case part(HTTPServerRequestPart)
    case error(HTTPParserError)
  }

  private var state = State.idle
  /// What came while a request was being answered, no more than was read at once: nothing is read meanwhile.
  private var waiting = CircularBuffer<Arrival>(initialCapacity: 0)
  /// Whether to read when the request is answered.
  private var holdsRead = false
  private var body: [UInt8] = []
  private let deadline = Deadline()
  /// Its first request is told so, and there is no second.
  private var isTooMany = false
  private let connections: Connections

  init(_ connections: Connections) { self.connections = connections }

  func channelActive(context: ChannelHandlerContext) {
    switch connections.add(context.channel, self) {
    case .welcome: deadline.set(connections.patience, for: context.channel)
    case .tooMany:
      isTooMany = true
      deadline.set(Self.linger, for: context.channel)
    case .farTooMany: context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    waiting.removeAll()
    deadline.cancel()
    connections.remove(context.channel)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    arrive(.part(unwrapInboundIn(data)), context)
  }

  func read(context: ChannelHandlerContext) {
    if isAnswering { holdsRead = true } else { context.read() }
  }

  private var isAnswering: Bool { if case .answering = state { true } else { false } }

  private func arrive(_ arrival: Arrival, _ context: ChannelHandlerContext) {
    if isAnswering { return waiting.append(arrival) }
    switch arrival {
    case .part(let part): take(part, context)
    case .error(let error): refuse(error, context)
    }
  }

  /// A request that took its time is answered: the next one's turn.
  private func goOn(_ context: ChannelHandlerContext) {
    while !isAnswering, let arrival = waiting.popFirst() { arrive(arrival, context) }
    guard !isAnswering, holdsRead else { return }
    holdsRead = false
    context.read()
  }

  private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    switch (state, part) {
    case (.idle, .head(let head)): begin(head, context)
    case (.receiving(let head), .body(let part)):
      guard body.count + part.readableBytes <= Perimeter.bodyLimit else { return refuseBody(head, context) }
      body.append(contentsOf: part.readableBytesView)
    case (.receiving(let head), .end):
      state = .answering
      // From here on it is the server that takes its time.
      deadline.lift()
      let request = HTTPRequest(head, body: body)
      body = []
      take(connections.answering.begin(request), head, context)
    default: break
    }
  }

  /// Whatever NIO could not read as HTTP, and connections that broke.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
    arrive(.error(error), context)
  }

  private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
    switch state {
    case .closing, .answering: return
    case .idle, .receiving:
      answer(
        error == .headerOverflow
          ? connections.refuse(431, "The request's headers are too large.")
          : connections.refuse(400, "The request is not HTTP/1.1 as this server reads it (\(error))."),
        context)
    }
  }

  /// Ends the connection when its request is answered; now when there is none, soon when one is still coming.
  func drain(_ channel: any Channel) {
    switch state {
    case .idle: channel.close(promise: nil)
    case .receiving: deadline.set(Self.linger, for: channel)
    case .answering, .closing: break
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    body = []
    state = .receiving(head)
    guard !isTooMany else {
      return answer(connections.refuse(503, "There are too many connections."), to: head, context)
    }
    // Refused before anything of the body is kept. A length that is no number was refused by the decoder.
    let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
    guard length <= Perimeter.bodyLimit else { return refuseBody(head, context) }
    if head.headers.first(name: "Expect")?.lowercased() == "100-continue", head.version == .http1_1 {
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }
  }

  private func refuseBody(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let limit = Perimeter.bodyLimit
    let refusal = connections.refuse(
      413, "The body is larger than \(limit) bytes, the most this server takes.")
    answer(refusal, to: head, context)
  }

  private func take(_ step: Step, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch step {
    case .reply(let reply): answer(reply, to: head, keepAlive: head.isKeepAlive, context)
    case .pause(let duration, let next):
      context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
        self.take(next(), head, context)
        self.goOn(context)
      }
    }
  }

  /// `head` is nil for what was no request. The connection goes on after an answer only if everybody wants it.
  private func answer(
    _ reply: Reply, to head: HTTPRequestHead? = nil, keepAlive wanted: Bool = false,
    _ context: ChannelHandlerContext
  ) {
    // The client may have gone while the server took its time.
    guard context.channel.isActive else { return }
    if reply.delivery == .reset { return reset(context) }
    let keepAlive = wanted && !connections.isDraining && reply.delivery == .whole
    state = keepAlive ? .idle : .closing
    body = []
    deadline.set(connections.patience, for: context.channel)
    let bytes = context.channel.allocator.buffer(
      answer: reply, to: head?.version ?? .http1_1, withBody: head?.method != .HEAD, keepsAlive: keepAlive)
    context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { result in
      self.written(result, keepAlive, context)
    }
  }

  /// An RST: the kernel sends one when a connection is closed that must not linger.
  private func reset(_ context: ChannelHandlerContext) {
    state = .closing
    _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0))
    context.close(promise: nil)
  }

  private func written(
    _ result: Result<Void, any Error>, _ keepAlive: Bool, _ context: ChannelHandlerContext
  ) {
    guard case .success = result else { return context.close(promise: nil) }
    guard !keepAlive else { return deadline.set(connections.patience, for: context.channel) }
    context.close(mode: .output, promise: nil)
    deadline.set(Self.linger, for: context.channel)
  }
}

extension HTTPRequest {
  /// A request as NIO read it. Its target is kept as sent; one that is not a path leads nowhere.
  init(_ head: HTTPRequestHead, body: [UInt8]) {
    let mark = head.uri.utf8.firstIndex(of: UInt8(ascii: "?"))
    let headers = AWSCore.HTTPHeaders(head.headers.map { (name: $0.name, value: $0.value) })
    self.init(
      method: head.method.rawValue,
      url: URLParts(
        scheme: "http", host: headers["Host"] ?? "", path: mark.map { String(head.uri[..<$0]) } ?? head.uri,
        query: mark.map { String(head.uri[head.uri.utf8.index(after: $0)...]) }),
      headers: headers, body: body)
  }
}
