// Calls: what is known of their results, of the parameters of functions that are handed over, and the rules about options.
import AWSCore
import BackupGateway
import Host

/// Where a call is written.
struct Callee {
  /// Of the function's name.
  var range: Range<Int>
  var step: Step

  /// Of the arguments, with their brackets.
  var arguments: Range<Int> { step.argumentRange ?? step.range }
}

extension Checker {
  func call(_ callee: Known, _ arguments: [Expression], _ place: Callee) -> Known {
    switch callee {
    case .operation(let operation): return call(operation, arguments, place)
    case .hostFunction(let name): return call(host: name, arguments, place)
    case .luaFunction(let name): return call(lua: name, arguments)
    case .library("duration"):
      checkDuration(arguments.first)
      _ = known(arguments, count: arguments.count)
      return .number
    default:
      _ = known(arguments, count: arguments.count)
      return .unknown
    }
  }

  /// The arguments' values. Functions that are written there get what is known of their parameters.
  func values(_ arguments: [Expression], functions: [Int: [Known]]) -> [Known] {
    arguments.enumerated().map { index, argument in
      if let function = argument.function {
        visit(function, functions[index] ?? [])
        return .ownFunction
      }
      return known(argument)
    }
  }

  // MARK: Lua's functions

  private func call(lua name: String, _ arguments: [Expression]) -> Known {
    let values = known(arguments, count: arguments.count)
    switch name {
    case "ipairs", "pairs":
      guard let first = values.first else { return .unknown }
      if case .listing = first, let argument = arguments.first {
        add(
          "wrong-arguments", "write `for item in listing do`, without \(name); :collect() gives an array",
          at: argument.range)
      }
      return .pairs(of: first.item)
    case "tostring", "type", "string.format", "string.rep", "string.sub", "string.lower", "string.upper",
      "table.concat":
      return .text
    case "load":
      if let argument = arguments.first { unclear.append(argument.range) }
      return .unknown
    case "assert": return values.first ?? .unknown
    default: return .unknown
    }
  }

  // MARK: The host's functions

  private func call(host name: String, _ arguments: [Expression], _ place: Callee) -> Known {
    switch name {
    case "parallel": return parallel(arguments, from: 0)
    case "wait": return wait(arguments)
    case "call": return lowDoor(arguments, place)
    case "missing_ok":
      let values = values(arguments, functions: [:])
      guard case .operation(let operation)? = values.first, let first = arguments.first else {
        return .unknown
      }
      return call(
        operation, Array(arguments.dropFirst()), Callee(range: first.range, step: place.step),
        isEvaluated: true)
    default: break
    }
    let values = values(arguments, functions: [:])
    checkOptions(of: name, arguments, values)
    func argument(_ index: Int) -> Expression? { arguments.indices.contains(index) ? arguments[index] : nil }
    switch name {
    case "now": return .timestamp
    case "ago":
      checkDuration(argument(0))
      return .timestamp
    case "timestamp":
      // In a zone a text without an offset is one too.
      if arguments.count == 1 { checkTimestamp(argument(0)) }
      return .timestamp
    case "duration":
      checkDuration(argument(0))
      return .number
    case "duration.text":
      checkDuration(argument(0))
      return .text
    case "sleep": checkDuration(argument(0))
    case "exit": checkExitCode(argument(0))
    case "older_than": checkDuration(argument(1)); return .boolean
    case "timestamp:format", "timestamp:ago", "chart:text", "output.format", "json.encode": return .text
    case "secret":
      if let first = argument(0) { checkSecret(first) }
    case "items": return .listing(of: values.first?.item ?? .unknown, page: nil)
    case "shard": return values.first ?? .unknown
    case "progress": return .iterator(of: values.first?.item ?? .unknown)
    case "connect": return .session
    case "fleet": return .fleet
    case "fleet:targets": return .list(of: .session)
    case "fleet:errors": return .list(of: .outcome)
    case "changes": return .changes
    case "spawn": return .task
    case "changes:run": return .list(of: .unknown)
    case "chart.bar", "chart.histogram", "chart.spark", "chart.timeline": return .chart
    case "tags.get", "tags.map": return .map(of: .text)
    case "require": return module(argument(0))
    case "same": return .boolean
    default: break
    }
    if name == "show" || name.hasPrefix("output."), !values.isEmpty {
      let first = name == "output.format" ? 1 : 0
      if values.indices.contains(first) { checkColumns(argument(first + 1), of: rows(values[first])) }
    }
    return .unknown
  }

  /// One row of what is shown.
  private func rows(_ value: Known) -> Known {
    if case .record = value { return value }
    return value.item
  }

  private func checkColumns(_ columns: Expression?, of row: Known) {
    for column in columns?.fields ?? [] {
      guard case .item = column.key else { continue }
      if let parts = column.value.fields {
        let items = parts.filter { if case .item = $0.key { true } else { false } }
        if items.count > 1 { checkPath(items[1].value, of: row) }
      } else {
        checkPath(column.value, of: row)
      }
    }
  }

  /// `require` of ours is a table of ours; what another module calls cannot be seen here.
  private func module(_ argument: Expression?) -> Known {
    guard let argument else { return .unknown }
    if let name = argument.text, Vocabulary.modules.contains(name) { return .library(name) }
    guard isSnippet, let name = argument.text, header.problems.isEmpty,
      !header.header.requirements.contains(where: { $0.name == name })
    else {
      unclear.append(argument.range)
      return .unknown
    }
    add(
      "not-in-shared-code", "shared code requires what its header pins, as in -- @require \(name)@1.0.0",
      at: argument.range)
    return .unknown
  }

  private func parallel(_ arguments: [Expression], from first: Int, items: Known? = nil) -> Known {
    let source = items ?? arguments.first.map { known($0) } ?? .unknown
    let rest = items == nil ? Array(arguments.dropFirst()) : arguments
    let values = values(rest, functions: [0: [source.item]])
    if rest.count > 1 { checkOptions("parallel", rest[1]) }
    guard case .operation(let operation)? = values.first else { return .list(of: .unknown) }
    checkResource(operation, source.item, at: rest[0].range)
    return .list(of: Known(resultOf: operation))
  }

  private func wait(_ arguments: [Expression]) -> Known {
    let functionValue = arguments.first.map { known($0) } ?? .unknown
    var result = Known.unknown
    if case .operation(let operation) = functionValue { result = Known(resultOf: operation) }
    for (index, argument) in arguments.enumerated().dropFirst() {
      guard index == 2, let fields = argument.fields else {
        _ = known(argument)
        continue
      }
      for field in fields {
        if case .expression(let key) = field.key { _ = known(key) }
        if let function = field.value.function { visit(function, [result]) } else { _ = known(field.value) }
        if case .name("field", _) = field.key { checkPath(field.value, of: result) }
      }
      checkOptions("wait", argument)
      checkStates(fields, result)
    }
    return result
  }

  /// `is` and `never` of a member that is a choice.
  private func checkStates(_ fields: [Field], _ result: Known) {
    func field(_ name: String) -> Expression? {
      fields.first { if case .name(name, _) = $0.key { true } else { false } }?.value
    }
    guard case .record(let shape) = result, let name = field("field")?.text,
      let choice = shape.member(name)?.shape, !choice.values.isEmpty
    else { return }
    for wanted in [field("is"), field("never")].compactMap({ $0 }) {
      for value in wanted.fields?.map(\.value) ?? [wanted] {
        guard let text = value.text, !choice.values.contains(text) else { continue }
        let (suggestion, hint) = near(text, choice.values)
        add(
          "never-equal",
          "\(name) is never \(quoted(text)): it is \(choice.values.joined(separator: ", "))\(hint)",
          at: value.range, suggestion: suggestion)
      }
    }
  }

  /// call("GetGateway", { … }).
  private func lowDoor(_ arguments: [Expression], _ place: Callee) -> Known {
    let values = known(arguments, count: arguments.count)
    guard let first = arguments.first else { return .unknown }
    if case .operation = values[0] { return .unknown }
    guard let name = first.text else {
      unclear.append(first.range)
      return .unknown
    }
    guard let operation = Service.operation(named: name) else {
      let (suggestion, hint) = near(name, Service.operations.map(\.name))
      add(
        "unknown-operation", "there is no operation \(quoted(name))\(hint)", at: first.range,
        suggestion: suggestion)
      return .unknown
    }
    uses(operation, at: first.range)
    if arguments.count > 1 { checkTable(arguments[1], of: operation, given: []) }
    return .record(operation.output)
  }

  // MARK: Methods of listings

  func listing(
    _ name: String, _ item: Known, _ page: Shape?, _ value: Known, _ arguments: [Expression]
  ) -> Known {
    if name == "parallel" { return parallel(arguments, from: 1, items: value) }
    let values = values(arguments, functions: [0: [item]])
    if ["sort", "group", "index"].contains(name), let first = arguments.first { checkPath(first, of: item) }
    switch name {
    case "filter", "take", "sort": return .listing(of: item, page: nil)
    case "map": return .listing(of: .unknown, page: nil)
    case "first": return item
    case "find":
      for field in arguments.first?.fields ?? [] {
        guard case .name(let name, let range) = field.key, case .record(let shape) = item else { continue }
        if shape.member(name) == nil {
          checkPath(Expression(kind: .string(Array(name.utf8)), range: range), of: item)
        }
        if let text = field.value.text, let choice = shape.member(name)?.shape, !choice.values.isEmpty,
          !choice.values.contains(text)
        {
          let (suggestion, hint) = near(text, choice.values)
          add(
            "never-equal", "\(name) is never \(quoted(text))\(hint)", at: field.value.range,
            suggestion: suggestion)
        }
      }
      return item
    case "group": return .list(of: .group(of: item))
    case "index": return .map(of: item)
    case "collect": return .list(of: item)
    case "count": return .number
    case "pages": return .iterator(of: page.map(Known.record) ?? .unknown)
    default: return values.first ?? .unknown
    }
  }

  // MARK: Options

  /// Which argument of a function holds its options; the first of them that is a table without items.
  private static let optionPlaces: [String: ClosedRange<Int>] = [
    "wait_until": 1...1, "progress": 1...1, "changes:run": 0...0, "connect": 0...0, "fleet": 0...0,
    "show": 1...2, "output.table": 1...2, "output.json": 1...2, "output.jsonl": 1...2, "output.csv": 1...2,
    "output.yaml": 1...2, "output.lua": 1...2, "output.format": 2...3, "json.encode": 1...1,
    "chart.bar": 3...3,
    "chart.spark": 1...2, "chart.timeline": 3...3, "chart.histogram": 1...2, "chart:text": 0...0,
  ]

  private func checkOptions(of name: String, _ arguments: [Expression], _ values: [Known]) {
    guard let places = Self.optionPlaces[name] else { return }
    for place in places where arguments.indices.contains(place) {
      guard let fields = arguments[place].fields, !fields.isEmpty,
        !fields.contains(where: { if case .item = $0.key { true } else { false } })
      else { continue }
      checkOptions(name, arguments[place])
    }
  }

  func checkOptions(_ function: String, _ table: Expression) {
    guard let options = Vocabulary.options[function], let fields = table.fields else { return }
    let shown = function.replacing("changes:", with: "todo:")
    for field in fields {
      switch field.key {
      case .item:
        add(
          "unknown-option", "\(shown): options have names, as in \(options.keys.sorted()[0]) = …",
          at: field.value.range)
      case .expression: continue
      case .name(let name, let range):
        guard let kind = options[name] else {
          let (suggestion, hint) = near(name, Array(options.keys))
          let there = "; it has \(options.keys.sorted().joined(separator: ", "))"
          add(
            "unknown-option", "\(shown) has no option \(name)\(hint.isEmpty ? there : hint)", at: range,
            suggestion: suggestion)
          continue
        }
        check(field.value, is: kind, "\(shown): \(name)")
      }
    }
  }

  private func check(_ value: Expression, is kind: Vocabulary.OptionKind, _ what: String) {
    let isText = if case .string = value.kind { true } else { false }
    func refuse(_ noun: String) { add("unknown-option", "\(what) is \(noun)", at: value.range) }
    switch kind {
    case .any: break
    case .duration:
      checkDuration(value)
      if value.fields != nil || value.function != nil { refuse("a duration, as in \"10s\"") }
    case .text: if value.number != nil || value.fields != nil || value.function != nil { refuse("a text") }
    case .number: if isText || value.fields != nil || value.function != nil { refuse("a number") }
    case .boolean: if isText || value.number != nil || value.fields != nil { refuse("true or false") }
    case .function: if isText || value.number != nil || value.fields != nil { refuse("a function") }
    case .oneOf(let choices):
      guard let text = value.text, !choices.contains(text) else { return }
      let (suggestion, hint) = near(text, choices)
      add(
        "unknown-option", "\(what) is \(choices.map { "\"\($0)\"" }.joined(separator: " or "))\(hint)",
        at: value.range,
        suggestion: suggestion)
    }
  }

  // MARK: Times

  /// A text that stands where a duration is wanted.
  func checkDuration(_ expression: Expression?) {
    guard let expression, let text = expression.text, !Self.isDuration(text) else { return }
    add(
      "bad-duration",
      "\(quoted(text)) is no duration; write seconds or a text like \"90s\", \"7d12h\", \"2w\"",
      at: expression.range)
  }

  private func checkExitCode(_ expression: Expression?) {
    guard let expression, let number = expression.number else { return }
    let code =
      switch number {
      case .integer(let code): code
      case .float(let code): Int64(exactly: code)
      }
    if let code, (0...125).contains(code) || code == Int64(ExitCode.usage) { return }
    add(
      "wrong-value", "exit takes a code from 0 to 125, or \(ExitCode.usage) for wrong arguments",
      at: expression.range)
  }

  /// As time.lua reads it: numbers with s, m, h, d or w behind them.
  private static func isDuration(_ text: String) -> Bool {
    var rest = text[...]
    guard !rest.isEmpty else { return false }
    while !rest.isEmpty {
      let whole = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[whole.endIndex...]
      guard !whole.isEmpty else { return false }
      if rest.first == "." { rest = rest.dropFirst().drop { $0.isASCII && $0.isNumber } }
      guard let unit = rest.popFirst(), "smhdw".contains(unit) else { return false }
    }
    return true
  }

  private func checkTimestamp(_ expression: Expression?) {
    guard let expression, let text = expression.text, Timestamp(iso8601: text) == nil else { return }
    add(
      "bad-duration", "\(quoted(text)) is no time; write it as in \"2022-09-22T00:00:00Z\"",
      at: expression.range)
  }
}
