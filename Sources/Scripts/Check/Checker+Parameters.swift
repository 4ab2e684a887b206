// Rules about the parameters of operations: what Host/Calls/Parameters.swift would refuse, as far as the script says it.
import AWSCore
import BackupGateway

extension Checker {
  /// A call of an operation's function, as `get_gateway(arn)`.
  /// - Parameter isEvaluated: what is known of the arguments was asked already.
  func call(
    _ operation: Operation, _ arguments: [Expression], _ place: Callee, isEvaluated: Bool = false
  ) -> Known {
    let result = Known(resultOf: operation)
    let values = isEvaluated ? arguments.map { _ in Known.unknown } : known(arguments, count: arguments.count)
    guard let first = arguments.first else {
      check([:], of: operation, given: [], isWhole: true, at: place.arguments)
      return result
    }
    if case .none = first.kind { return result }
    // What gives any number of values says nothing of how many there are.
    let isOpen = arguments.last.map { if case .dots = $0.kind { true } else { $0.isCall } } ?? false
    guard first.fields == nil else {
      checkTable(first, of: operation, given: [])
      if arguments.count > 1 { tooMany(operation, arguments[1]) }
      return result
    }
    guard let resource = operation.resource else {
      if isRecordOrText(values[0]) {
        add(
          "wrong-arguments", "\(operation.luaName) takes a table of parameters, not \(values[0].noun)",
          at: first.range)
      }
      return result
    }
    if let text = first.text {
      checkArn(text, resource, first.range)
    } else {
      checkResource(operation, values[0], at: first.range)
    }
    if arguments.count > 1, arguments[1].fields != nil {
      checkTable(arguments[1], of: operation, given: [resource.name])
    } else if arguments.count == 1, !isOpen, isRecordOrText(values[0]) {
      check([:], of: operation, given: [resource.name], isWhole: true, at: place.arguments)
    }
    if arguments.count > 2 { tooMany(operation, arguments[2]) }
    return result
  }

  private func isRecordOrText(_ value: Known) -> Bool {
    switch value {
    case .record, .text: true
    default: false
    }
  }

  private func tooMany(_ operation: Operation, _ argument: Expression) {
    add(
      "wrong-arguments", "\(operation.luaName) takes no further argument; parameters stand in one table",
      at: argument.range)
  }

  /// A first argument that is a record, a listing or something else that carries no ARN of the right kind.
  func checkResource(_ operation: Operation, _ value: Known, at range: Range<Int>) {
    guard let resource = operation.resource else { return }
    let kinds = resource.shape.resources
    let wanted = "\(operation.luaName) takes a \(kinds.map(\.noun).joined(separator: " or ")) or its ARN"
    switch value {
    case .record(let shape):
      guard let carried = shape.members.first(where: { !$0.shape.resources.isEmpty })?.shape.resources else {
        add("wrong-arguments", "\(wanted); \(shape.recordNoun) has no ARN", at: range)
        return
      }
      if Set(carried).isDisjoint(with: kinds) {
        add("wrong-arguments", "\(wanted), not \(shape.recordNoun)", at: range)
      }
    case .listing:
      add("wrong-arguments", "\(wanted); this is a listing: take one of its items, as in :first()", at: range)
    case .list:
      add("wrong-arguments", "\(wanted); this is a list: take one of its items, as in [1]", at: range)
    case .number, .boolean, .timestamp: add("wrong-arguments", "\(wanted), not \(value.noun)", at: range)
    default: break
    }
  }

  private func checkArn(_ text: String, _ member: Member, _ range: Range<Int>) {
    let kinds = member.shape.resources
    guard let arn = Arn(text) else {
      let example = Arn(region: "REGION", account: "ACCOUNT", kind: kinds[0], id: "ID")
      add("wrong-value", "\(member.name) must be an ARN like \(example)", at: range)
      return
    }
    guard kinds.contains(arn.kind) else {
      let noun = kinds.map(\.noun).joined(separator: " or ")
      add(
        "wrong-value", "\(member.name) must be the ARN of a \(noun); this is a \(arn.kind.noun)'s", at: range)
      return
    }
    if let issue = Validate.issues(.string(text), as: member.shape).first {
      add("wrong-value", "\(member.name) \(issue.problem)", at: range)
    }
  }

  // MARK: Tables

  /// A table of parameters that is written in the call.
  /// - Parameter given: what the argument before it fills.
  func checkTable(_ table: Expression, of operation: Operation, given: Set<String>) {
    guard let fields = table.fields else { return }
    if let item = fields.first(where: \.isItem) {
      let example = operation.input.members.first?.name ?? "Name"
      add(
        "wrong-value", "\(operation.luaName): parameters have names, as in { \(example) = … }",
        at: item.value.range)
      return
    }
    let (named, isWhole) = byName(fields)
    for name in given {
      guard let (_, range) = named[name] else { continue }
      add("wrong-arguments", "\(name) is given twice, as argument 1 and in the table", at: range)
    }
    check(named, of: operation, given: given, isWhole: isWhole, at: table.range)
  }

  /// The values of a table's fields by their names, and whether these are all: a name may be an expression.
  private func byName(_ fields: [Field]) -> (named: [String: (Expression, Range<Int>)], isWhole: Bool) {
    var named: [String: (Expression, Range<Int>)] = [:]
    var isWhole = true
    for field in fields {
      switch field.key {
      case .item: isWhole = false
      case .expression(let key):
        if let name = key.text { named[name] = (field.value, key.range) } else { isWhole = false }
      case .name(let name, let range): named[name] = (field.value, range)
      }
    }
    return (named, isWhole)
  }

  private func check(
    _ named: [String: (Expression, Range<Int>)], of operation: Operation, given: Set<String>, isWhole: Bool,
    at range: Range<Int>
  ) {
    checkMembers(
      named, of: operation.input, named: operation.luaName, "parameter", given: given, isWhole: isWhole,
      at: range)
    for member in operation.input.members where !member.shape.resources.isEmpty {
      if let (value, place) = named[member.name], let text = value.text {
        checkArn(text, member, value.range.isEmpty ? place : value.range)
      }
    }
  }

  private func checkMembers(
    _ named: [String: (Expression, Range<Int>)], of shape: Shape, named owner: String, _ what: String,
    given: Set<String> = [], isWhole: Bool, at range: Range<Int>
  ) {
    let names = shape.members.map(\.name)
    for (name, (value, place)) in named.sorted(by: { $0.value.1.lowerBound < $1.value.1.lowerBound }) {
      guard let member = shape.member(name) else {
        let near = soughtName { nearest(to: name, in: names) }
        let hint =
          near.map { "; did you mean \($0)?" }
          ?? (names.isEmpty ? "; it takes none" : "; there is \(listed(names))")
        add("unknown-parameter", "\(owner) has no \(what) \(name)\(hint)", at: place, suggestion: near)
        continue
      }
      check(value, as: member.shape, name)
    }
    guard isWhole else { return }
    let missing = shape.members.filter { member in
      guard member.isRequired, !given.contains(member.name) else { return false }
      guard let value = named[member.name]?.0 else { return true }
      if case .none = value.kind { return true }
      return false
    }.map(\.name)
    if !missing.isEmpty {
      add(
        "missing-parameter",
        "\(owner) lacks \(listed(missing)), which \(missing.count == 1 ? "is" : "are") required", at: range)
    }
  }

  /// A value that is written out, against its shape.
  private func check(_ value: Expression, as shape: Shape, _ path: String) {
    func refuse(_ problem: String, suggestion: String? = nil) {
      add("wrong-value", "\(path) \(problem)", at: value.range, suggestion: suggestion)
    }
    func judge(_ literal: Value) {
      guard let issue = Validate.issues(literal, as: shape).first else { return }
      let near = literal.string.flatMap { shape.values.isEmpty ? nil : nearest(to: $0, in: shape.values) }
      refuse(issue.problem, suggestion: near)
    }
    switch value.kind {
    case .string(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) {
        // Of ARNs `checkArn` knows more.
        if shape.resources.isEmpty { judge(.string(text)) }
      } else {
        refuse("is not UTF-8 text")
      }
    case .yes, .no: judge(.bool(true))
    case .number, .unary:
      guard let number = value.number else { return }
      switch number {
      case .integer(let whole): judge(.integer(whole))
      case .float(let fraction): judge(number.whole.map(Value.integer) ?? .number(fraction))
      }
    case .function: refuse("must be \(shape.typeName), not a function")
    case .table(let fields): check(fields, as: shape, path, value.range)
    default: break
    }
  }

  private func check(_ fields: [Field], as shape: Shape, _ path: String, _ range: Range<Int>) {
    switch shape.kind {
    case .list(let item):
      var count = 0
      for field in fields {
        switch field.key {
        case .item:
          count += 1
          check(field.value, as: item, "\(path)[\(count)]")
        case .name(let name, let place):
          let names = item.members.filter(\.isRequired).map { "\($0.name) = …" }
          let example = names.isEmpty ? "{ …, … }" : "{ { \(names.joined(separator: ", ")) }, … }"
          add("wrong-value", "\(path) must be a list like \(example); this has \(name)", at: place)
          return
        case .expression: return
        }
      }
      // The last item may be a call that gives more.
      let isOpen =
        fields.last.map { if case .dots = $0.value.kind { true } else { $0.value.isCall } } ?? false
      let sizes = Value.array([Value](repeating: .null, count: count))
      if !isOpen, let minimum = shape.minimum, count < minimum || count > shape.maximum ?? .max,
        let issue = Validate.issues(sizes, as: shape).first
      {
        add("wrong-value", "\(path) \(issue.problem)", at: range)
      }
    case .structure:
      if let item = fields.first(where: \.isItem) {
        add(
          "wrong-value", "\(path) must be a table with names; there is \(listed(shape.members.map(\.name)))",
          at: item.value.range)
        return
      }
      let (named, isWhole) = byName(fields)
      checkMembers(named, of: shape, named: path, "member", isWhole: isWhole, at: range)
    default: add("wrong-value", "\(path) must be \(shape.typeName), not a table", at: range)
    }
  }
}

extension Field {
  /// It has no name: `{ "a" }`.
  fileprivate var isItem: Bool { if case .item = key { true } else { false } }
}
