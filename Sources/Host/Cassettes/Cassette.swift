// Cassette: a recording of what a session asked of the service and what came back, as a file: a head, and an object a line,
// so that it can be read, compared and put under version control.
//
//   {"cassette":1,"moongate":"0.7.0","started":"2026-03-01T06:00:00Z"}
//   {"session":"prod/eu-west-1","wish":{},"label":null,"profile":"prod","region":"eu-west-1","account":null,"endpoint":"…"}
//   {"at":"2026-03-01T06:00:01Z","session":"prod/eu-west-1","operation":"ListGateways","parameters":{},"answer":{…}}
//   {"at":"2026-03-01T06:00:02Z","session":"prod/eu-west-1","operation":"GetGateway","parameters":{…},"error":{…}}
import AWSCore
import BackupGateway
import Glibc

/// What was recorded, in the order in which it ended.
public struct Cassette: Sendable {
  /// The version of the format.
  static let version: Int64 = 1
  /// Whose keys sign is asked of another service than operations are.
  static let identity = "sts:GetCallerIdentity"
  /// The session of what `gateway_lab` was asked.
  public static let lab = "gateway_lab"

  /// A session that was opened, or that was refused.
  struct Place: Sendable {
    var name: String
    var label: String?
    var wish: Value.Object
    var facts: SessionFacts
    /// Why there was none.
    var refusal: CallError?
  }

  /// A call, and what came of it.
  struct Entry: Sendable {
    /// When it ended, by the clock that the script saw.
    var at: Timestamp
    var session: String
    var operation: String
    /// Without secrets.
    var parameters: Value.Object
    var outcome: Result<Response, CallError>
    /// The command line asked, to find the resource that an argument names; the script did not.
    var isLookUp = false
    /// The account that was known from then on, when the call told it.
    var account: String?
  }

  var started: Timestamp
  var places: [Place] = []
  var entries: [Entry] = []

  init(started: Timestamp) { self.started = started }

  // MARK: Writing

  var lines: [UInt8] {
    var out: [UInt8] = []
    let head: Value.Object = [
      "cassette": .integer(Self.version), "moongate": .string(Version.current),
      "started": .string(started.iso8601),
    ]
    for line in [head] + places.map(Self.line) + entries.map(Self.line) {
      out += JSON.encode(.object(line)) + [UInt8(ascii: "\n")]
    }
    return out
  }

  private static func line(_ place: Place) -> Value.Object {
    var line: Value.Object = ["session": .string(place.name), "wish": .object(place.wish)]
    if let refusal = place.refusal {
      line["error"] = .object(refusal.document)
      return line
    }
    let facts = place.facts
    for (name, text) in [
      ("label", place.label), ("profile", facts.profile), ("region", facts.region),
      ("account", facts.account),
      ("endpoint", facts.endpoint),
    ] { line[name] = text.map(Value.string) ?? .null }
    return line
  }

  static func line(_ entry: Entry) -> Value.Object {
    var line: Value.Object = [
      "at": .string(entry.at.iso8601), "session": .string(entry.session),
      "operation": .string(entry.operation),
      "parameters": .object(entry.parameters),
    ]
    if entry.isLookUp { line["look_up"] = .bool(true) }
    if let account = entry.account { line["account"] = .string(account) }
    switch entry.outcome {
    case .success(let response):
      line["request_id"] = response.requestID.map(Value.string)
      line["http_status"] = .integer(Int64(response.httpStatus))
      line["attempts"] = .integer(Int64(response.attempts))
      line["seconds"] = .number(response.seconds)
      line["answer"] = (try? JSON.decode(response.body)) ?? .object([:])
    case .failure(let error): line["error"] = .object(error.document)
    }
    return line
  }

  // MARK: Reading

  /// More was never recorded; see CassetteRecorder.
  private static let largest = 256 << 20

  /// Reads a cassette from a file.
  /// - Throws: a report that names the file, and the line, for what is none.
  public init(file path: String) throws(Report) {
    let bytes: [UInt8]?
    do throws(Environment.FileError) { bytes = try Environment.process().readFile(path) } catch {
      throw Self.problem(path, "cannot be read: \(error.reason)")
    }
    guard let bytes else { throw Self.problem(path, "is not there") }
    guard bytes.count <= Self.largest else { throw Self.problem(path, "is too large for a cassette") }
    var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
    guard let head = lines.popFirst().flatMap({ try? JSON.decode(Array($0)) })?.object,
      let version = head["cassette"]?.integer,
      let started = head["started"]?.string.flatMap({ Timestamp(iso8601: $0) })
    else { throw Self.problem(path, "is no cassette; --record makes one") }
    guard version <= Self.version else {
      throw Self.problem(
        path,
        "was recorded by a newer Moongate (\(head["moongate"]?.string ?? "?")); this is \(Version.current)")
    }
    self.started = started
    for (index, line) in lines.enumerated() {
      guard let document = (try? JSON.decode(Array(line)))?.object, add(document) else {
        throw Self.problem(path, "is damaged in line \(index + 2)")
      }
    }
    guard places.contains(where: { $0.refusal == nil }) else { throw Self.problem(path, "holds no session") }
  }

  private static func problem(_ path: String, _ text: String) -> Report {
    Report(message: "\(Console.visible(path)) \(text)", exitCode: ExitCode.configuration)
  }

  private mutating func add(_ line: Value.Object) -> Bool {
    guard let session = line["session"]?.string else { return false }
    guard let operation = line["operation"]?.string else {
      guard let wish = line["wish"]?.object else { return false }
      let refusal = line["error"]?.object.map { CallError(document: $0) }
      guard let profile = line["profile"]?.string ?? refusal.map({ _ in "" }) else { return false }
      places.append(
        Place(
          name: session, label: line["label"]?.string, wish: wish,
          facts: SessionFacts(
            profile: profile, region: line["region"]?.string, account: line["account"]?.string,
            endpoint: line["endpoint"]?.string), refusal: refusal))
      return true
    }
    guard let at = line["at"]?.string.flatMap({ Timestamp(iso8601: $0) }),
      let parameters = line["parameters"]?.object, let outcome = Self.outcome(line)
    else { return false }
    entries.append(
      Entry(
        at: at, session: session, operation: operation, parameters: parameters, outcome: outcome,
        isLookUp: line["look_up"] == .bool(true),
        account: line["account"]?.string))
    return true
  }

  private static func outcome(_ line: Value.Object) -> Result<Response, CallError>? {
    if let error = line["error"]?.object { return .failure(CallError(document: error)) }
    guard let answer = line["answer"], answer.object != nil else { return nil }
    func number(_ name: String) -> Int? { line[name]?.integer.flatMap { Int(exactly: $0) } }
    let seconds: Double =
      switch line["seconds"] {
      case .number(let seconds)?: seconds
      case .integer(let seconds)?: Double(seconds)
      default: 0
      }
    return .success(
      Response(
        body: JSON.encode(answer), requestID: line["request_id"]?.string,
        httpStatus: number("http_status") ?? 200, attempts: number("attempts") ?? 1, seconds: seconds))
  }
}

extension SessionWish {
  init(document: Value.Object) {
    func setting(_ name: String) -> Setting? {
      document[name]?.string.map { Setting($0, from: "the cassette") }
    }
    self.init(
      profile: setting("profile"), region: setting("region"), endpoint: setting("endpoint"),
      role: setting("role_arn"))
  }

  /// What the session was told to be, without who said so.
  var document: Value.Object {
    var document = Value.Object()
    for (name, setting) in [
      ("profile", profile), ("region", region), ("endpoint", endpoint), ("role_arn", role),
    ] { document[name] = setting.map { .string($0.value) } }
    return document
  }
}
