// RecordingDoor: a session's door whose calls are written down when something records, and what a recorded script sees as
// the time.
import AWSCore
import BackupGateway

/// The clock of a script that is recorded. What it shows is the moment of the last call or the last sleep, so that a replay
/// can show the same; and sleeping takes its time.
public final class RecordingClock: CodeClock {
  public var now = Timestamp.systemNow()
  public let isWaitedFor = true

  public init() {}
}

/// A door whose calls are written down.
final class RecordingDoor: ServiceDoor {
  private let door: any ServiceDoor
  private let tap: CassetteTap
  private let wish: SessionWish
  private let label: String?
  /// The recorder that knows this session, and by what name.
  private var known: (recorder: CassetteRecorder, name: String)?

  init(_ door: any ServiceDoor, _ tap: CassetteTap, wish: SessionWish, label: String?, name: String? = nil) {
    self.door = door
    self.tap = tap
    self.wish = wish
    self.label = label
    fixedName = name
    _ = session
  }

  /// Calls that are recorded, by our numbers, which are far from those of the door; nil inside for one that has ended and
  /// is not delivered.
  private var underWay: [UInt64: CallID?] = [:]
  private var lastNumber: UInt64 = 1 << 62

  /// Of what is no session.
  private let fixedName: String?

  /// What this session is called in the cassette that is being recorded; nil when none is.
  var session: (recorder: CassetteRecorder, name: String)? {
    guard let recorder = tap.recorder else { return nil }
    if let known, known.recorder === recorder { return known }
    let name = fixedName ?? recorder.add(wish, label, door)
    known = (recorder, name)
    return known
  }

  var facts: SessionFacts { door.facts }

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    guard !tap.isReplaying else {
      lastNumber += 1
      let number = lastNumber
      underWay[number] = .some(nil)
      tap.refuse { [weak self] error in
        if self?.underWay.removeValue(forKey: number) != nil { completion(.failure(error)) }
      }
      return CallID(number: number)
    }
    guard let (recorder, name) = session else { return door.start(request, completion: completion) }
    let parameters = recorder.begin(request)
    lastNumber += 1
    let number = lastNumber
    let id = door.start(request) { [unowned self] result in
      underWay[number] = .some(nil)
      let at = recorder.add(
        request.operation.name, parameters, of: name, request.operation.output, result,
        account: door.facts.account)
      tap.deliver(at) { [weak self] in
        if self?.underWay.removeValue(forKey: number) != nil { completion(result) }
      }
    }
    underWay[number] = id
    return CallID(number: number)
  }

  func cancel(_ id: CallID) {
    // What was not recorded has the number of the door itself.
    guard let call = underWay.removeValue(forKey: id.number) else { return door.cancel(id) }
    call.map(door.cancel)
  }

  func sendNothingMore(_ id: CallID) -> Bool {
    guard let call = underWay[id.number] else { return door.sendNothingMore(id) }
    return call.map(door.sendNothingMore) ?? true
  }
}

/// Where recording is switched on and off, for the sessions that there are.
public final class CassetteTap {
  public var recorder: CassetteRecorder?
  /// A cassette answers: nothing is sent for sessions that a script has kept from before.
  public var isReplaying = false
  private let loop: EventLoop

  public init(_ loop: EventLoop) { self.loop = loop }

  /// Tells of an answer when the script's clock has come to it.
  fileprivate func deliver(_ at: Timestamp?, _ body: @escaping () -> Void) {
    if let at { loop.answer(at: at, body) } else { body() }
  }

  /// Tells a session from before the replay, in a later turn, why it has no answer.
  fileprivate func refuse(_ completion: @escaping (CallError) -> Void) {
    _ = loop.after(0) {
      completion(
        CallError(
          .configuration, code: "NotRecorded",
          message:
            "This was opened before the replay, and nothing is sent while a cassette answers; .replay off goes back."
        ))
    }
  }

  /// A door through which calls are written down when something records.
  public func door(_ door: any ServiceDoor, name: String) -> any ServiceDoor {
    RecordingDoor(door, self, wish: SessionWish(), label: nil, name: name)
  }

  /// The same door of a session, and its way to learn whose keys it signs with.
  func session(_ door: any ServiceDoor, _ wish: SessionWish, _ label: String?, _ identify: Session.Identify?)
    -> Session
  {
    let recorded = RecordingDoor(door, self, wish: wish, label: label)
    let identifying: Session.Identify? = identify.map { identify in
      { [self] completion in
        guard !isReplaying else { return refuse { completion(.failure($0)) } }
        identify { [self] result in
          var at: Timestamp?
          if let (recorder, name) = recorded.session {
            at = recorder.add(
              Cassette.identity, [:], of: name, nil,
              result.map { Response(body: JSON.encode(.object($0.document))) })
          }
          deliver(at) { completion(result) }
        }
      }
    }
    return Session(label: label, wish: wish, door: recorded, identify: identifying)
  }
}
