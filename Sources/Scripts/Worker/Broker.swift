// Broker: what the host does for a worker. It takes every byte from it as hostile: what is no message, or too much, ends
// the run and nothing else. What is a call is checked like any other, put to the permission gate, signed and sent.
import AWSCore
import BackupGateway
import Host
import LuaRuntime

final class Broker {
  /// What comes of a worker.
  enum Ending: Equatable, Sendable {
    /// The script has ended, with this exit code.
    case ended(Int32)
    /// It could not lock itself in.
    case refused(String)
    /// It said what no worker says; the words complete "the snippet's process …".
    case broken(String)
    /// A limit, in words that complete "the snippet …".
    case limit(String)
    /// The operator ended the run.
    case quit
  }

  /// What the broker needs of whoever runs the worker.
  struct Seams {
    /// Sends bytes down.
    var send: ([UInt8]) -> Void
    /// Is told once how the worker ends.
    var end: (Ending) -> Void
    /// Does what may take the operator's time: the run's clocks stand still meanwhile.
    var undisturbed: (() -> Void) -> Void
    /// The file of a time zone; nil when there is none of that name.
    var zone: (String) -> [UInt8]?
    /// The text of a secret, which the operator may be asked for; nil when they give none.
    var secret: (String) -> String?
    /// The clock that the script was given; nil when it has the machine's.
    var clock: (any CodeClock)?

    init(
      send: @escaping ([UInt8]) -> Void, end: @escaping (Ending) -> Void,
      undisturbed: @escaping (() -> Void) -> Void = { $0() },
      zone: @escaping (String) -> [UInt8]? = { _ in nil },
      secret: @escaping (String) -> String? = { _ in nil }, clock: (any CodeClock)? = nil
    ) {
      self.send = send
      self.end = end
      self.undisturbed = undisturbed
      self.zone = zone
      self.secret = secret
      self.clock = clock
    }
  }

  /// A call that was sent and has not been answered.
  private struct UnderWay {
    var id: CallID?
    let session: Session
    let operation: Operation
    let pass: PermissionGate.Pass
  }

  /// More at once no script needs: `parallel` has 32.
  static let mostAtOnce = 256
  /// The database has some 600, and a worker asks about each once.
  static let mostZones = 2_000

  /// The session that the run began with, and then its targets.
  private let sessions: [Session]
  private let gate: PermissionGate
  private let author: Author
  private let limits: SnippetLimits
  private let seams: Seams
  private var files: BrokerFiles
  private var secrets: BrokerSecrets
  private var reader = Frame.Reader(largest: Frame.largestUp, mayHavePayload: true)
  private var underWay: [UInt64: UnderWay] = [:]
  private var lastNumber: UInt64 = 0
  private var calls = 0
  private var zones = 0
  private var writes = 0
  private var isOver = false
  private var isWorkerGone = false
  /// The time that the worker knows.
  private var toldTime: Timestamp?

  init(
    session: Session, targets: [Session] = [], gate: PermissionGate, author: Author, limits: SnippetLimits,
    outputs: [String] = [], secrets: [String] = [], seams: Seams
  ) {
    sessions = [session] + targets
    self.gate = gate
    self.author = author
    self.limits = limits
    self.seams = seams
    toldTime = seams.clock?.now
    files = BrokerFiles(paths: outputs, limit: limits.output)
    self.secrets = BrokerSecrets(declared: secrets)
  }

  /// Takes what the worker wrote.
  func receive(_ bytes: some Collection<UInt8>) {
    guard !isOver else { return }
    reader.append(bytes)
    do throws(Frame.Problem) {
      while !isOver, let frame = try reader.next() { try handle(try WorkerMessage(frame)) }
    } catch {
      end(.broken("sent \(error.message)"))
    }
  }

  /// Takes what the worker wrote last, once it is gone: how it ended. Nothing is begun for it any more.
  func receiveLast(_ bytes: some Collection<UInt8>) {
    isWorkerGone = true
    receive(bytes)
  }

  /// The worker is gone, or must go: nothing that it asks is heard any more, and nothing more is sent for it.
  func stop() {
    isOver = true
    for number in underWay.keys { letGo(number) }
    files.abandonAll()
  }

  /// Writes that are on their way and not answered, by AWS's name. They are waited for after `stop`.
  var writesUnderWay: [String] { underWay.values.map(\.operation.name).sorted() }

  /// Lets go of those too; what became of them is not known.
  func abandon() {
    for call in underWay.values {
      call.id.map(call.session.door.cancel)
      gate.ended(call.pass, nil)
    }
    underWay = [:]
  }

  private func end(_ ending: Ending) {
    guard !isOver else { return }
    isOver = true
    seams.end(ending)
  }

  // MARK: Messages

  private func handle(_ message: WorkerMessage) throws(Frame.Problem) {
    switch message {
    case .rested: break
    case .call where isWorkerGone, .zone where isWorkerGone, .secret where isWorkerGone: break
    case .secret(let number, let name):
      try take(number)
      guard secrets.isDeclared(name) else { throw Frame.Problem(message: "a secret that it has not") }
      send(.secret(number: number, standIn: standIn(for: name)))
    case .clock(let said):
      guard let clock = seams.clock else { throw Frame.Problem(message: "the time, which it does not set") }
      guard Timestamp(epochSeconds: said.epochSeconds) != nil else {
        throw Frame.Problem(message: "a time that no clock shows")
      }
      // Who sleeps by a clock that is waited for cannot have slept into the future.
      let time = clock.isWaitedFor ? min(said, Timestamp.systemNow()) : said
      clock.advance(to: time)
      toldTime = time
    case .write(let file, let bytes):
      if try !files.write(bytes, to: file) {
        end(.limit("wrote more than \(ByteCount.text(limits.output)) into files; --max-output raises that"))
      }
    case .finish(let number, let file):
      try take(number)
      send(.written(number: number, problem: try files.finish(file)))
    case .abandon(let file): try files.abandon(file)
    case .refused(let reason): end(.refused(reason))
    case .ended(let code): end(.ended(code))
    case .cancel(let number): try cancel(number)
    case .zone(let number, let name):
      try take(number)
      zones += 1
      guard zones <= Self.mostZones else {
        throw Frame.Problem(message: "more questions than a worker asks")
      }
      send(.zone(number: number, seams.zone(name) ?? []))
    case .call(let number, let operation, let parameters, let target):
      try take(number)
      guard sessions.indices.contains(target) else {
        throw Frame.Problem(message: "a target that it has not")
      }
      guard underWay.count < Self.mostAtOnce else {
        return end(.limit("had more than \(Self.mostAtOnce) calls under way at once"))
      }
      calls += 1
      guard calls <= limits.calls else {
        return end(.limit("made more than \(limits.calls) calls; @limit calls= or --max-calls raises that"))
      }
      call(number, operation, parameters, through: sessions[target])
    }
  }

  /// The operator is asked once for each secret, at most.
  private func standIn(for name: String) -> String? {
    guard secrets.isAskedFirst(name) else { return secrets.standIn(for: name) }
    var text: String?
    seams.undisturbed { text = seams.secret(name) }
    guard let text, !text.isEmpty else { return nil }
    return secrets.keep(text, as: name)
  }

  /// A number is new, or it is not a worker of ours that counts.
  private func take(_ number: UInt64) throws(Frame.Problem) {
    guard number > lastNumber else { throw Frame.Problem(message: "a number that was used already") }
    lastNumber = number
  }

  private func cancel(_ number: UInt64) throws(Frame.Problem) {
    guard number <= lastNumber else { throw Frame.Problem(message: "a number that it never used") }
    letGo(number)
  }

  /// A call whose answer the worker does not want; it may have been answered meanwhile. A write that is on its way is
  /// heard out all the same: what became of it goes into the audit log.
  private func letGo(_ number: UInt64) {
    guard let call = underWay[number] else { return }
    if !call.operation.isReading, let id = call.id, call.session.door.sendNothingMore(id) { return }
    underWay[number] = nil
    call.id.map(call.session.door.cancel)
    gate.ended(call.pass, nil)
  }

  // MARK: Calls

  private func call(
    _ number: UInt64, _ name: String, _ parameters: Value.Object, through session: Session
  ) {
    let request: Request
    do throws(CallError) {
      request = try checked(name, parameters)
    } catch {
      gate.noteInvalid(name, in: session, by: author)
      return send(.failure(number: number, error))
    }
    var outcome: Result<PermissionGate.Decision, LuaRaise>?
    let decide = { [self] in outcome = Result { () throws(LuaRaise) in try decision(request, session) } }
    // Only a write can be asked about.
    if request.operation.isReading { decide() } else { seams.undisturbed(decide) }
    switch outcome {
    case .success(.send(let pass)): start(number, request, pass, session)
    case .success(.withhold(let response)):
      send(
        .answer(
          number: number,
          Response(
            body: JSON.encode(.object(response)), requestID: nil, httpStatus: 200, attempts: 0, seconds: 0),
          isWithheld: true))
    case .success(.quit), nil: end(.quit)
    case .failure(let refusal):
      send(.failure(number: number, CallError(refusal: refusal, operation: request.operation.name)))
    }
  }

  /// The same checks that the worker made, by the same model: whoever speaks here may not have made them.
  private func checked(_ name: String, _ parameters: Value.Object) throws(CallError) -> Request {
    guard let operation = Service.operation(name) else {
      throw CallError(.parameters, code: "ParamValidation", message: "there is no such operation")
    }
    do throws(InvalidRequest) {
      return try Request(operation, secrets.filled(parameters, of: operation), firstIndex: 1)
    } catch {
      throw CallError(
        .parameters, code: "ParamValidation",
        message: error.issues.prefix(3).map(\.message).joined(separator: "; "), operation: operation.name)
    }
  }

  private func decision(_ request: Request, _ session: Session) throws(LuaRaise) -> PermissionGate.Decision {
    let isWriting = !request.operation.isReading
    if isWriting, let most = limits.writes, writes >= most {
      throw LuaRaise(fields: [
        ("code", .string("Limit")),
        ("message", .string("its header's @limit lets this run write \(most) times")),
      ])
    }
    let decision = try gate.decide(request, in: session, by: author)
    if isWriting, case .send = decision { writes += 1 }
    return decision
  }

  private func start(
    _ number: UInt64, _ request: Request, _ pass: PermissionGate.Pass, _ session: Session
  ) {
    underWay[number] = UnderWay(id: nil, session: session, operation: request.operation, pass: pass)
    let id = session.door.start(request) { [weak self] result in
      guard let self, underWay.removeValue(forKey: number) != nil else { return }
      gate.ended(pass, result)
      switch result {
      case .success(let response): send(.answer(number: number, response))
      case .failure(let error): send(.failure(number: number, error))
      }
    }
    underWay[number]?.id = id
  }

  private func send(_ message: HostMessage) {
    guard !isOver else { return }
    let message: HostMessage =
      switch message {
      case .answer(let number, let response, let isWithheld):
        .answer(number: number, secrets.masked(response), isWithheld: isWithheld)
      case .failure(let number, let error): .failure(number: number, secrets.masked(error))
      default: message
      }
    if let now = seams.clock?.now, now != toldTime {
      toldTime = now
      seams.send(HostMessage.clock(now).frame.encoded())
    }
    seams.send(message.frame.encoded())
  }
}

extension CallError {
  /// A refusal of the gate as an error that can travel.
  init(refusal: LuaRaise, operation: String) {
    func text(_ name: String) -> String? { refusal.fields.first { $0.name == name }?.value.string }
    self.init(
      .parameters, code: text("code") ?? "NotAllowed", message: text("message") ?? refusal.text,
      operation: operation)
  }
}
