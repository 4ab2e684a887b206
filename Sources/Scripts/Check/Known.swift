// Known: what can be said of a value without running anything. What cannot is unknown, and nothing is found in it.
import BackupGateway
import Host

indirect enum Known: Sendable {
  case unknown
  case number, boolean, text, timestamp
  /// A text, a number or a time of the service's model.
  case scalar(Shape)
  case record(Shape)
  case list(of: Known)
  case map(of: Known)
  /// What :group() gives for each key.
  case group(of: Known)
  case listing(of: Known, page: Shape?)
  /// What a `for` calls for each item.
  case iterator(of: Known)
  /// What `pairs` and `ipairs` give.
  case pairs(of: Known)
  case operation(Operation)
  /// A function of the host, by the name that help() has for it: `wait`, `output.csv`, `changes:run`.
  case hostFunction(String)
  case luaFunction(String)
  /// A table of functions of the host or of Lua.
  case library(String)
  case session, fleet, changes, task, chart, moongate, arguments
  /// A result or an error table: what pcall gives second.
  case outcome
  /// A change that failed: what todo:run gives second.
  case failure
  /// The code of an error.
  case code
  /// A field named `code` of something that nobody knows.
  case maybeCode(of: String?)
  /// With the names that it is written with; nil when some are computed.
  case ownTable(Set<String>?)
  case ownFunction

  /// What an answer's value of a shape is.
  init(_ shape: Shape) {
    switch shape.kind {
    case .structure: self = .record(shape)
    case .list(let item): self = .list(of: Known(item))
    case .timestamp: self = .timestamp
    case .string where shape.values.isEmpty: self = .text
    case .string: self = .scalar(shape)
    case .boolean: self = .boolean
    case .integer, .long: self = .number
    }
  }

  /// What an operation gives its caller.
  init(resultOf operation: Operation) {
    switch operation.result {
    case .response: self = .record(operation.output)
    case .member(let name): self = operation.output.member(name).map { Known($0.shape) } ?? .unknown
    case .listing(let items):
      let item = operation.output.member(items)?.shape.item
      self = .listing(of: item.map(Known.init) ?? .unknown, page: operation.output)
    }
  }

  /// One item of it, where it has some.
  var item: Known {
    switch self {
    case .list(let item), .listing(let item, _), .iterator(let item), .map(let item): item
    default: .unknown
    }
  }

  var isUnknown: Bool { if case .unknown = self { true } else { false } }

  /// It is a value and no function, so that calling it is a slip.
  var cannotBeCalled: Bool {
    switch self {
    case .number, .boolean, .text, .timestamp, .scalar, .record, .list, .ownTable, .map, .session, .fleet:
      true
    default: false
    }
  }

  /// What the page of help() calls it.
  var owner: String? {
    switch self {
    case .listing: "listing"
    case .timestamp: "timestamp"
    case .task: "task"
    case .chart: "chart"
    case .session: "session"
    case .fleet: "fleet"
    case .changes: "changes"
    case .library(let name): name
    default: nil
    }
  }

  /// As a sentence says it.
  var noun: String {
    switch self {
    case .record(let shape): shape.recordNoun
    case .listing: "a listing"
    case .list: "a list"
    case .timestamp: "a timestamp"
    case .number: "a number"
    case .boolean: "a boolean"
    case .session: "a session"
    case .fleet: "a fleet"
    case .task: "a task"
    case .chart: "a chart"
    case .changes: "a list of changes"
    case .library(let name): name
    default: "a value"
    }
  }

  /// Both the same kind of thing, or nothing.
  static func either(_ a: Known, _ b: Known) -> Known {
    switch (a, b) {
    case (.record(let x), .record(let y)) where x === y: a
    case (.listing, .listing), (.list, .list), (.timestamp, .timestamp), (.number, .number), (.text, .text): a
    case (.session, .session), (.fleet, .fleet): a
    case (.scalar(let x), .scalar(let y)) where x === y: a
    default: .unknown
    }
  }
}

extension Shape {
  /// `a Gateway`, `a response of GetGateway`.
  var recordNoun: String {
    let name = name.hasSuffix("Details") ? String(name.dropLast("Details".count)) : name
    guard name.hasSuffix("Output") else { return "a \(name)" }
    return "the response of \(name.dropLast("Output".count))"
  }
}
