// CassetteRecorder: writes down what goes through the doors of sessions. What is secret is taken out before it is kept: the
// members that the model calls sensitive, their text wherever it comes up again, and everything that looks like a key.
import AWSCore
import BackupGateway

public final class CassetteRecorder {
  private var cassette: Cassette
  /// Texts of sensitive members that were sent.
  private var secrets: Set<String> = []
  /// What was told of each session's account.
  private var accounts: [String: String] = [:]
  /// Bytes of what is kept, about.
  private var size = 0
  private(set) var isTooLarge = false
  private let clock: RecordingClock?
  /// Other texts that must never be written down.
  public var mask: (String) -> String = { $0 }

  /// Of what is kept in memory until the end.
  private static let largest = 128 << 20

  /// - Parameter clock: what the script sees as the time; nil where that is the machine's.
  public init(clock: RecordingClock?) {
    self.clock = clock
    cassette = Cassette(started: clock?.now ?? Timestamp.systemNow())
  }

  /// How many calls there are.
  public var count: Int { cassette.entries.count }

  /// Writes the cassette.
  /// - Throws: a report, also when too much was recorded.
  public func write(to path: String) throws(Report) {
    guard !isTooLarge else {
      throw Report(
        message:
          "\(Console.visible(path)) is not written: more than \(Self.largest >> 20) MiB were recorded; record a "
          + "smaller part", exitCode: ExitCode.limit)
    }
    try WholeFile.write(cassette.lines, to: path, isPrivate: true)
  }

  // MARK: Sessions

  /// A name for a session that no other one has.
  func add(_ wish: SessionWish, _ label: String?, _ door: any ServiceDoor) -> String {
    let facts = door.facts
    let place = "\(label ?? facts.profile)/\(facts.region ?? "no region")"
    var name = place
    var number = 1
    while cassette.places.contains(where: { $0.name == name }) {
      number += 1
      name = "\(place)#\(number)"
    }
    cassette.places.append(
      Cassette.Place(name: name, label: label, wish: wish.document, facts: masked(facts), refusal: nil))
    accounts[name] = facts.account
    return name
  }

  func add(_ wish: SessionWish, refusal: CallError) {
    guard !cassette.places.contains(where: { $0.refusal != nil && $0.wish == wish.document }) else { return }
    cassette.places.append(
      Cassette.Place(
        name: "", label: nil, wish: wish.document,
        facts: SessionFacts(profile: "", region: nil, account: nil, endpoint: nil), refusal: masked(refusal)))
  }

  /// An address may carry a password.
  private func masked(_ facts: SessionFacts) -> SessionFacts {
    var facts = facts
    facts.rows = []
    if let at = facts.endpoint?.lastIndex(of: "@"), let slashes = facts.endpoint?.firstRange(of: "://") {
      facts.endpoint?.replaceSubrange(slashes.upperBound..<at, with: Secrets.shown)
    }
    return facts
  }

  // MARK: Calls

  /// What a request is kept as.
  func begin(_ request: Request) -> Value.Object {
    collect(.object(request.parameters), request.operation.input)
    return Self.parameters(request)
  }

  /// The parameters as a file would give them back, without secrets.
  static func parameters(_ request: Request) -> Value.Object {
    let shown = RequestText.masked(.object(request.parameters), request.operation.input).withoutNulls
    return (try? JSON.decode(JSON.encode(shown)))?.object ?? [:]
  }

  private func collect(_ value: Value, _ shape: Shape?) {
    switch value {
    case .string(let text): if shape?.isSensitive == true, text.count >= 4 { secrets.insert(text) }
    case .array(let items): for item in items { collect(item, shape?.item) }
    case .object(let object):
      for (name, value) in object.members { collect(value, shape?.member(name)?.shape) }
    default: break
    }
  }

  /// - Returns: when it ended, by the clock that the script sees; nil where that is the machine's.
  func add(
    _ operation: String, _ parameters: Value.Object, of session: String, _ output: Shape?,
    _ outcome: Result<Response, CallError>, account: String? = nil
  ) -> Timestamp? {
    guard !isTooLarge else { return nil }
    let kept = outcome.map { masked($0, output) }.mapError(masked)
    let last = cassette.entries.last?.at
    var at = Timestamp.systemNow()
    // No two end at once: that is the order in which they are played.
    if let last, at <= last { at = Timestamp(microseconds: last.microseconds + 1) }
    if let clock { at = max(at, clock.now) }
    let entry = Cassette.Entry(
      at: at, session: session, operation: operation,
      parameters: masked(.object(parameters), nil).object ?? parameters, outcome: kept,
      account: accounts[session] == account ? nil : account)
    accounts[session] = account ?? accounts[session]
    cassette.entries.append(entry)
    size += JSON.encode(.object(Cassette.line(entry))).count
    if size > Self.largest {
      isTooLarge = true
      cassette.entries = []
    }
    return clock == nil ? nil : at
  }

  private func masked(_ response: Response, _ shape: Shape?) -> Response {
    var response = response
    guard let answer = try? JSON.decode(response.body) else { return response }
    response.body = JSON.encode(masked(RequestText.masked(answer, shape), shape))
    return response
  }

  private func masked(_ error: CallError) -> CallError {
    var error = error
    // The service may quote the request that it checked, with a session token in it.
    for words in ["Canonical String", "String-to-Sign"] {
      guard let quoted = error.message.firstRange(of: words) else { continue }
      error.message = error.message[..<quoted.upperBound] + " \(Secrets.shown)"
    }
    error.message = masked(error.message)
    return error
  }

  private func masked(_ value: Value, _ shape: Shape?) -> Value {
    switch value {
    case .string(let text): return .string(masked(text))
    case .array(let items): return .array(items.map { masked($0, nil) })
    case .object(let object):
      return .object(Value.Object(members: object.members.map { ($0.name, masked($0.value, nil)) }))
    default: return value
    }
  }

  private func masked(_ text: String) -> String {
    var text = text
    for secret in secrets + SensitiveText.secrets(in: text) where secret.count >= 4 {
      text = text.replacing(secret, with: Secrets.shown)
    }
    return mask(text)
  }
}

extension CallerIdentity {
  var document: Value.Object {
    ["Account": .string(account), "Arn": .string(arn), "UserId": .string(userID)]
  }
}
