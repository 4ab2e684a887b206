// HTTPHandler: one connection. NIO decodes requests and hands them over one at a time (pipelined ones wait in
// HTTPServerPipelineHandler until the answer before is written); this handler gathers a body, does the steps that
// the request leads to, and decides when a connection has to end.
import AWSCore
import Glibc
import NIOCore
import NIOHTTP1

final class HTTPHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

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

  private var state = State.idle
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
    deadline.cancel()
    connections.remove(context.channel)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (state, unwrapInboundIn(data)) {
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
    switch state {
    // NIO keeps what comes after a request until that is answered.
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
      context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
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
    // Before the end is written: writing that makes NIO deliver the next pipelined request at once.
    state = keepAlive ? .idle : .closing
    body = []
    deadline.set(connections.patience, for: context.channel)
    let response = reply.response
    var fields = NIOHTTP1.HTTPHeaders(response.headers.fields.map { ($0.name, $0.value) })
    fields.add(name: "Content-Length", value: String(response.body.count))
    if !keepAlive {
      fields.add(name: "Connection", value: "close")
    } else if head?.version == .http1_0 {
      fields.add(name: "Connection", value: "keep-alive")
    }
    let status = HTTPResponseStatus(statusCode: response.status)
    context.write(
      wrapOutboundOut(.head(.init(version: head?.version ?? .http1_1, status: status, headers: fields))),
      promise: nil)
    if head?.method != .HEAD {
      let buffer = context.channel.allocator.buffer(bytes: reply.bodyAsSent)
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { result in
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
    let headers = AWSCore.HTTPHeaders(head.headers.map { .init($0.name, $0.value) })
    self.init(
      method: head.method.rawValue,
      url: URLParts(
        scheme: "http", host: headers["Host"] ?? "", path: mark.map { String(head.uri[..<$0]) } ?? head.uri,
        query: mark.map { String(head.uri[head.uri.utf8.index(after: $0)...]) }),
      headers: headers, body: body)
  }
}
