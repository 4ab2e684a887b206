// CassettePlayer: answers requests from a cassette, each once, at the moment at which it was answered when it was recorded.
// Nothing is sent anywhere. A request that was not recorded is an error that says which comes nearest.
import AWSCore
import BackupGateway

public final class CassettePlayer {
  private let cassette: Cassette
  private let loop: EventLoop
  /// Places of entries that were not played yet, by what asks for them.
  private var waiting: [Key: [Int]] = [:]
  /// Names of sessions that were opened.
  private var opened: Set<String> = []
  private var lastNumber: UInt64 = 0
  /// What is asked now finds the resources that arguments name.
  public var isLookingUp = false
  /// What is asked now is not the script's, and gets none of its answers.
  public var isAside = false
  private var underWay: Set<UInt64> = []
  /// It answers no more; what a script kept of its sessions is told so.
  private var isOver = false

  private struct Key: Hashable {
    var session: String
    var operation: String
    /// As JSON, members in order of their names.
    var parameters: String
  }

  /// Sets the clock of code on the loop to the beginning of the recording.
  public init(_ cassette: Cassette, _ loop: EventLoop) {
    self.cassette = cassette
    self.loop = loop
    loop.clock = ReplayClock(cassette.started)
    for (index, entry) in cassette.entries.enumerated() {
      waiting[Self.key(entry.session, entry.operation, entry.parameters), default: []].append(index)
    }
  }

  /// Whether something around a local gateway was asked for.
  public var hasLab: Bool { cassette.entries.contains { $0.session == Cassette.lab } }

  /// `gateway_lab` as it answered when it was recorded.
  public func lab(_ operations: [Operation]) -> Lab {
    let facts = SessionFacts(profile: "control", region: nil, account: nil, endpoint: nil)
    return Lab(operations: operations, door: ReplayDoor(Cassette.lab, facts, self))
  }

  /// What was recorded and not asked for, as the end of a sentence; nil when that is nothing.
  public var leftovers: String? {
    let left = waiting.values.flatMap(\.self).sorted().map { cassette.entries[$0].operation }
    guard !left.isEmpty else { return nil }
    var names: [String] = []
    for name in left where !names.contains(name) { names.append(name) }
    let parts = names.map { name in "\(name) ×\(left.count { $0 == name })" }
    return left.count == 1
      ? "1 recorded call was not made: \(names[0])"
      : "\(left.count) recorded calls were not made: \(parts.joined(separator: ", "))"
  }

  /// Ends the replay: the machine's clock is code's again.
  public func end() {
    isOver = true
    loop.clock = nil
  }

  // MARK: Sessions

  /// What the command line of the recording said.
  var base: SessionWish { SessionWish(document: cassette.places.first { $0.refusal == nil }?.wish ?? [:]) }

  /// The session that was opened by such a wish.
  func session(_ wish: SessionWish) throws(CallError) -> Session {
    let document = wish.document
    let places = cassette.places.filter { $0.wish == document }
    // One that was opened twice is there twice.
    guard let place = places.first(where: { !opened.contains($0.name) }) ?? places.last else {
      let names = cassette.places.filter { $0.refusal == nil }.map(\.name)
      throw Self.missing(
        "The cassette has no session \(String(decoding: JSON.encode(.object(document)), as: UTF8.self)); it has "
          + "\(listed(names)).")
    }
    if let refusal = place.refusal { throw refusal }
    opened.insert(place.name)
    let door = ReplayDoor(place.name, place.facts, self)
    return Session(label: place.label, wish: wish, door: door, identify: identify(place.name))
  }

  private func identify(_ session: String) -> Session.Identify? {
    guard cassette.entries.contains(where: { $0.operation == Cassette.identity }) else { return nil }
    return { [self] completion in
      _ = play(session, Cassette.identity, [:]) { outcome in
        completion(
          outcome.result.flatMap { response in
            let answer = try? JSON.decode(response.body)
            func text(_ name: String) -> String { answer?[name]?.string ?? "" }
            return .success(
              CallerIdentity(account: text("Account"), arn: text("Arn"), userID: text("UserId")))
          })
      }
    }
  }

  // MARK: Calls

  fileprivate struct Outcome {
    var result: Result<Response, CallError>
    /// Of the session, where the call told it.
    var account: String?
  }

  fileprivate func play(
    _ session: String, _ operation: String, _ parameters: Value.Object,
    completion: @escaping (Outcome) -> Void
  ) -> UInt64 {
    lastNumber += 1
    let number = lastNumber
    guard !isOver else {
      underWay.insert(number)
      let error = Self.missing("The cassette of this session answers no more.", operation)
      _ = loop.after(0) { [weak self] in
        if self?.underWay.remove(number) != nil { completion(Outcome(result: .failure(error))) }
      }
      return number
    }
    let key = Self.key(session, operation, parameters)
    var outcome: Outcome
    var time = loop.codeNow
    if !isAside, let index = waiting[key]?.first {
      waiting[key]?.removeFirst()
      let entry = cassette.entries[index]
      outcome = Outcome(result: entry.outcome, account: entry.account)
      time = entry.at
    } else {
      outcome = Outcome(result: .failure(missing(session, operation, parameters, key)))
    }
    underWay.insert(number)
    loop.answer(at: time) { [weak self] in
      if self?.underWay.remove(number) != nil { completion(outcome) }
    }
    return number
  }

  fileprivate func cancel(_ number: UInt64) { underWay.remove(number) }

  /// Why there is no answer, with the request that comes nearest.
  private func missing(
    _ session: String, _ operation: String, _ parameters: Value.Object, _ key: Key
  ) -> CallError {
    if waiting[key] != nil {
      let count = cassette.entries.count { Self.key($0.session, $0.operation, $0.parameters) == key }
      let times = count == 1 ? "once" : "\(count) times"
      return Self.missing(
        "The cassette has \(operation) with these parameters in \(session) \(times), and this is one more.",
        operation)
    }
    // What was asked to find the resource that an argument names is no nearest one of a script's requests.
    let recorded = cassette.entries.filter { $0.operation == operation && (isLookingUp || !$0.isLookUp) }
    let asks = isLookingUp ? "The name of an argument is looked up by a listing. " : ""
    guard !recorded.isEmpty else {
      var names: [String] = []
      for entry in cassette.entries where !names.contains(entry.operation) && entry.operation != operation {
        names.append(entry.operation)
      }
      return Self.missing(
        asks + "The cassette has no \(operation)"
          + (cassette.entries.contains { $0.operation == operation }
            ? " but what looked up the names of arguments" : "")
          + (names.isEmpty ? "; it has no calls." : "; it has \(listed(names))."),
        operation)
    }
    let near = recorded.map { ($0, Self.differences(parameters, $0.parameters, session, $0.session)) }
      .min { $0.1.count < $1.1.count }
    return Self.missing(
      asks + "The cassette has no such \(operation). In the one that comes nearest "
        + "\((near?.1 ?? []).prefix(3).joined(separator: "; ")).", operation)
  }

  private static func missing(_ message: String, _ operation: String? = nil) -> CallError {
    CallError(.configuration, code: "NotRecorded", message: message, operation: operation)
  }

  /// What differs, in words.
  private static func differences(
    _ asked: Value.Object, _ recorded: Value.Object, _ session: String, _ recordedSession: String
  ) -> [String] {
    func text(_ value: Value?) -> String {
      value.map { Console.visible(Terminal.cut(String(decoding: JSON.encode($0), as: UTF8.self), to: 100)) }
        ?? "absent"
    }
    var words: [String] = []
    if session != recordedSession { words.append("the session is \(recordedSession), and here \(session)") }
    var names = asked.members.map(\.name)
    for name in recorded.members.map(\.name) where !names.contains(name) { names.append(name) }
    for name in names where asked[name] != recorded[name] {
      words.append("\(name) is \(text(recorded[name])), and here \(text(asked[name]))")
    }
    return words
  }

  private static func key(_ session: String, _ operation: String, _ parameters: Value.Object) -> Key {
    Key(
      session: session, operation: operation,
      parameters: String(decoding: JSON.encode(sorted(.object(parameters))), as: UTF8.self))
  }

  private static func sorted(_ value: Value) -> Value {
    switch value {
    case .array(let items): .array(items.map(sorted))
    case .object(let object):
      .object(
        Value.Object(
          members: object.members.map { ($0.name, sorted($0.value)) }.sorted { $0.name < $1.name }))
    default: value
    }
  }
}

/// The clock of a script that is replayed: sleeping takes no time.
private final class ReplayClock: CodeClock {
  var now: Timestamp
  init(_ now: Timestamp) { self.now = now }
}

/// The door of a session that was recorded.
private final class ReplayDoor: ServiceDoor {
  private let name: String
  private(set) var facts: SessionFacts
  /// A script may keep a session for longer than the replay lasts.
  private let player: CassettePlayer

  init(_ name: String, _ facts: SessionFacts, _ player: CassettePlayer) {
    self.name = name
    self.player = player
    self.facts = facts
    self.facts.rows = [
      ("profile", facts.profile, "the cassette"), ("region", facts.region ?? "none", "the cassette"),
      ("endpoint", facts.endpoint ?? "none", "the cassette"),
    ]
  }

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    let number = player.play(name, request.operation.name, CassetteRecorder.parameters(request)) {
      [weak self] outcome in
      if let account = outcome.account { self?.facts.account = account }
      completion(outcome.result)
    }
    return CallID(number: number)
  }

  func cancel(_ id: CallID) { player.cancel(id.number) }
}

/// A network that nothing is ever sent to.
public final class NoNetwork: Network {
  public init() {}
  public var isIdle: Bool { true }
  public func turn(waitMilliseconds: Int32, wakeDescriptors: [Int32]) {}
  public func start(
    _ request: HTTPRequest, limits: TransferLimits,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) -> TransferID { TransferID(0) }
  public func cancel(_ transfer: TransferID) {}
}
