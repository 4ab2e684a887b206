// ControlRoute: what can be controlled, as one table. Adding something is adding a row: what it is called and takes, as
// the operations of the service are described, and what it does. The same rows are the functions of `gateway_lab` in
// Lua and their help. What AWS has a name for is called by that; our own words are in lower case.
import AWSCore
import BackupGateway

struct ControlRoute: Sendable {
  /// Its name is the path without the slash; in Lua it is a function of `gateway_lab`.
  let operation: BackupGateway.Operation
  /// Returns the members of the answer. Throws a FieldProblem or a Fault for what its caller did wrong.
  let answer: @Sendable (Control, ControlInput) throws -> Value.Object

  var path: String { "/\(operation.name)" }

  init(
    _ name: String, _ result: BackupGateway.Operation.Result = .response, input: [Member] = [],
    output: [Member] = [], summary: String, example: String,
    answer: @escaping @Sendable (Control, ControlInput) throws -> Value.Object
  ) {
    let luaName = "gateway_lab." + name.split(separator: "-").joined(separator: "_")
    operation = BackupGateway.Operation(
      name, luaName: luaName, .write, result, input: input, output: output, summary: summary, example: example
    )
    self.answer = answer
  }

  static let all: [ControlRoute] = ofTheWorld + ofTheServer

  // MARK: The server

  private static let ofTheServer: [ControlRoute] = [
    ControlRoute(
      "faults",
      input: [
        Member("set", rules, "These rules instead of those there are."),
        Member("add", rules, "Further rules."),
        Member("clear", flag, "Forget all rules."),
        Member("seed", Shape("seed", .long, min: 0), "With set: what the chances follow from."),
      ],
      output: [
        Member("seed", Shape("seed", .long), "What the chances follow from."),
        Member(
          "faults", Shape("faults", .list(of: Shape("fault", .structure([])))),
          "Each rule, how often it struck, and how many calls are left."),
      ],
      summary: "What goes wrong on demand: rules as --fault takes them. Tells the rules as they are then.",
      example: """
        gateway_lab.faults{ set = { "throttle:ListGateways=1/s", "latency=1ms" } }
        for _, fault in ipairs(gateway_lab.faults().faults) do print(fault.rule, fault.struck) end
        gateway_lab.faults{ clear = true }
        """, answer: faults),
    ControlRoute(
      "clock",
      input: [
        Member("set", moment, "To that time."),
        Member("advance", text, "So far forward, as 2h, or back, as -30m."),
        Member("stop", flag, "It stands still."),
        Member("go", flag, "It goes on from where it stood."),
        Member("reset", flag, "The machine's time again."),
      ],
      output: [
        Member("now", moment, "The server's time."), Member("machine", moment, "The machine's time."),
        Member("ahead_seconds", Shape("number", .long), "How far it is ahead of the machine's."),
        Member("stopped", flag, "Whether it stands still."),
      ],
      summary: "Moves the clock that the world lives by. Tells the time as it is then.",
      example: #"print(gateway_lab.clock{ advance = "2h" }.now)"#, answer: clock),
    ControlRoute(
      "metrics", summary: "What the server has done since it was started, in numbers.",
      example: "print(gateway_lab.metrics().requests)"
    ) { control, _ in control.responder.metrics.report(now: control.responder.clock.monotonic) },
  ]

  static let flag = Shape("flag", .boolean)
  static let moment = Shape("moment", .timestamp)
  static let text = Shape("text", .string, min: 1, max: 100)
  private static let rules = Shape("rules", .list(of: Shape("rule", .string, min: 1, max: 1_000)))

  private static func faults(_ control: Control, _ input: ControlInput) throws -> Value.Object {
    let faults = control.responder.faults
    func rules(_ name: String) throws(FieldProblem) -> [FaultRule] {
      var rules: [FaultRule] = []
      for text in (input[name]?.array ?? []).compactMap(\.string) {
        do throws(FaultRuleError) {
          rules.append(try FaultRule(text))
        } catch {
          throw FieldProblem("\(name): \(error.message)")
        }
      }
      return rules
    }
    let change = try input.one(of: ["set", "add", "clear"])
    let seed = input["seed"]?.integer
    guard change == "set" || seed == nil else {
      throw FieldProblem("seed goes with set: the rules begin anew with it")
    }
    switch change {
    case "set": faults.set(try rules("set"), seed: seed)
    case "add": faults.add(try rules("add"))
    case "clear": faults.set([])
    default: break
    }
    return ["seed": .integer(faults.seed), "faults": .array(faults.report)]
  }

  private static func clock(_ control: Control, _ input: ControlInput) throws -> Value.Object {
    let clock = control.responder.clock
    let change = try input.one(of: ["set", "advance", "stop", "go", "reset"])
    switch change {
    case "set":
      guard let time = input.time("set"), clock.set(time) else {
        throw FieldProblem("set must be a time from 1970 to 9999")
      }
    case "advance":
      guard let span = input.text("advance").flatMap({ Duration($0, signed: true) }), clock.advance(span)
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
