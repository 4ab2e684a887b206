// Server: the sockets and their thread. One event loop serves the listeners, every connection and the store, so
// nothing in a local gateway needs a lock.
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// The connections of one listener and what they share. Lives on the event loop.
final class Connections {
  enum Entry { case welcome, tooMany, farTooMany }

  /// Connections that are served at once; as many again are told that there are too many. Each may hold one body
  /// and one head, a little more than 1 MiB; the usual limit of file descriptors is 1,024 a process.
  static let limit = 256

  let answering: any Answering
  /// Seconds that a client has to send a whole request, counted from the connection or the answer before, and
  /// again to take the answer: this ends idle, slow and stuck clients alike, however they trickle bytes.
  let patience: Int64
  /// No further request is taken on a connection that has answered.
  private(set) var isDraining = false
  private var open: [ObjectIdentifier: (channel: any Channel, handler: HTTPHandler)] = [:]
  private var turnedAway = 0
  private var drained: EventLoopPromise<Void>?

  init(_ answering: any Answering, patience: Int64) {
    self.answering = answering
    self.patience = patience
  }

  func add(_ channel: any Channel, _ handler: HTTPHandler) -> Entry {
    open[ObjectIdentifier(channel)] = (channel, handler)
    if open.count > Self.limit { turnedAway += 1 }
    answering.connections(open: open.count, turnedAway: turnedAway)
    return open.count <= Self.limit ? .welcome : open.count <= 2 * Self.limit ? .tooMany : .farTooMany
  }

  func remove(_ channel: any Channel) {
    open[ObjectIdentifier(channel)] = nil
    answering.connections(open: open.count, turnedAway: turnedAway)
    if open.isEmpty { drained?.succeed() }
  }

  func refuse(_ status: Int, _ text: String) -> Reply { Reply(response: answering.refuse(status, text)) }

  /// Closes idle connections now and busy ones after their answer; the promise is kept when none is left.
  func drain(_ promise: EventLoopPromise<Void>) {
    isDraining = true
    drained = promise
    if open.isEmpty { promise.succeed() }
    for (channel, handler) in open.values { handler.drain(channel) }
  }
}

/// Both listeners of a server: where clients call the service, and where it is controlled.
private struct Doors {
  let service: Connections
  let control: Connections?

  var all: [Connections] { [service] + (control.map { [$0] } ?? []) }
}

struct Server {
  /// Seconds that requests under way have to end when the server stops.
  private static let grace: Int64 = 5

  private let group: MultiThreadedEventLoopGroup
  private let listeners: [any Channel]
  private let doors: NIOLoopBoundBox<Doors>
  let port: Int
  /// Where the control endpoint listens, on loopback; nil when there is none.
  let controlPort: Int?

  /// Throws a LocalGatewayError when the port cannot be had.
  /// - Parameters:
  ///   - control: whoever knows the token controls the server; nil: nobody does.
  ///   - patience: see `Connections`.
  init(
    _ responder: sending Responder, at address: IPAddress = .loopback, port: Int,
    control: (token: String, home: World)? = nil, patience: Int64 = 30
  ) throws(LocalGatewayError) {
    try Self.checkDescriptors()
    let group = Self.withoutSignals { MultiThreadedEventLoopGroup(numberOfThreads: 1) }
    self.group = group
    let controlled = control.map {
      Connections(Control(responder, home: $0.home, token: $0.token), patience: patience)
    }
    let doors = NIOLoopBoundBox.makeBoxSendingValue(
      Doors(service: Connections(responder, patience: patience), control: controlled), eventLoop: group.next()
    )
    self.doors = doors
    var listeners: [any Channel] = []
    do {
      listeners.append(try Self.listen(group, doors, at: address, port: port) { $0.service })
      if control != nil {
        listeners.append(try Self.listen(group, doors, at: .loopback, port: 0) { $0.control ?? $0.service })
      }
    } catch {
      try? group.syncShutdownGracefully()
      let reason = (error as? IOError).map { errorText($0.errnoCode) } ?? "\(error)"
      throw LocalGatewayError(
        "Cannot listen on \(address.host):\(port): \(reason). Choose another port, or 0 for a free one.")
    }
    self.listeners = listeners
    self.port = listeners[0].localAddress?.port ?? port
    controlPort = listeners.count > 1 ? listeners[1].localAddress?.port : nil
  }

  /// Listeners, event loop, store and journal, with a few connections. swift-nio takes it for a mistake of the program
  /// when it cannot have its own, and ends the process.
  private static let fewestDescriptors: rlim_t = 32

  private static func checkDescriptors() throws(LocalGatewayError) {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < fewestDescriptors
    else { return }
    throw LocalGatewayError(
      "The local gateway needs \(fewestDescriptors) open files at least, and this process may have "
        + "\(limit.rlim_cur): raise the limit with ulimit -n.")
  }

  /// Runs `body` with all signals blocked: the threads that it starts never take one away from the thread that
  /// waits for it.
  private static func withoutSignals<Result>(_ body: () -> Result) -> Result {
    var all = sigset_t()
    var before = sigset_t()
    _ = unsafe sigfillset(&all)
    _ = unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
  }

  private static func listen(
    _ group: MultiThreadedEventLoopGroup, _ doors: NIOLoopBoundBox<Doors>, at address: IPAddress, port: Int,
    _ door: @escaping @Sendable (Doors) -> Connections
  ) throws -> any Channel {
    // A signed request has a dozen headers; a session token is the largest, about 2 KiB.
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 16 << 10
    limits.maxHeaderListSize = 64 << 10
    limits.maxHeaderFieldCount = 100
    return try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [limits] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          // Answers that a client does not take stop its requests, instead of piling up here.
          try pipeline.addHandler(BackPressureHandler())
          try pipeline.configureHTTPServerPipeline(
            // No field of an answer has anything of a request in it that could break a line.
            withErrorHandling: false, withOutboundHeaderValidation: false, withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: limits)
          try pipeline.addHandler(HTTPHandler(door(doors.value)))
        }
      }
      .bind(to: SocketAddress(ipAddress: address.text, port: port)).wait()
  }

  /// Does something with the service on its own thread, and waits for it.
  func onLoop<Result: Sendable>(_ body: @escaping @Sendable (Responder) -> Result) -> Result? {
    let outcome = group.next().submit { [doors] in
      (doors.value.service.answering as? Responder).map(body)
    }
    return try? outcome.wait()
  }

  /// Takes no more connections, lets requests under way end, then ends the thread.
  func stop() {
    for listener in listeners { try? listener.close().wait() }
    let loop = group.next()
    let drained = loop.makePromise(of: Void.self)
    loop.execute { [doors] in
      let promises = doors.value.all.map { connections in
        let promise = loop.makePromise(of: Void.self)
        connections.drain(promise)
        return promise.futureResult
      }
      EventLoopFuture.andAllComplete(promises, on: loop).cascade(to: drained)
    }
    loop.scheduleTask(in: .seconds(Self.grace)) { drained.succeed() }
    try? drained.futureResult.wait()
    try? group.syncShutdownGracefully()
  }
}
