// HostMessage: what the host says to a worker: how to begin, the script, and the outcome of what was asked.
import AWSCore
import Host

enum HostMessage {
  /// The first: what the worker may know, and what it goes by. It locks itself in when it has read it.
  case begin(Beginning)
  /// Then what the script may `require`, one message each.
  case module(name: String, [UInt8])
  /// The script's bytes.
  case script([UInt8])
  /// The last before it runs: what the command line gave the script, nil where its header declares nothing.
  case arguments(GivenArguments?)
  /// The service's answer: its body goes down as it came. A withheld write has one that is made up.
  case answer(number: UInt64, Response, isWithheld: Bool = false)
  case failure(number: UInt64, CallError)
  /// The file of a time zone; empty when there is none of that name.
  case zone(number: UInt64, [UInt8])
  /// What stands for a secret in a worker; nil when the operator gave none.
  case secret(number: UInt64, standIn: String?)
  /// The time by the clock that the script was given, where it has moved.
  case clock(Timestamp)
  /// What was written is there, or why it is not.
  case written(number: UInt64, problem: String?)

  /// A session of the run, as a worker knows it.
  struct Place: Equatable {
    var label: String
    var region: String?
    var account: String?
  }

  /// What a worker is told before it runs a script; none of it is a secret.
  struct Beginning: Equatable {
    var name: String
    var chunkName: String
    var arguments: [String]
    var place: Place
    /// What `fleet()` has, where the operator named it.
    var targets: [Place] = []
    /// Writes are withheld.
    var isDryRun = false
    /// What its header declares as secrets.
    var secrets: [String] = []
    /// The operator's TZ.
    var timeZone: String?
    /// Which part of the work is this run's.
    var part = ArrayJob.none
    /// The time that the script sees, where that is not the machine's.
    var clock: Timestamp?
    /// Whether sleeping takes its time all the same.
    var isClockWaitedFor = false
    /// What `show` writes.
    var output: OutputForm?
    /// Columns of the terminal that the output goes to; nil when it goes elsewhere.
    var columns: Int?
    /// Bytes that Lua may use.
    var memory: Int
    /// Seconds of processor time, a bound of the kernel's own beside the host's clock.
    var processorTime: Int
  }

  var frame: Frame {
    switch self {
    case .begin(let beginning): Frame(head: beginning.head)
    case .module(let name, let bytes):
      Frame(head: ["kind": "module", "name": .string(name)], payload: bytes)
    case .script(let bytes): Frame(head: ["kind": "script"], payload: bytes)
    case .arguments(let given):
      Frame(head: ["kind": "arguments"], payload: given.map { JSON.encode($0.value) } ?? [])
    case .answer(let number, let response, let isWithheld):
      Frame(
        head: [
          "kind": "answer", "number": .integer(Int64(clamping: number)),
          "request_id": .init(response.requestID), "http_status": .integer(Int64(response.httpStatus)),
          "attempts": .integer(Int64(response.attempts)), "seconds": .number(response.seconds),
          "withheld": .bool(isWithheld),
        ], payload: response.body)
    case .failure(let number, let error):
      Frame(
        head: Value.Object(
          members: [("kind", "failure"), ("number", .integer(Int64(clamping: number)))]
            + error.document.members))
    case .clock(let time): Frame(head: ["kind": "clock", "time": .integer(time.microseconds)])
    case .zone(let number, let bytes):
      Frame(head: ["kind": "zone", "number": .integer(Int64(clamping: number))], payload: bytes)
    case .secret(let number, let standIn):
      Frame(head: [
        "kind": "secret", "number": .integer(Int64(clamping: number)), "stand_in": .init(standIn),
      ])
    case .written(let number, let problem):
      Frame(head: [
        "kind": "written", "number": .integer(Int64(clamping: number)), "problem": .init(problem),
      ])
    }
  }

  init(_ frame: Frame) throws(Frame.Problem) {
    let head = frame.head
    let number = head["number"]?.integer.flatMap { UInt64(exactly: $0) }
    switch (head["kind"]?.string, number) {
    case ("begin", _): self = .begin(try Beginning(head))
    case ("module", _): self = .module(name: head["name"]?.string ?? "", frame.payload)
    case ("script", _): self = .script(frame.payload)
    case ("arguments", _):
      guard !frame.payload.isEmpty else {
        self = .arguments(nil)
        break
      }
      guard let value = try? JSON.decode(frame.payload), let given = GivenArguments(value) else {
        throw Frame.Problem(message: "arguments that are none")
      }
      self = .arguments(given)
    case ("answer", let number?):
      self = .answer(
        number: number,
        Response(
          body: frame.payload, requestID: head["request_id"]?.string,
          httpStatus: head.int("http_status") ?? 0,
          attempts: head.int("attempts") ?? 0, seconds: head.double("seconds") ?? 0),
        isWithheld: head["withheld"] == .bool(true))
    case ("failure", let number?): self = .failure(number: number, CallError(document: head))
    case ("clock", _):
      guard let time = head["time"]?.integer else { throw Frame.Problem(message: "a clock without a time") }
      self = .clock(Timestamp(microseconds: time))
    case ("zone", let number?): self = .zone(number: number, frame.payload)
    case ("secret", let number?): self = .secret(number: number, standIn: head["stand_in"]?.string)
    case ("written", let number?): self = .written(number: number, problem: head["problem"]?.string)
    default: throw Frame.Problem(message: "a message that means nothing")
    }
  }

  /// What it answers; nil for what nobody asked for.
  var number: UInt64? {
    switch self {
    case .begin, .module, .script, .arguments, .clock: nil
    case .answer(let number, _, _), .failure(let number, _), .zone(let number, _), .written(let number, _),
      .secret(let number, _):
      number
    }
  }
}

extension HostMessage.Beginning {
  fileprivate var head: Value.Object {
    var head: Value.Object = [
      "kind": "begin", "name": .string(name), "chunk": .string(chunkName),
      "arguments": .array(arguments.map(Value.string)), "place": place.value,
      "targets": .array(targets.map(\.value)), "dry_run": .bool(isDryRun),
      "secrets": .array(secrets.map(Value.string)), "time_zone": .init(timeZone),
      "clock": clock.map { .integer($0.microseconds) } ?? .null,
      "clock_waits": .bool(isClockWaitedFor), "output": .init(output?.rawValue),
      "columns": .init(columns),
      "memory": .integer(Int64(memory)), "processor_time": .integer(Int64(processorTime)),
    ]
    switch part {
    case .none: break
    case .part(let index, let count, let source):
      head["part"] = .array([.integer(Int64(index)), .integer(Int64(count)), .string(source)])
    case .unusable(let problem): head["part"] = .string(problem)
    }
    return head
  }

  fileprivate init(_ head: Value.Object) throws(Frame.Problem) {
    guard let name = head["name"]?.string, let chunk = head["chunk"]?.string,
      let arguments = head["arguments"]?.array, let place = HostMessage.Place(head["place"]),
      let targets = head["targets"]?.array,
      let memory = head.int("memory"), let processorTime = head.int("processor_time")
    else { throw Frame.Problem(message: "no beginning") }
    self.init(
      name: name, chunkName: chunk, arguments: arguments.compactMap(\.string), place: place,
      targets: targets.compactMap { HostMessage.Place($0) }, isDryRun: head["dry_run"] == .bool(true),
      secrets: head["secrets"]?.array?.compactMap(\.string) ?? [],
      timeZone: head["time_zone"]?.string, part: Self.part(head["part"]),
      clock: head["clock"]?.integer.map { Timestamp(microseconds: $0) },
      isClockWaitedFor: head["clock_waits"] == .bool(true),
      output: head["output"]?.string.flatMap(OutputForm.init(rawValue:)), columns: head.int("columns"),
      memory: memory,
      processorTime: processorTime)
  }
}

extension HostMessage.Beginning {
  private static func part(_ value: Value?) -> ArrayJob {
    if let problem = value?.string { return .unusable(problem) }
    guard let fields = value?.array, fields.count == 3, let source = fields[2].string,
      let index = fields[0].integer.flatMap({ Int(exactly: $0) }),
      let count = fields[1].integer.flatMap({ Int(exactly: $0) })
    else { return .none }
    return .part(index, of: count, from: source)
  }
}

extension HostMessage.Place {
  fileprivate var value: Value {
    .object(["label": .string(label), "region": .init(region), "account": .init(account)])
  }

  fileprivate init?(_ value: Value?) {
    guard let label = value?["label"]?.string else { return nil }
    self.init(label: label, region: value?["region"]?.string, account: value?["account"]?.string)
  }
}

extension Value {
  fileprivate init(_ text: String?) { self = text.map(Value.string) ?? .null }
  fileprivate init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
}

extension Value.Object {
  fileprivate func int(_ name: String) -> Int? { self[name]?.integer.flatMap { Int(exactly: $0) } }

  fileprivate func double(_ name: String) -> Double? {
    switch self[name] {
    case .number(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
}
