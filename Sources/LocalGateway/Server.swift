// Server: the socket and its thread. One event loop serves the listener, every connection and the store, so
// nothing in a local gateway needs a lock.
import NIOCore
import NIOHTTP1
import NIOPosix

/// The connections of a server and what they share. Lives on the event loop.
final class Connections {
  let responder: Responder
  /// Seconds that a client has to send a whole request, counted from the connection or the answer before, and
  /// again to take the answer: this ends idle, slow and stuck clients alike, however they trickle bytes.
  let patience: Int64
  /// No further request is taken on a connection that has answered.
  private(set) var isDraining = false
  private var open: [ObjectIdentifier: (channel: any Channel, handler: HTTPHandler)] = [:]
  private var drained: EventLoopPromise<Void>?

  init(_ responder: Responder, patience: Int64) {
    self.responder = responder
    self.patience = patience
  }

  func add(_ channel: any Channel, _ handler: HTTPHandler) {
    open[ObjectIdentifier(channel)] = (channel, handler)
  }

  func remove(_ channel: any Channel) {
    open[ObjectIdentifier(channel)] = nil
    if open.isEmpty { drained?.succeed() }
  }

  /// Closes idle connections now and busy ones after their answer; the promise is kept when none is left.
  func drain(_ promise: EventLoopPromise<Void>) {
    isDraining = true
    drained = promise
    if open.isEmpty { promise.succeed() }
    for (channel, handler) in open.values { handler.closeIfIdle(channel) }
  }
}

struct Server {
  /// Seconds that requests under way have to end when the server stops.
  private static let grace: Int64 = 2

  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let connections: NIOLoopBoundBox<Connections>
  let port: Int

  /// Listens on 127.0.0.1. Throws a LocalGatewayError when the port cannot be had.
  init(_ responder: sending Responder, port: Int, patience: Int64 = 30) throws(LocalGatewayError) {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let connections = NIOLoopBoundBox.makeBoxSendingValue(
      Connections(responder, patience: patience), eventLoop: group.next())
    self.connections = connections
    // A signed request has a dozen headers; a session token is the largest, about 2 KiB.
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 16 << 10
    limits.maxHeaderListSize = 64 << 10
    limits.maxHeaderFieldCount = 100
    do {
      listener = try ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { [limits] channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            // Answers that a client does not take stop its requests, instead of piling up here.
            try pipeline.addHandler(BackPressureHandler())
            try pipeline.configureHTTPServerPipeline(
              withErrorHandling: false, withEncoderConfiguration: .init(),
              withDecoderLimitConfiguration: limits)
            try pipeline.addHandler(HTTPHandler(connections.value))
          }
        }
        .bind(host: "127.0.0.1", port: port).wait()
    } catch {
      try? group.syncShutdownGracefully()
      let reason = (error as? IOError).map { errorText($0.errnoCode) } ?? "\(error)"
      throw LocalGatewayError(
        "Cannot listen on 127.0.0.1:\(port): \(reason). Choose another port, or 0 for a free one.")
    }
    self.port = listener.localAddress?.port ?? port
  }

  /// Takes no more connections, lets requests under way end, then ends the thread.
  func stop() {
    try? listener.close().wait()
    let drained = group.next().makePromise(of: Void.self)
    group.next().execute { [connections] in
      connections.value.drain(drained)
    }
    group.next().scheduleTask(in: .seconds(Self.grace)) { drained.succeed() }
    try? drained.futureResult.wait()
    try? group.syncShutdownGracefully()
  }
}
