// Calls: operations of the service as scripts make them: parameters in, a parked coroutine, a record out.
import AWSCore
import BackupGateway
import LuaRuntime

/// A call of the service that a script made.
final class Call {
  let request: Request
  var operation: Operation { request.operation }
  private(set) var result: Result<Response, CallError>?
  private var id: CallID?
  let session: Session
  private let timers: any Timers
  private let started: Double
  /// What waits for it, when something does.
  private var waiter: ParkedOperation?
  /// Its result is not wanted any more, but how it ends is told: it was sent, and it writes.
  private var isInterrupted = false
  private let began = EventLoop.wallClock
  /// Is told how it ended; nil when nobody waited for that.
  private var whenEnded: ((Result<Response, CallError>?) -> Void)?

  init(
    _ request: Request, through session: Session, timers: any Timers,
    whenEnded: ((Result<Response, CallError>?) -> Void)? = nil
  ) {
    self.request = request
    self.session = session
    self.timers = timers
    started = timers.monotonicSeconds
    self.whenEnded = whenEnded
    id = session.door.start(request) { [weak self] result in
      self?.finish(result)
    }
  }

  /// A call that was withheld: it has its response.
  init(
    _ request: Request, through session: Session, timers: any Timers, withheldFor response: Value.Object
  ) {
    self.request = request
    self.session = session
    self.timers = timers
    started = timers.monotonicSeconds
    result = .success(
      Response(
        body: JSON.encode(.object(response)), requestID: nil, httpStatus: 200, attempts: 0, seconds: 0))
  }

  /// What waits holds this call, so this call lets go of it when the wait is over.
  private func finish(_ result: Result<Response, CallError>) {
    self.result = result
    if isInterrupted { tellInterrupted(result) }
    session.remember(metadata(of: result))
    if case .success(let response) = result { session.learn(from: response, to: operation) }
    whenEnded?(result)
    whenEnded = nil
    waiter?.complete()
    waiter = nil
  }

  func metadata(of result: Result<Response, CallError>) -> CallMetadata {
    switch result {
    case .success(let response):
      CallMetadata(
        operation: operation.name, requestID: response.requestID, httpStatus: response.httpStatus,
        attempts: response.attempts, seconds: response.seconds)
    case .failure(let error):
      CallMetadata(
        operation: operation.name, requestID: error.requestID, httpStatus: error.httpStatus,
        attempts: error.attempts, seconds: timers.monotonicSeconds - started, code: error.code)
    }
  }

  /// Has an operation, which holds this call, wait for its end.
  func awaited(by parked: ParkedOperation) -> LuaVM.Outcome {
    parked.settle = { [unowned self] in settle($0) }
    if result == nil { waiter = parked } else { parked.complete() }
    return .wait(for: parked)
  }

  func cancel() {
    waiter = nil
    guard result == nil, let id else { return }
    self.id = nil
    if isInterrupted { tellInterrupted(nil) }
    whenEnded?(nil)
    whenEnded = nil
    session.door.cancel(id)
  }

  /// Told that its result is not wanted. A request that was sent is waited for: a write always, a reading one unless
  /// everything ends.
  /// - Returns: false when there is nothing to wait for.
  func settle(_ reason: ParkedOperation.Cancellation) -> Bool {
    guard result == nil, let id, !operation.isReading || reason == .failedElsewhere,
      session.door.sendNothingMore(id)
    else { return false }
    isInterrupted = !operation.isReading && reason == .interrupted
    return true
  }

  /// What became of a write that was under way when the run was interrupted.
  private func tellInterrupted(_ result: Result<Response, CallError>?) {
    let sent = "\(RequestText.lua(request)), sent at \(began.iso8601)"
    let text =
      switch result {
      case .success(let response):
        "carried out before the end: \(sent)" + (response.requestID.map { " (request id \($0))" } ?? "")
      case .failure(let error): "failed: \(sent): \(error.message)"
      case nil: "outcome unknown: \(sent); no answer came in time, so look before you send it again"
      }
    Console.write("moongate: \(text)\n", toStandardError: true)
  }
}

extension Console {
  func defineCalls(_ define: Define) {
    define("parameters") { [unowned self] call throws(LuaRaise) in
      // The first argument is the operation; the script's own come after it.
      let operation = try operation(named: call.stack.string(at: 1))
      call.stack.remove(at: 1)
      return call.returning(LuaValue(.object(try request(operation, call).parameters)))
    }
    // The session and the operation come before the script's own arguments.
    define("start") { [unowned self] call throws(LuaRaise) in
      let (session, operation) = try addressee(call)
      return hand(over: try start(operation, call, through: session), call)
    }
    // send_now(): what was started is on its way while the script goes on.
    define("send_now") { [unowned self] call throws(LuaRaise) in
      loop.sendNow()
      return .results(0)
    }
    define("operate") { [unowned self] call throws(LuaRaise) in
      let (session, operation) = try addressee(call)
      return try wait(for: start(operation, call, through: session))
    }
    // call(operation, …): the whole response, and what is known of how it came.
    define("call") { [unowned self] call throws(LuaRaise) in
      let operation = try operation(named: call.stack.string(at: 1))
      call.stack.remove(at: 1)
      return try wait(for: start(operation, call, through: session), isWhole: true)
    }
    // operations(): what the prelude knows of each.
    define("operations") { call throws(LuaRaise) in
      let items = Service.operations.map { operation in
        var fields: [(name: String, value: LuaValue)] = [
          ("name", .string(operation.name)), ("lua_name", .string(operation.luaName)),
          ("writes", .boolean(!operation.isReading)),
        ]
        if case .listing(let items) = operation.result { fields.append(("items", .string(items))) }
        return LuaValue.table(LuaTable(fields: fields))
      }
      return call.returning(.table(LuaTable(items: items)))
    }
    define("await") { [unowned self] call throws(LuaRaise) in
      guard let handle = call.stack.handle(at: 1), let pending = calls.removeValue(forKey: handle) else {
        return .results(0)
      }
      return try wait(for: pending)
    }
  }

  /// Pushes an operation as scripts call it: the host function itself. The result of a listing is no answer but a query, which
  /// operations.lua makes.
  func push(_ operation: Operation, on stack: LuaStack) {
    stack.push(
      function: vm.register { [unowned self] call throws(LuaRaise) in
        try wait(for: start(operation, call, through: session))
      })
  }

  /// Keeps a call under way for `await`, and pushes its handle.
  func hand(over started: Call, _ call: borrowing LuaCall) -> LuaVM.Outcome {
    let handle = newHandle()
    calls[handle] = started
    call.stack.push(handle: handle)
    return .results(1)
  }

  /// The request that a script's arguments describe.
  func request(_ operation: Operation, _ call: borrowing LuaCall) throws(LuaRaise) -> Request {
    do throws(LuaRaise) {
      return try Parameters(operation: operation, recordShapes: records.shapes, secrets: secrets).read(call)
    } catch {
      gate?.noteInvalid(operation.name, in: session, by: author)
      throw error
    }
  }

  /// Starts the operation that a script's arguments describe.
  private func start(
    _ operation: Operation, _ call: borrowing LuaCall, through session: Session
  ) throws(LuaRaise) -> Call {
    try send(request(operation, call), through: session)
  }

  /// Takes the session and the operation that stand before a script's arguments.
  private func addressee(_ call: borrowing LuaCall) throws(LuaRaise) -> (Session, Operation) {
    let session = try session(at: 1, call)
    let operation = try operation(named: call.stack.string(at: 2))
    call.stack.remove(at: 1)
    call.stack.remove(at: 1)
    return (session, operation)
  }

  /// The one way out. Everything that a script sends to the service passes here, with its parameters checked: a
  /// request cannot be made without. Whether it may be sent is decided here, and nowhere else.
  /// - Parameter approved: the operator's yes, where it was asked for before.
  func send(
    _ request: Request, through session: Session, approved: String? = nil
  ) throws(LuaRaise) -> Call {
    calledOperations.insert(request.operation.name)
    if !request.operation.isReading { resourceLists.expire() }
    // What still runs then, as a <close> variable, is not to bring up the next question.
    if stopped != nil { throw LuaRaise(text: "ended by the operator") }
    guard let gate else { return Call(request, through: session, timers: loop) }
    switch try gate.decide(request, in: session, by: author, approved: approved) {
    case .send(let pass):
      return Call(request, through: session, timers: loop) { [gate] result in gate.ended(pass, result) }
    case .withhold(let response):
      return Call(request, through: session, timers: loop, withheldFor: response)
    case .quit: throw stopRun(at: request.operation.name)
    }
  }

  /// Sends a listing that completion wants, past the same gate as what is typed. Nothing of it is told to `session`:
  /// `session.last` is of the operator's own calls.
  func ask(
    _ request: Request, _ session: Session,
    _ completion: @escaping (Result<Response, CallError>) -> Void
  ) -> Result<CallID, CallError> {
    func refused(_ message: String) -> Result<CallID, CallError> {
      .failure(CallError(.configuration, code: "NotAllowed", message: message))
    }
    guard let gate else { return .success(session.door.start(request, completion: completion)) }
    do throws(LuaRaise) {
      guard case .send = try gate.decide(request, in: session, by: .typed) else {
        return refused("it is not sent in a dry run")
      }
    } catch {
      return refused(error.text)
    }
    return .success(session.door.start(request, completion: completion))
  }

  func operation(named name: String?) throws(LuaRaise) -> Operation {
    if let name, let operation = Service.operation(named: name) { return operation }
    gate?.noteInvalid(name ?? "", in: session, by: author)
    guard let name else {
      throw LuaRaise.refused(
        "call takes the name of an operation, as in call(\"GetGateway\", { GatewayArn = arn })")
    }
    let hint = nearest(to: name, in: Service.operations.flatMap { [$0.name, $0.luaName] })
    throw LuaRaise.refused(
      "AWS Backup Gateway has no operation \(quoted(name)); \(hint.map { "did you mean \($0)?" } ?? "help() lists all")"
    )
  }

  /// Waits, and hands over the page of a listing, or nil and the error of a place that is closed to this session. What
  /// is broken raises.
  func waitUnlessClosed(for pending: Call) throws(LuaRaise) -> LuaVM.Outcome {
    let parked = ParkedOperation(cancel: { pending.cancel() }) { [unowned self] call throws(LuaRaise) in
      guard case .failure(let error) = pending.result, pending.session.isClosed(error) else {
        return try push(pending, isWhole: false, on: call)
      }
      call.stack.push(.nil)
      call.stack.push(error: LuaRaise(error))
      return .results(2)
    }
    return pending.awaited(by: parked)
  }

  func wait(for pending: Call, isWhole: Bool = false) throws(LuaRaise) -> LuaVM.Outcome {
    let parked = ParkedOperation(cancel: { pending.cancel() }) { [unowned self] call throws(LuaRaise) in
      try push(pending, isWhole: isWhole, on: call)
    }
    return pending.awaited(by: parked)
  }

  /// Pushes the result of a completed call: the whole response of a listing's page, else what the model unwraps.
  /// `isWhole` asks for the whole response of any operation, and for its metadata.
  private func push(_ pending: Call, isWhole: Bool, on call: borrowing LuaCall) throws(LuaRaise)
    -> LuaVM.Outcome
  {
    let operation = pending.operation
    switch pending.result {
    case .failure(let error): throw LuaRaise(error)
    case nil: throw LuaRaise(text: "interrupted")
    case .success(let response):
      let shape = records.number(of: operation.output)
      if let problem = call.stack.pushJSON(response.body, shape: shape, isChecked: true) {
        throw LuaRaise(
          CallError(
            .network, code: "Network",
            message: "the answer is not what it should be: \(problem)",
            operation: operation.name, requestID: response.requestID, httpStatus: response.httpStatus,
            attempts: response.attempts))
      }
      if isWhole {
        call.stack.push(.table(LuaTable(pending.metadata(of: .success(response)))))
        return .results(2)
      }
      guard case .member(let name) = operation.result else { return .results(1) }
      call.stack.pushField(name, of: -1)
      return .results(1)
    }
  }
}
