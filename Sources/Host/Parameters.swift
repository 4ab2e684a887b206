// Parameters: from the arguments of a Lua call to the parameters of an operation, checked before anything is sent.
import AWSCore
import BackupGateway
import LuaRuntime

/// Reads the arguments of one operation.
struct Parameters {
  let operation: Operation
  /// The shapes of records, by the number that a record carries.
  let recordShapes: [Int32: Shape]

  /// The parameters of a call.
  /// - Throws: a ParamValidation error that names the member, the constraint and the nearest right name.
  func read(_ call: borrowing LuaCall) throws(LuaRaise) -> Value.Object {
    var parameters = Value.Object()
    var next: Int32 = 1
    let count = call.argumentCount
    if count > 0, let arn = try resource(call) {
      parameters[arn.member] = .string(arn.value)
      next = 2
    }
    if count >= next {
      guard case .table(let table) = try call.stack.value(at: next), table.shape == nil else {
        throw refusal("argument \(next) must be a table of parameters, as in \(usage)")
      }
      let given = try object(table, operation.input)
      for (name, value) in given.members {
        guard parameters[name] == nil else {
          throw refusal("\(name) is given twice, as argument 1 and in the table")
        }
        parameters[name] = value
      }
      next += 1
    }
    guard count < next else { throw refusal("takes no argument \(next); write \(usage)") }
    try validate(parameters)
    return parameters
  }

  private func validate(_ parameters: Value.Object) throws(LuaRaise) {
    if let resource = operation.resource, let given = parameters[resource.member]?.string {
      try checkKind(of: given, resource)
    }
    let issues = Validate.issues(.object(parameters), as: operation.input, firstIndex: 1)
    guard let first = issues.first else { return }
    let more = issues.dropFirst().map { "; \($0.message)" }.joined()
    let isMissing = first.problem == "is required"
    throw refusal(first.message + more + (isMissing ? "; write \(usage)" : ""))
  }

  /// The ARN that a first argument stands for: itself, or the one of the record it is. Nil for a table of parameters.
  private func resource(_ call: borrowing LuaCall) throws(LuaRaise) -> (member: String, value: String)? {
    let first = try call.stack.value(at: 1)
    if case .table(let table) = first, table.shape == nil { return nil }
    guard let resource = operation.resource else {
      throw refusal("takes a table of parameters, not a \(first.typeName)")
    }
    switch first {
    case .string(let arn): return (resource.member, arn)
    case .bytes: throw refusal("argument 1 (\(resource.member)) is not UTF-8 text")
    case .table(let record):
      guard let number = record.shape, let shape = recordShapes[number], let arn = arn(of: record, shape)
      else {
        throw refusal("argument 1 is a record without an ARN; write \(usage)")
      }
      return (resource.member, arn)
    case .nil:
      throw refusal(
        "argument 1 (\(resource.member)) is nil, and must be \(resourceNoun(resource.kinds)) or its ARN")
    default:
      throw refusal("argument 1 (\(resource.member)) must be an ARN or a record, not a \(first.typeName)")
    }
  }

  private func arn(of record: LuaTable, _ shape: Shape) -> String? {
    ["GatewayArn", "HypervisorArn", "ResourceArn"].lazy.filter { shape.member($0) != nil }
      .compactMap { record[$0]?.string }.first
  }

  private func checkKind(
    of text: String, _ resource: (member: String, kinds: [ResourceKind])
  ) throws(LuaRaise) {
    guard let arn = Arn(text) else {
      let example = Arn(region: "REGION", account: "ACCOUNT", kind: resource.kinds[0], id: "ID")
      throw refusal("\(resource.member) must be an ARN like \(example), got '\(text.prefix(200))'")
    }
    guard !resource.kinds.contains(arn.kind) else { return }
    throw refusal(
      "\(resource.member) must be the ARN of \(resourceNoun(resource.kinds)); this is a \(arn.kind.noun)'s")
  }

  private func resourceNoun(_ kinds: [ResourceKind]) -> String {
    "a " + kinds.map(\.noun).joined(separator: " or ")
  }

  /// How the operation is called.
  private var usage: String {
    let name = operation.luaName
    guard let resource = operation.resource else { return "\(name){ … }" }
    let required = operation.input.member(resource.member)?.isRequired == true
    return required ? "\(name)(arn)" : "\(name){ \(resource.member) = arn }"
  }

  func refusal(_ problem: String) -> LuaRaise {
    LuaRaise.refused("\(operation.luaName): \(problem)", operation: operation.name)
  }

  // MARK: Values

  /// A Lua value as a value of a shape. What does not fit is passed on as it is, for `Validate` to name.
  private func value(_ value: LuaValue, _ shape: Shape?, _ name: String) throws(LuaRaise) -> Value {
    switch value {
    case .nil: return .null
    case .boolean(let flag): return .bool(flag)
    case .integer(let number): return .integer(number)
    case .number(let number):
      // A float with a whole value is an integer.
      return Int64(exactly: number).map(Value.integer) ?? .number(number)
    case .string(let text): return .string(text)
    case .bytes: throw refusal("\(name) is not UTF-8 text")
    case .timestamp(let microseconds): return .timestamp(Timestamp(microseconds: microseconds))
    case .table(let table):
      let isList = shape?.item != nil || (shape?.members.isEmpty != false && !table.items.isEmpty)
      guard isList else { return .object(try object(table, shape)) }
      guard table.fields.isEmpty else {
        throw refusal("\(name) must be a list, and has the field \(table.fields[0].name)")
      }
      var items: [Value] = []
      for (index, item) in table.items.enumerated() {
        items.append(try self.value(item, shape?.item, "\(name)[\(index + 1)]"))
      }
      return .array(items)
    case .opaque(let type): throw refusal("\(name) must not be a \(type)")
    }
  }

  private func object(_ table: LuaTable, _ shape: Shape?) throws(LuaRaise) -> Value.Object {
    guard table.items.isEmpty, !table.hasOtherKeys else {
      throw refusal("parameters have names; write \(usage)")
    }
    var object = Value.Object()
    for (name, item) in table.fields { object[name] = try value(item, shape?.member(name)?.shape, name) }
    return object
  }
}

extension LuaValue {
  /// A parameter's value as Lua has it.
  init(_ value: Value) {
    switch value {
    case .null: self = .nil
    case .bool(let flag): self = .boolean(flag)
    case .integer(let number): self = .integer(number)
    case .number(let number): self = .number(number)
    case .string(let text): self = .string(text)
    case .timestamp(let time): self = .timestamp(time.microseconds)
    case .array(let items): self = .table(LuaTable(items: items.map(LuaValue.init)))
    case .object(let object):
      self = .table(LuaTable(fields: object.members.map { ($0.name, LuaValue($0.value)) }))
    }
  }
}
