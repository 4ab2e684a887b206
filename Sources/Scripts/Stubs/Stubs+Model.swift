// The part of the stubs that the model says: operations, what they take, the records that they give.
import BackupGateway
import Host

extension Stubs {
  // MARK: Records

  static let records: String = {
    var seen: Set<String> = []
    var text = ""
    for operation in Service.operations { text += classes(operation.output, &seen) }
    for operation in Service.operations {
      if case .listing(let items) = operation.result, let item = operation.output.member(items)?.shape.item {
        text += listing(
          "moongate.\(item.name)Listing", item: "moongate.\(item.name)",
          page: "moongate.\(operation.output.name)")
      }
    }
    return text
  }()

  /// A class for each structure that a shape holds, itself last.
  private static func classes(_ shape: Shape, _ seen: inout Set<String>) -> String {
    if let item = shape.item { return classes(item, &seen) }
    guard case .structure(let members) = shape.kind, seen.insert(shape.name).inserted else { return "" }
    var text = members.map { classes($0.shape, &seen) }.joined()
    text += "---@class moongate.\(shape.name)\n"
    for member in members {
      // An absent date is what scripts forget most; of what else may be absent editors would warn too often.
      let isTime = if case .timestamp = member.shape.kind { true } else { false }
      text += field(member.name, type(member.shape) + (isTime ? "|nil" : ""), member.summary)
    }
    if shape.members.contains(where: { !$0.shape.resources.isEmpty }) {
      text += field("target", "moongate.Session", "Where an item of a fleet lives.")
    }
    return text + "\n"
  }

  /// What a value of a shape is, in an answer.
  private static func type(_ shape: Shape) -> String {
    if !shape.values.isEmpty { return shape.values.map { "\"\($0)\"" }.joined(separator: "|") }
    return switch shape.kind {
    case .string: "string"
    case .boolean: "boolean"
    case .integer, .long: "integer"
    case .timestamp: "moongate.Timestamp"
    case .list(let item): item.values.isEmpty ? "\(type(item))[]" : "table"
    case .structure: "moongate.\(shape.name)"
    }
  }

  // MARK: Operations

  static let operations: String = {
    var text = ""
    for operation in Service.operations {
      text += parameterClass(operation.input, named: "moongate.\(operation.input.name)")
      let access = operation.isReading ? "It reads." : "It writes: a script needs --allow \(operation.name)."
      let errors = (Service.commonErrors + operation.errors).joined(separator: ", ")
      text += function(
        operation.luaName, "\(operation.summary)\n\n\(access) Errors: \(errors).", operation.example,
        declaration(of: operation))
    }
    return text
  }()

  /// A class for a table of parameters, and one for each table inside it that no answer has.
  static func parameterClass(_ input: Shape, named name: String) -> String {
    var text = ""
    for member in input.members {
      let shape = member.shape.item ?? member.shape
      if !shape.members.isEmpty { text += parameterClass(shape, named: "\(name).\(member.name)") }
    }
    text += "---@class \(name)\n"
    for member in input.members {
      text += field(
        member.name, parameterType(member, named: name) + (member.isRequired ? "" : "|nil"),
        "\(member.summary) (\(Help.constraint(member.shape)))")
    }
    return text + "\n"
  }

  private static func parameterType(_ member: Member, named name: String) -> String {
    if case .list(let item) = member.shape.kind, !item.members.isEmpty {
      return "\(name).\(member.name)[]|table"
    }
    if !member.shape.members.isEmpty { return "\(name).\(member.name)|table" }
    let type = type(member.shape)
    return member.shape.isSensitive ? "\(type)|moongate.Secret" : type
  }

  /// - Parameter input: the class of its parameters; nil for that which follows from its name.
  static func declaration(of operation: Operation, taking input: String? = nil) -> Declaration {
    let input = input ?? "moongate.\(operation.input.name)"
    var declaration = Declaration("")
    if let resource = operation.resource {
      let kinds = resource.shape.resources.map { $0 == .virtualMachine ? "vm" : $0.rawValue }
      let name = kinds.joined(separator: "_or_")
      declaration.parameters = [(name + (resource.isRequired ? "" : "?"), "string|table|\(input)")]
      declaration.parameters.append(("parameters?", "\(input)|table"))
    } else {
      declaration.parameters = [(operation.isListing ? "parameters?" : "parameters", input)]
    }
    switch operation.result {
    case .response: declaration.results = ["moongate.\(operation.output.name)"]
    case .member(let name):
      declaration.results = [operation.output.member(name).map { type($0.shape) } ?? "any"]
    case .listing(let items):
      let item = operation.output.member(items)?.shape.item?.name ?? "any"
      declaration.results = ["moongate.\(item)Listing|fun(): moongate.\(item)"]
    }
    return declaration
  }
}
