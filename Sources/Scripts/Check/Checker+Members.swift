// Rules about names behind a point: members of records, operations of sessions, functions of libraries.
import AWSCore
import BackupGateway
import Host

extension Checker {
  /// What stands behind a point.
  func member(_ name: String, of value: Known, owner: String?, at range: Range<Int>) -> Known {
    switch value {
    case .record(let shape): return member(name, of: shape, at: range)
    case .group(let item):
      if name == "items" { return .list(of: item) }
      return .unknown
    case .session:
      if let operation = operation(name, at: range) { return .operation(operation) }
      if name == "last" || name == "profile" || name == "region" || name == "account" { return .unknown }
      if ["explain", "whoami"].contains(name) { return .hostFunction("session.\(name)") }
      guard !Vocabulary.sessionFields.contains(name) else { return .unknown }
      return unknownOperation(
        name, "a session has no \(name)", Vocabulary.sessionFields + Service.operations.map(\.luaName), range)
    case .fleet:
      if ["targets", "errors"].contains(name) { return .hostFunction("fleet:\(name)") }
      guard let operation = operation(name, at: range) else {
        return unknownOperation(
          name, "a fleet has no \(name)",
          ["targets", "errors"] + Service.operations.filter(\.isListing).map(\.luaName), range)
      }
      guard operation.isListing else {
        add(
          "unknown-operation",
          "a fleet only lists; call \(name) of one target, as in item.target.\(name)(item)", at: range)
        return .unknown
      }
      return .operation(operation)
    case .changes: return change(name, at: range)
    case .moongate:
      if isSnippet, let reason = Vocabulary.absentInSharedCode[name] {
        add("not-in-shared-code", "shared code has no \(name): \(reason)", at: range)
        return .unknown
      }
      guard !Vocabulary.names.contains(name) else { return global(name, at: range) }
      return unknownOperation(name, "moongate has no \(name)", Array(Vocabulary.names), range)
    case .arguments:
      return readArgument(name, at: range)
    case .library(let library): return function(name, of: library, at: range)
    case .timestamp where name == "epoch": return .number
    case .timestamp, .task, .chart, .listing:
      let owner = value.owner ?? ""
      if Vocabulary.members(of: owner).contains(name) { return .hostFunction("\(owner):\(name)") }
      let items = value.item
      if case .listing = value, case .record(let shape) = items, shape.member(name) != nil {
        add(
          "unknown-field",
          "\(value.noun) has no \(name); its items have it: `for item in listing do`, :first()", at: range)
        return .unknown
      }
      return unknownField(name, value.noun, Vocabulary.members(of: owner), range)
    case .outcome: return name == "code" ? .code : .unknown
    case .failure: return name == "error" ? .outcome : .unknown
    case .map(let item): return item
    case .unknown where !tree.assignedFields.contains(name):
      // `item.target.get_gateway`, of an item that nothing is known of.
      if let operation = operation(name, at: range) { return .operation(operation) }
      return name == "code" ? .maybeCode(of: owner) : .unknown
    default: return name == "code" ? .maybeCode(of: owner) : .unknown
    }
  }

  private func member(_ name: String, of shape: Shape, at range: Range<Int>) -> Known {
    if let member = shape.member(name) { return Known(member.shape) }
    if name == "target" { return .session }
    // What begins with a small letter is the script's to add, and what it adds itself is there.
    guard name.utf8.first.map({ (0x41...0x5A).contains($0) }) == true, !tree.assignedFields.contains(name)
    else {
      return .unknown
    }
    let names = shape.members.map(\.name)
    let near = soughtName { nearest(to: name, in: names) }
    let hint =
      near.map { "did you mean \($0)?" }
      ?? (names.isEmpty ? "it is empty" : "it has \(listed(names))")
    add("unknown-member", "\(shape.recordNoun) has no \(name); \(hint)", at: range, suggestion: near)
    return .unknown
  }

  /// A path like "MaintenanceStartTime.HourOfDay" in a text.
  func checkPath(_ expression: Expression, of item: Known) {
    guard let path = expression.text, case .record = item else { return }
    var value = item
    for name in path.split(separator: ".").map(String.init) {
      if case .number? = Int(name).map({ _ in Known.number }) {
        value = value.item
        continue
      }
      guard case .record(let shape) = value else { return }
      value = member(name, of: shape, at: expression.range)
    }
  }

  private func operation(_ name: String, at range: Range<Int>) -> Operation? {
    guard let operation = Service.operations.first(where: { $0.luaName == name }) else { return nil }
    uses(operation, at: range)
    return operation
  }

  private func change(_ name: String, at range: Range<Int>) -> Known {
    if name == "run" { return .hostFunction("changes:run") }
    let writes = Service.operations.filter { !$0.isReading }.map(\.luaName)
    guard let operation = operation(name, at: range) else {
      return unknownOperation(name, "a list of changes has no \(name)", writes + ["run"], range)
    }
    guard !operation.isReading else {
      add(
        "unknown-operation", "\(name) only reads: call it by itself; a list of changes holds what writes",
        at: range)
      return .unknown
    }
    return .operation(operation)
  }

  private func function(_ name: String, of library: String, at range: Range<Int>) -> Known {
    if library == "gateway_lab" {
      if let function = lab.first(where: { $0.luaName == "gateway_lab.\(name)" }) {
        return .operation(function)
      }
      return unknownField(
        name, library, lab.compactMap { $0.luaName.split(separator: ".").last.map(String.init) }, range)
    }
    let isLuas = Vocabulary.luaLibraries[library] != nil
    let names = Vocabulary.luaLibraries[library] ?? Vocabulary.members(of: library)
    let full = "\(library).\(name)"
    if isSnippet, let reason = Vocabulary.absentInSharedCode[full] {
      add("not-in-shared-code", "shared code has no \(full): \(reason)", at: range)
      return .unknown
    }
    if names.contains(name) {
      for used in Vocabulary.operationsOf[full] ?? [] {
        if let operation = Service.operation(used) { uses(operation, at: range) }
      }
      if library == "time" { return .hostFunction(name) }
      if full == "json.null" { return .unknown }
      return isLuas ? .luaFunction(full) : .hostFunction(full)
    }
    guard !tree.assignedFields.contains(name) else { return .unknown }
    if full == "os.exit" {
      add("unknown-field", "there is no os.exit; write exit(code, message)", at: range, suggestion: "exit")
      return .unknown
    }
    return unknownField(name, library, names, range)
  }

  func unknownField(_ name: String, _ noun: String, _ names: [String], _ range: Range<Int>) -> Known {
    let (suggestion, hint) = near(name, names)
    let there = names.isEmpty ? "" : "; it has \(listed(names.sorted()))"
    add(
      "unknown-field", "\(noun) has no \(name)\(hint.isEmpty ? there : hint)", at: range,
      suggestion: suggestion)
    return .unknown
  }

  private func unknownOperation(_ name: String, _ words: String, _ names: [String], _ range: Range<Int>)
    -> Known
  {
    let near = soughtName { Vocabulary.nearName(to: name, in: names.sorted()) }
    add(
      "unknown-operation", "\(words)\(near.map { "; did you mean \($0)?" } ?? "")", at: range,
      suggestion: near)
    return .unknown
  }
}

extension Operation {
  var isListing: Bool { if case .listing = result { true } else { false } }
}
