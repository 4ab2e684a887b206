// Parameters: from the arguments of a Lua call to a request, checked before anything is sent.
import AWSCore
import BackupGateway
import LuaRuntime

/// Reads the arguments of one operation.
struct Parameters {
  let operation: Operation
  /// The shapes of records, by the number that a record carries.
  let recordShapes: [Int32: Shape]
  let secrets: SecretStore

  /// Most problems that one message tells.
  private static let mostProblems = 5

  /// The request that the arguments describe.
  /// - Throws: a ParamValidation error that names the member, the constraint and the nearest right name.
  func read(_ call: borrowing LuaCall) throws(LuaRaise) -> Request {
    let count = call.argumentCount
    var parameters = Value.Object()
    var table: LuaTable?
    var used: Int32 = 0
    if count >= 1 {
      let first = try call.stack.value(at: 1)
      used = 1
      if case .table(let own) = first, own.shape == nil, !own.isListing {
        table = own
      } else {
        let arn = try resource(first)
        parameters[arn.member] = .string(arn.value)
      }
    }
    if count >= 2, table == nil {
      guard case .table(let given) = try call.stack.value(at: 2), !given.isListing else {
        throw refusal("argument 2 must be a table of parameters, as in \(usage)")
      }
      table = given
      used = 2
    }
    guard count <= used else { throw refusal("takes no argument \(used + 1); write \(usage)") }
    for (name, value) in try table.map(members)?.members ?? [] {
      guard parameters[name] == nil else {
        throw refusal("\(name) is given twice, as argument 1 and in the table")
      }
      parameters[name] = value
    }
    return try checked(parameters)
  }

  /// - Throws: what is wrong, kinds of ARNs first: which of the service's ARNs belongs where, its model cannot say.
  private func checked(_ parameters: Value.Object) throws(LuaRaise) -> Request {
    for member in operation.input.members where !member.shape.resources.isEmpty {
      guard let text = parameters[member.name]?.string else { continue }
      try checkKind(of: text, member)
    }
    do throws(InvalidRequest) {
      return try Request(operation, parameters, firstIndex: 1)
    } catch {
      var problems = error.issues.prefix(Self.mostProblems).map(\.message)
      let left = error.issues.count - problems.count
      if left > 0 { problems.append("and \(left) more") }
      let required = operation.input.members.filter(\.isRequired).map(\.name)
      if error.issues.contains(where: { $0.isMissing && required.contains($0.path) }) {
        problems.append("write \(usage)")
      }
      throw refusal(problems.joined(separator: "; "))
    }
  }

  private func checkKind(of text: String, _ member: Member) throws(LuaRaise) {
    let kinds = member.shape.resources
    guard let arn = Arn(text) else {
      let example = Arn(region: "REGION", account: "ACCOUNT", kind: kinds[0], id: "ID")
      throw refusal("\(member.name) must be an ARN like \(example), got \(quoted(text))")
    }
    guard !kinds.contains(arn.kind) else { return }
    throw refusal("\(member.name) must be the ARN of \(noun(kinds)); this is a \(arn.kind.noun)'s")
  }

  // MARK: The first argument

  /// The ARN that a first argument stands for: itself, or the one of the record it is.
  private func resource(_ first: LuaValue) throws(LuaRaise) -> (member: String, value: String) {
    guard let resource = operation.resource else {
      throw refusal("takes a table of parameters, not \(described(first)); write \(usage)")
    }
    let place = "argument 1 (\(resource.name))"
    switch first {
    case .string(let arn): return (resource.name, arn)
    case .bytes: throw refusal("\(place) is not UTF-8 text")
    case .table(let record):
      if let arn = arn(of: record) { return (resource.name, arn) }
      let hint =
        if record.isListing {
          "take one of its items, as in :first()"
        } else if isList(record) {
          "take one of its items, as in [1]"
        } else {
          "write \(usage)"
        }
      throw refusal("\(place) is \(described(first)), which has no ARN; \(hint)")
    default:
      throw refusal("\(place) must be \(noun(resource.shape.resources)) or its ARN, not \(described(first))")
    }
  }

  /// The ARN of this service that a record carries.
  private func arn(of record: LuaTable) -> String? {
    record.shape.flatMap { recordShapes[$0] }?.members.lazy.filter { !$0.shape.resources.isEmpty }
      .compactMap { record[$0.name]?.string }.first
  }

  private func isList(_ table: LuaTable) -> Bool {
    table.shape.flatMap { recordShapes[$0] }?.item != nil
  }

  // MARK: Words

  private func noun(_ kinds: [ResourceKind]) -> String {
    "a " + kinds.map(\.noun).joined(separator: " or ")
  }

  private func described(_ value: LuaValue) -> String {
    guard case .table(let table) = value else {
      return value.typeName == "nil" ? "nil" : "a \(value.typeName)"
    }
    if table.isListing { return "a listing" }
    guard let shape = table.shape.flatMap({ recordShapes[$0] }) else { return "a table" }
    return shape.item == nil ? "a \(shape.noun)" : "a list"
  }

  /// How the operation is called: `get_gateway(gateway)`, `tag_resource(resource, { Tags = … })`.
  private var usage: String {
    let required = operation.input.members.filter(\.isRequired).map(\.name)
    let others = required.filter { $0 != operation.resource?.name }.map { "\($0) = …" }
    let table = "{ \(others.isEmpty ? "…" : others.joined(separator: ", ")) }"
    guard let resource = operation.resource else { return "\(operation.luaName)\(table)" }
    guard resource.isRequired else { return "\(operation.luaName){ \(resource.name) = … }" }
    return "\(operation.luaName)(arn\(others.isEmpty ? "" : ", \(table)"))"
  }

  private func refusal(_ problem: String) -> LuaRaise {
    LuaRaise.refused("\(operation.luaName): \(problem)", operation: operation.name)
  }

  // MARK: Values

  /// The members of a table of parameters.
  private func members(_ table: LuaTable) throws(LuaRaise) -> Value.Object {
    try object(table, operation.input, at: "")
  }

  /// A Lua value as a value of a shape. What does not fit is passed on as it is, for `Validate` to name, as far as
  /// there is a value that says it.
  private func value(_ value: LuaValue, _ shape: Shape, at path: String) throws(LuaRaise) -> Value {
    switch value {
    case .nil: return .null
    case .boolean(let flag): return .bool(flag)
    case .integer(let number): return .integer(number)
    case .number(let number):
      // A float with a whole value is an integer.
      return Int64(exactly: number).map(Value.integer) ?? .number(number)
    case .string(let text): return .string(text)
    case .bytes: throw refusal("\(path) is not UTF-8 text")
    case .timestamp(let microseconds): return .timestamp(Timestamp(microseconds: microseconds))
    case .secret(let number):
      guard shape.isSensitive, let text = secrets[number] else {
        let places = operation.input.members.filter(\.shape.isSensitive).map(\.name)
        throw refusal(
          "\(path) is not kept secret; "
            + (places.isEmpty
              ? "\(operation.luaName) takes no secret" : "here a secret can be \(listed(places))"))
      }
      return .string(text)
    case .opaque(let type): throw refusal("\(path) must be \(shape.typeName), not a \(type)")
    case .table(let table):
      // To a raw reader a listing is an empty table, and so an empty list: what it lists would be lost silently.
      if table.isListing { throw refusal("\(path) is a listing; :collect() gives its items as a list") }
      if !shape.resources.isEmpty, let arn = arn(of: table) { return .string(arn) }
      switch shape.kind {
      case .list(let item): return .array(try list(table, of: item, at: path))
      case .structure: return .object(try object(table, shape, at: path))
      default: return .object([:])
      }
    }
  }

  private func list(_ table: LuaTable, of item: Shape, at path: String) throws(LuaRaise) -> [Value] {
    if let field = table.fields.first {
      let names = item.members.filter(\.isRequired).map { "\($0.name) = …" }
      let example = names.isEmpty ? "{ …, … }" : "{ { \(names.joined(separator: ", ")) }, … }"
      let place = table.items.isEmpty ? "" : " after item \(table.items.count)"
      throw refusal("\(path) must be a list like \(example); this has \(field.name)\(place)")
    }
    var items: [Value] = []
    for (index, value) in table.items.enumerated() {
      items.append(try self.value(value, item, at: "\(path)[\(index + 1)]"))
    }
    return items
  }

  private func object(_ table: LuaTable, _ shape: Shape, at path: String) throws(LuaRaise) -> Value.Object {
    guard table.items.isEmpty, !table.hasOtherKeys else {
      guard !path.isEmpty else { throw refusal("parameters have names; write \(usage)") }
      throw refusal("\(path) must be a table with names; there is \(listed(shape.members.map(\.name)))")
    }
    var object = Value.Object()
    // In the model's order, which a Lua table has not.
    let places = Dictionary(uniqueKeysWithValues: shape.members.enumerated().map { ($1.name, $0) })
    let fields = table.fields.sorted { a, b in
      let x = places[a.name] ?? .max
      let y = places[b.name] ?? .max
      return x == y ? a.name < b.name : x < y
    }
    for (name, item) in fields {
      // What is no member is refused for its name, whatever its value.
      object[name] =
        try shape.member(name).map { (member) throws(LuaRaise) in
          try value(item, member.shape, at: path.isEmpty ? name : "\(path).\(name)")
        } ?? .null
    }
    return object
  }
}

extension LuaTable {
  /// True for a listing of listings.lua, which is all metatable.
  fileprivate var isListing: Bool { metatableName == "listing" }
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
