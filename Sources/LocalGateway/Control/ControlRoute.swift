// ControlRoute: what can be controlled, as one table. Adding something is adding a row: a path, the fields that
// it takes, and what it does. Each answers with the state as it is afterwards; without fields nothing changes.
import AWSCore
import BackupGateway

struct ControlRoute: Sendable {
  let path: String
  /// The names of the fields that a request may have.
  let fields: [String]
  /// What it is for, in some words.
  let help: String
  /// Returns the members of the answer. Throws a FieldProblem for what its caller did wrong.
  let answer: @Sendable (Control, ControlFields) throws -> Value.Object

  static let all: [ControlRoute] = [
    ControlRoute(
      path: "/faults", fields: ["set", "add", "clear", "seed"], help: "(the faults that are injected)",
      answer: faults),
    ControlRoute(
      path: "/clock", fields: ["set", "advance", "stop", "go", "reset"], help: "(the server's clock)",
      answer: clock),
    ControlRoute(path: "/metrics", fields: [], help: "(what the server has done)") { control, _ in
      control.responder.metrics.report(now: control.responder.clock.monotonic)
    },
  ]

  private static func faults(_ control: Control, _ fields: ControlFields) throws -> Value.Object {
    let faults = control.responder.faults
    func rules(_ name: String) throws(FieldProblem) -> [FaultRule]? {
      guard let texts = try fields.texts(name) else { return nil }
      var rules: [FaultRule] = []
      for text in texts {
        do throws(FaultRuleError) {
          rules.append(try FaultRule(text))
        } catch {
          throw FieldProblem("\(name): \(error.message)")
        }
      }
      return rules
    }
    let change = try fields.one(of: ["set", "add", "clear"])
    let seed = try fields.seed("seed")
    guard change == "set" || seed == nil else {
      throw FieldProblem("seed goes with set: the rules begin anew with it")
    }
    switch change {
    case "set": faults.set(try rules("set") ?? [], seed: seed)
    case "add": faults.add(try rules("add") ?? [])
    case "clear": faults.set([])
    default: break
    }
    return ["seed": .integer(faults.seed), "faults": .array(faults.report)]
  }

  private static func clock(_ control: Control, _ fields: ControlFields) throws -> Value.Object {
    let clock = control.responder.clock
    let change = try fields.one(of: ["set", "advance", "stop", "go", "reset"])
    switch change {
    case "set":
      guard let time = try fields.text("set").flatMap(Timestamp.init(iso8601:)), clock.set(time) else {
        throw FieldProblem("set must be a time as 2026-03-14T09:26:00Z, from 1970 to 9999")
      }
    case "advance":
      guard let span = try fields.text("advance").flatMap({ Duration($0, signed: true) }), clock.advance(span)
      else { throw FieldProblem("advance must be a duration as 2h or -30m, and lead to 1970 to 9999") }
    case "stop": clock.stop()
    case "go": clock.go()
    case "reset": clock.reset()
    default: break
    }
    if change != nil { try control.responder.store.keep(clockLead: clock.lead) }
    return [
      "now": .string(clock.now.iso8601), "machine": .string(clock.machine.iso8601),
      "ahead_seconds": .number(clock.lead.inSeconds), "stopped": .bool(clock.isStopped),
    ]
  }
}

/// The fields of a request to the control endpoint.
struct ControlFields {
  private let object: Value.Object

  /// - Throws: a FieldProblem when the body is no JSON object, or has a field that the route does not know.
  init(_ body: [UInt8], known: [String]) throws(FieldProblem) {
    guard !body.isEmpty else {
      object = [:]
      return
    }
    let document: Value
    do throws(JSONError) {
      document = try JSON.decode(body)
    } catch {
      throw FieldProblem("the body is not JSON: \(error)")
    }
    guard let object = document.object else { throw FieldProblem("the body must be a JSON object") }
    for (name, _) in object.members where !known.contains(name) {
      throw FieldProblem("there is no field '\(name.prefix(50))' here, only \(listed(known))")
    }
    self.object = object
  }

  /// The only one of these fields that says something; nil when none does: null and false are nothing.
  func one(of names: [String]) throws(FieldProblem) -> String? {
    let given = names.filter { ![nil, .null, .bool(false)].contains(object[$0]) }
    guard given.count < 2 else { throw FieldProblem("\(listed(given)) cannot go together") }
    return given.first
  }

  func text(_ name: String) throws(FieldProblem) -> String? {
    guard let value = object[name] else { return nil }
    guard let text = value.string else { throw FieldProblem("\(name) must be a text") }
    return text
  }

  /// A list of texts, or one text by itself.
  func texts(_ name: String) throws(FieldProblem) -> [String]? {
    guard let value = object[name] else { return nil }
    if let text = value.string { return [text] }
    let texts = value.array?.compactMap(\.string)
    guard let texts, texts.count == value.array?.count else {
      throw FieldProblem("\(name) must be a list of texts")
    }
    return texts
  }

  func seed(_ name: String) throws(FieldProblem) -> Int64? {
    guard let value = object[name] else { return nil }
    guard let number = value.integer, number >= 0 else {
      throw FieldProblem("\(name) must be a whole number from 0")
    }
    return number
  }
}
