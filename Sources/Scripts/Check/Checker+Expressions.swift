// What is known of expressions, and the rules about names behind a point.
import AWSCore
import BackupGateway
import Host

extension Checker {
  /// The values of a list of expressions; the last may give more than one.
  func known(_ expressions: [Expression], count: Int) -> [Known] {
    var values: [Known] = []
    for (index, expression) in expressions.enumerated() {
      if index == expressions.count - 1, count > index + 1 {
        values += all(expression)
      } else {
        values.append(known(expression))
      }
    }
    while values.count < count { values.append(.unknown) }
    return values
  }

  /// All values of a call.
  private func all(_ expression: Expression) -> [Known] {
    let first = known(expression)
    switch lastCallee {
    case .luaFunction("pcall")?, .luaFunction("xpcall")?: return [.boolean, .outcome]
    case .hostFunction("parallel")?, .hostFunction("listing:parallel")?: return [first, .map(of: .outcome)]
    case .hostFunction("changes:run")?: return [first, .list(of: .failure), .list(of: .unknown)]
    default: return [first]
    }
  }

  func known(_ expression: Expression) -> Known {
    lastCallee = nil
    switch expression.kind {
    case .none, .dots: return .unknown
    case .yes, .no: return .boolean
    case .number: return .number
    case .string: return .text
    case .function(let function):
      visit(function, [])
      return .ownFunction
    case .table(let fields):
      var names: Set<String>? = []
      for field in fields {
        switch field.key {
        case .item: break
        case .name(let name, _): names?.insert(name)
        case .expression(let key):
          _ = known(key)
          if let name = key.text { names?.insert(name) } else { names = nil }
        }
        _ = known(field.value)
      }
      lastCallee = nil
      return .ownTable(names)
    case .name(let name): return known(name)
    case .parentheses(let inner):
      let value = known(inner)
      lastCallee = nil
      return value
    case .unary(let sign, let operand):
      let value = known(operand)
      lastCallee = nil
      switch sign {
      case .not: return .boolean
      case .length:
        checkLength(value, operand.range)
        return .number
      default: return .number
      }
    case .operators(let first, let rest): return known(first, rest)
    case .chain(let base, let steps): return known(base, steps)
    }
  }

  // MARK: Names

  private func known(_ name: Name) -> Known {
    if let variable = name.variable { return variables[variable] ?? .unknown }
    guard !ownGlobals.contains(name.text) else { return .unknown }
    return global(name.text, at: name.range)
  }

  /// What a global of the host or of Lua is.
  func global(_ name: String, at range: Range<Int>) -> Known {
    if let operation = Service.operations.first(where: { $0.luaName == name }) {
      uses(operation, at: range)
      return .operation(operation)
    }
    switch name {
    case "session": return .session
    case "moongate": return .moongate
    case "args": return .arguments
    case "output", "json", "chart", "tags", "duration": return .library(name)
    case "_G", "_ENV": return .unknown
    case "gateway_lab": return lab.isEmpty ? .unknown : .library(name)
    case _ where Vocabulary.luaLibraries[name] != nil: return .library(name)
    case _ where Vocabulary.luaGlobals.contains(name) && name != "require": return .luaFunction(name)
    case _ where Vocabulary.names.contains(name): return .hostFunction(name)
    default: return .unknown
    }
  }

  // MARK: Operators

  private func known(_ first: Expression, _ rest: [(sign: LuaToken.Kind, operand: Expression)]) -> Known {
    var value = known(first)
    for (index, (sign, operand)) in rest.enumerated() {
      let right = known(operand)
      lastCallee = nil
      switch sign {
      case .and: value = right
      case .or: value = Known.either(value, right)
      case .equal, .unequal:
        if index == 0 { checkComparison(value, first, right, operand) }
        value = .boolean
      case .less, .greater, .atMost, .atLeast: value = .boolean
      case .concatenate: value = .text
      case .plus, .minus:
        checkShift(index == 0 ? first : nil, value, operand, right)
        value = shifted(value, right, sign)
      default: value = .number
      }
    }
    return value
  }

  private func shifted(_ a: Known, _ b: Known, _ sign: LuaToken.Kind) -> Known {
    switch (a, b) {
    case (.timestamp, .timestamp): sign == .minus ? .number : .unknown
    case (.timestamp, .number), (.timestamp, .text): .timestamp
    case (.number, .timestamp), (.text, .timestamp): .timestamp
    case (.number, .number): .number
    default: .unknown
    }
  }

  /// `ts - "7d"`.
  private func checkShift(_ first: Expression?, _ left: Known, _ second: Expression, _ right: Known) {
    if case .timestamp = left { checkDuration(second) }
    if case .timestamp = right, let first { checkDuration(first) }
  }

  private func checkComparison(_ left: Known, _ first: Expression, _ right: Known, _ second: Expression) {
    if let text = second.text { checkComparison(left, text, second.range) }
    if let text = first.text { checkComparison(right, text, first.range) }
  }

  private func checkComparison(_ value: Known, _ text: String, _ range: Range<Int>) {
    switch value {
    case .scalar(let shape) where !shape.values.isEmpty && !shape.values.contains(text):
      let (suggestion, hint) = near(text, shape.values)
      add(
        "never-equal",
        "\(shape.name) is never \(quoted(text)): it is \(shape.values.joined(separator: ", "))\(hint)",
        at: range, suggestion: suggestion)
    case .timestamp:
      add("never-equal", "a timestamp is never equal to a text; write timestamp(\(quoted(text)))", at: range)
    case .code: checkCode(text, range, isCertain: true)
    case .maybeCode(let owner):
      let errors: Set = ["e", "err", "error", "problem", "failure", "reason", "why", "last"]
      checkCode(text, range, isCertain: owner.map(errors.contains) ?? false)
    default: break
    }
  }

  private func checkCode(_ text: String, _ range: Range<Int>, isCertain: Bool) {
    guard !ErrorCodes.all.contains(text), !text.isEmpty else { return }
    let codes = Array(ErrorCodes.all)
    // What is spelt nearly so, but for the ending that AWS's names have.
    let ending = ["\(text)Exception", "\(text)Error"].first(where: ErrorCodes.all.contains)
    let suggestion = ending ?? soughtName { nearest(to: text, in: codes.sorted()) }
    // A field named code need not be an error's.
    guard isCertain || suggestion != nil || text.hasSuffix("Exception") else { return }
    // A script's own errors have codes of its own.
    guard !tree.source.contains("code = \"\(text)\"".utf8) else { return }
    let hint = suggestion.map { "; did you mean \($0)?" } ?? ""
    add("unknown-code", "no error has the code \(quoted(text))\(hint)", at: range, suggestion: suggestion)
  }

  private func checkLength(_ value: Known, _ range: Range<Int>) {
    switch value {
    case .listing: add("unknown-field", "a listing has no #; write :count()", at: range)
    case .fleet: add("unknown-field", "a fleet has no #; write #fleet:targets()", at: range)
    default: break
    }
  }

  // MARK: Chains

  private func known(_ base: Expression, _ steps: [Step]) -> Known {
    var value = known(base)
    var ownerName: String?
    if case .name(let name) = base.kind { ownerName = name.text }
    for (index, step) in steps.enumerated() {
      lastCallee = nil
      if index == 0, case .name(let name) = base.kind { checkHidden(name, value, step) }
      switch step.kind {
      case .field(let name): value = member(name, of: value, owner: ownerName, at: step.range)
      case .index(let expression):
        let key = known(expression)
        lastCallee = nil
        if let name = expression.text {
          value = member(name, of: value, owner: ownerName, at: expression.range)
        } else {
          value = item(at: key, of: value, step.range)
        }
      case .call(let arguments):
        let callee = value
        value = call(
          callee, arguments, Callee(range: index > 0 ? steps[index - 1].range : base.range, step: step))
        lastCallee = callee
      case .method(let name, let arguments):
        let (callee, result) = method(name, of: value, arguments, step)
        value = result
        lastCallee = callee
      }
      ownerName = nil
      if case .field(let name) = step.kind { ownerName = name }
    }
    return value
  }

  private func item(at key: Known, of value: Known, _ range: Range<Int>) -> Known {
    switch value {
    case .list(let item), .map(let item): return item
    case .listing:
      if case .number = key {
        add("unknown-field", "a listing has no items by number; write :first(), or :collect()[…]", at: range)
      }
      return .unknown
    case .session, .moongate, .changes, .fleet:
      unclear.append(range)
      return .unknown
    case .arguments:
      if case .number = key { return .text }
      readsAllArguments = true
      return .unknown
    default: return .unknown
    }
  }

  // MARK: Methods

  private func method(
    _ name: String, of value: Known, _ arguments: [Expression], _ step: Step
  ) -> (callee: Known, result: Known) {
    let callee = Callee(range: step.range, step: step)
    switch value {
    case .text, .scalar:
      guard Vocabulary.luaLibraries["string"]?.contains(name) == true || tree.assignedFields.contains(name)
      else {
        _ = known(arguments, count: arguments.count)
        return (.unknown, unknownField(name, "a text", Vocabulary.luaLibraries["string"] ?? [], step.range))
      }
      _ = known(arguments, count: arguments.count)
      return (.unknown, .unknown)
    case .fleet, .changes, .listing, .timestamp, .task, .chart:
      if case .listing(let item, let page) = value, Vocabulary.members(of: "listing").contains(name) {
        let function = Known.hostFunction("listing:\(name)")
        return (function, listing(name, item, page, value, arguments))
      }
      let function = member(name, of: value, owner: nil, at: step.range)
      return (function, call(function, arguments, callee))
    default:
      _ = known(arguments, count: arguments.count)
      return (.unknown, .unknown)
    }
  }
}
