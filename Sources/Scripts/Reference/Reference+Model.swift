// The part of the reference that the model says: operations, what they take and give, records.
import BackupGateway
import Host

extension Reference {
  /// A line for each operation.
  static var operationIndex: String {
    let operations = Help.kinds.flatMap(\.operations)
    return Markdown.table(
      ["function", "access level", "gives", "what it does"],
      operations.map {
        [
          Markdown.link(Markdown.code($0.luaName), to: $0.luaName), $0.access.rawValue, result($0),
          Markdown.prose($0.summary),
        ]
      })
  }

  /// - Parameter isLab: it is a function of `gateway_lab`, which is no operation of AWS.
  static func entry(_ operation: Operation, level: Int = 3, isLab: Bool = false) -> String {
    var text = Markdown.heading(level, operation.luaName)
    text += "\n`\(operation.luaName)(\(Help.signature(operation)))` → \(result(operation))\n"
    text += "\n\(Markdown.prose(operation.summary))\n"
    text += Markdown.table(
      ["parameter", "type and limits", "meaning"],
      rows(operation.input.members) { ($0.isRequired ? "required, " : "") + limits($0.shape) })
    if case .response = operation.result {
      text += Markdown.table(
        ["member of the response", "type", "meaning"], rows(operation.output.members) { type($0.shape) })
    }
    if !isLab { text += facts(operation) }
    return text + Markdown.block(operation.example, of: "lua")
  }

  private static func facts(_ operation: Operation) -> String {
    let errors = (Service.commonErrors + operation.errors).map { Markdown.code($0) }
    let page = "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BGW_\(operation.name).html"
    var text =
      "\n- IAM action: `\(Service.name):\(operation.name)`, access level \(operation.access.rawValue)\n"
    if !operation.isReading {
      text += "- It writes: a script needs `--allow \(operation.name)`"
      text += operation.isDestructive ? "; what it takes away cannot be brought back\n" : "\n"
    }
    return text
      + "- \(Markdown.link("Errors", to: "Errors")): \(errors.joined(separator: ", "))\n- At AWS: [\(operation.name)](\(page))\n"
  }

  /// What a script is given.
  private static func result(_ operation: Operation) -> String {
    switch operation.result {
    case .response: return operation.output.members.isEmpty ? "an empty table" : "the response"
    case .member(let name): return operation.output.member(name).map { type($0.shape) } ?? name
    case .listing(let items):
      let item = operation.output.member(items)?.shape.item.map { type($0) } ?? items
      return "\(Markdown.link("listing", to: "listing")) of \(item)"
    }
  }

  // MARK: Members

  /// A row for each member, and below it one for each member of its own, where that has no section.
  private static func rows(
    _ members: [Member], within path: String = "", _ type: (Member) -> String
  ) -> [[String]] {
    members.flatMap { member in
      let inner = member.shape.item ?? member.shape
      let name = path + member.name
      return [[Markdown.code(name), type(member), Markdown.prose(member.summary)]]
        + (isRecord(inner)
          ? [] : rows(inner.members, within: "\(name)\(member.shape.item == nil ? "" : "[]").", type))
    }
  }

  /// A shape's type, with links.
  private static func type(_ shape: Shape) -> String {
    if isRecord(shape) { return Markdown.link(shape.name, to: shape.name) }
    if let item = shape.item {
      return item.members.isEmpty || isRecord(item) ? "list of \(type(item))" : "list"
    }
    if !shape.values.isEmpty {
      return "one of \(shape.values.map { Markdown.code($0) }.joined(separator: ", "))"
    }
    if !shape.resources.isEmpty { return arn(shape) }
    if case .timestamp = shape.kind { return Markdown.link("timestamp", to: "timestamp") }
    return Help.constraint(Shape(shape.name, shape.kind))
  }

  /// A shape's type with what the service asks of it.
  private static func limits(_ shape: Shape) -> String {
    if isRecord(shape) || !shape.values.isEmpty { return type(shape) }
    if let item = shape.item, isRecord(item) {
      let count = Help.constraint(shape)
      return count == Help.type(shape) ? type(shape) : "\(count), each \(type(item))"
    }
    // One pattern serves all ARNs of this service, and says less than their kind.
    if !shape.resources.isEmpty {
      return "\(arn(shape)), \(Help.constraint(shape).replacing("string of ", with: ""))"
    }
    var text = Help.constraint(shape)
    if let pattern = (shape.item ?? shape).pattern { text += ", matching `\(pattern)`" }
    return text
      + (shape.isSensitive
        ? "; kept secret, and taken as a \(Markdown.link("secret", to: "secret")) too" : "")
  }

  private static func arn(_ shape: Shape) -> String {
    "ARN of a " + shape.resources.map(\.noun).joined(separator: " or ")
  }

  // MARK: Records

  /// The structures of the service that are told of in sections of their own, with the operations that take and give them.
  private static let records: [(shape: Shape, takers: [Operation], givers: [Operation])] = {
    var found: [(shape: Shape, takers: [Operation], givers: [Operation])] = []
    func visit(
      _ shape: Shape, _ note: (inout (shape: Shape, takers: [Operation], givers: [Operation])) -> Void
    ) {
      for member in shape.members {
        let inner = member.shape.item ?? member.shape
        guard !inner.members.isEmpty else { continue }
        let place = found.firstIndex { $0.shape === inner } ?? found.count
        if place == found.count { found.append((inner, [], [])) }
        note(&found[place])
        visit(inner, note)
      }
    }
    for operation in Help.kinds.flatMap(\.operations) {
      visit(operation.output) { $0.givers.append(operation) }
      visit(operation.input) { $0.takers.append(operation) }
    }
    return found.sorted { $0.shape.name < $1.shape.name }
  }()

  /// By identity: the structures of a local gateway's own functions have names of the service's, and other limits.
  private static let recordShapes = Set(records.map { ObjectIdentifier($0.shape) })

  private static func isRecord(_ shape: Shape) -> Bool { recordShapes.contains(ObjectIdentifier(shape)) }

  static var recordSections: String {
    var text = Markdown.heading(2, "Records")
    text += """

      What operations give are tables that know their structure: a member that was not sent is `nil`, and one that does not \
      exist is an error. Limits stand where the service asks for them; what it answers may break its own.

      """
    for record in records {
      func list(_ operations: [Operation]) -> String {
        operations.map { Markdown.link(Markdown.code($0.luaName), to: $0.luaName) }.joined(separator: ", ")
      }
      text += Markdown.heading(3, record.shape.name)
      let isTaken = !record.takers.isEmpty
      text += Markdown.table(
        ["member", isTaken ? "type and limits" : "type", "meaning"],
        rows(record.shape.members) {
          isTaken ? ($0.isRequired ? "required, " : "") + limits($0.shape) : type($0.shape)
        })
      text += "\n"
      if isTaken { text += "Taken by \(list(record.takers)). " }
      if !record.givers.isEmpty { text += "Given by \(list(record.givers))." }
      text += "\n"
    }
    return text
  }
}
