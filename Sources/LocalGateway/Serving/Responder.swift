// Responder: the service behind the listener, no network and no waiting. A request becomes steps; the order of
// what is checked is the order of the functions below.
import AWSCore
import BackupGateway

final class Responder: Answering {
  let store: Store
  let clock: ServerClock
  let faults: FaultInjector
  let metrics: Metrics
  private let pageToken: PageToken
  private let authentication: Authentication
  private var perimeter: Perimeter
  private let log: AccessLog?
  private let operations: [String: Operations.Body]
  private var latestDate: (second: Int64, text: String) = (.min, "")

  /// Throws a DatabaseError when the store cannot be read.
  init(
    store: Store, keys: [AccessKey], clock: ServerClock, perimeter: Perimeter = Perimeter(),
    faults: FaultInjector = FaultInjector(), log: AccessLog? = nil,
    operations: [String: Operations.Body] = Operations.served
  ) throws(DatabaseError) {
    self.store = store
    self.clock = clock
    self.faults = faults
    self.perimeter = perimeter
    self.log = log
    self.operations = operations
    metrics = Metrics(started: clock.monotonic)
    pageToken = try PageToken(store)
    authentication = Authentication(keys)
  }

  func begin(_ request: HTTPRequest) -> Step {
    var exchange = Exchange(at: clock, bytesReceived: request.body.count)
    metrics.begin()
    if let refusal = perimeter.refusal(of: request) { return end(exchange, refusal) }
    guard let wire = ServerProtocols.all.first(where: { $0.claims(request) }) else {
      return end(exchange, otherPath(request))
    }
    guard request.method == "POST" else {
      return end(exchange, .notAllowed("POST", "The service's operations are called by POST."))
    }
    do throws(Fault) {
      let operation = try wire.operation(of: request)
      exchange.names(operation)
      return try admit(request, operation, wire, &exchange)
    } catch {
      return end(exchange, wire, error)
    }
  }

  func refuse(_ status: Int, _ text: String) -> HTTPResponse {
    metrics.begin()
    return finish(Exchange(at: clock), Reply(response: .plain(status, text))).response
  }

  func connections(open: Int, turnedAway: Int) {
    (metrics.connectionsOpen, metrics.connectionsTurnedAway) = (open, turnedAway)
  }

  private func otherPath(_ request: HTTPRequest) -> HTTPResponse {
    switch (request.url.path, request.method) {
    case ("/healthz", "GET"), ("/healthz", "HEAD"): return .plain(200, "ok")
    case ("/healthz", _): return .notAllowed("GET, HEAD", "The state of the server is read by GET.")
    default:
      return .plain(
        404,
        "There is nothing here. The service is at / (POST, \(AwsJson10.contentType)) and at "
          + "\(RpcV2Cbor.path)OPERATION (POST, Smithy-Protocol: \(RpcV2Cbor.name)), its health at /healthz.")
    }
  }

  /// Who calls, and whether a fault strikes before anything is done.
  private func admit(
    _ request: HTTPRequest, _ name: String, _ wire: any ServerProtocol, _ exchange: inout Exchange
  ) throws(Fault) -> Step {
    guard let operation = Service.operation(name), let body = operations[name] else {
      throw Rules.unserved(name, served: operations.keys.sorted())
    }
    exchange.shift = faults.strike(.arrival, name, in: nil, for: &exchange).shift
    let claim = try Claim(of: request)
    exchange.claims(claim)
    let judged = clock.machine.advanced(by: exchange.shift)
    let world = try authentication.world(of: request, claiming: claim, at: judged, now: clock.now)
    exchange.account = world.account
    let strike = faults.strike(.before, name, in: world, for: &exchange)
    return after(strike.pause) { [self, exchange] in
      if let blow = strike.blow { return end(exchange, HTTPResponse(status: 500), wire, blow) }
      return carryOut(request, operation, body, world, wire, exchange)
    }
  }

  /// The operation itself, and whether a fault strikes when it is done.
  private func carryOut(
    _ request: HTTPRequest, _ operation: BackupGateway.Operation, _ body: Operations.Body, _ world: World,
    _ wire: any ServerProtocol, _ exchange: Exchange
  ) -> Step {
    var exchange = exchange
    let response: HTTPResponse
    do {
      let input = try wire.input(of: request, as: operation.input)
      let call = Call(
        operation: operation, input: input, world: world, now: clock.now, store: store, pageToken: pageToken,
        page: operation.isReading ? wire.page() : nil)
      response = wire.response(try body(call), with: call.page)
    } catch {
      let fault = Fault(error)
      exchange.error = fault.name
      response = wire.response(fault)
    }
    let strike = faults.strike(.after, operation.name, in: world, for: &exchange)
    return after(strike.pause) { [self, exchange] in end(exchange, response, wire, strike.blow) }
  }

  private func after(_ pause: Duration, _ next: @escaping () -> Step) -> Step {
    pause > .zero ? .pause(pause, next: next) : next()
  }

  // MARK: The end

  private func end(
    _ exchange: Exchange, _ response: HTTPResponse, _ wire: any ServerProtocol, _ blow: FaultKind.Blow?
  ) -> Step {
    switch blow {
    case nil: end(exchange, response)
    case .answer(let fault): end(exchange, wire, fault)
    case .reset: .reply(finish(exchange, Reply(response: response, delivery: .reset)))
    case .cutShort: .reply(finish(exchange, Reply(response: response, delivery: .cutShort)))
    }
  }

  private func end(_ exchange: Exchange, _ wire: any ServerProtocol, _ fault: Fault) -> Step {
    var exchange = exchange
    exchange.error = fault.name
    return end(exchange, wire.response(fault))
  }

  private func end(_ exchange: Exchange, _ response: HTTPResponse) -> Step {
    .reply(finish(exchange, Reply(response: response)))
  }

  /// The headers that every answer has, and the line in the log.
  private func finish(_ exchange: Exchange, _ reply: Reply) -> Reply {
    var reply = reply
    reply.response.headers.append("x-amzn-RequestId", exchange.requestID)
    reply.response.headers.append("Date", date(clock.machine.advanced(by: exchange.shift)))
    reply.response.headers.append("Server", "Moongate local gateway (emulator)")
    let outcome = Outcome(exchange, reply, took: clock.monotonic - exchange.began)
    metrics.end(outcome)
    log?.tell(outcome)
    return reply
  }

  /// A second has one text, whatever number of answers is given in it.
  private func date(_ time: Timestamp) -> String {
    let second = time.microseconds / 1_000_000
    if latestDate.second != second { latestDate = (second, time.httpDate) }
    return latestDate.text
  }
}

extension FaultInjector {
  fileprivate func strike(
    _ phase: FaultKind.Phase, _ operation: String, in world: World?, for exchange: inout Exchange
  ) -> Strike {
    let strike = strike(phase, operation, in: world, at: exchange.began)
    exchange.faults += strike.kinds
    return strike
  }
}

extension Fault {
  /// Whatever an operation throws, as the service answers it.
  init(_ error: any Error) {
    switch error {
    case let fault as Fault: self = fault
    case let error as DatabaseError:
      self = .internalFailure("The local gateway's store failed: \(error.problem).")
    default: self = .internalFailure("The local gateway failed: \(error).")
    }
  }
}
