// Model: how AWS Backup Gateway is described, as data.
//
// Operations.swift and Shapes.swift hold the rows. Everything that knows the service reads them: validation, the
// client, Lua bindings, help, completion, redaction, permissions, the local gateway. Adding an operation is adding
// rows. Source of the rows: the service's public model, API version 2021-01-01 as of 2026-07-23.

/// The type of a value, with the constraints the service declares for it.
public final class Shape: Sendable {
  public enum Kind: Sendable {
    case string
    /// 32 bits on the wire.
    case integer
    /// 64 bits on the wire.
    case long
    case timestamp
    case list(of: Shape)
    case structure([Member])
  }

  public let name: String
  public let kind: Kind
  /// Smallest length of a string in characters, smallest number, or smallest count of a list.
  public let minimum: Int64?
  public let maximum: Int64?
  /// A regular expression that the whole string must match.
  public let pattern: String?
  /// The values of an enumeration; empty for every other shape.
  public let values: [String]
  /// Never printed, logged or kept in a history.
  public let isSensitive: Bool

  init(
    _ name: String, _ kind: Kind, min minimum: Int64? = nil, max maximum: Int64? = nil,
    pattern: String? = nil,
    values: [String] = [], sensitive: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.minimum = minimum
    self.maximum = maximum
    self.pattern = pattern
    self.values = values
    self.isSensitive = sensitive
  }

  /// The members of a structure; empty for every other shape.
  public var members: [Member] { if case .structure(let members) = kind { members } else { [] } }

  /// The shape of a list's items, nil for every other shape.
  public var item: Shape? { if case .list(let item) = kind { item } else { nil } }

  public func member(_ name: String) -> Member? { members.first { $0.name == name } }
}

/// A member of a structure.
public struct Member: Sendable {
  /// AWS's own spelling, which is Moongate's too.
  public let name: String
  public let shape: Shape
  public let isRequired: Bool
  /// One sentence for help.
  public let summary: String

  init(_ name: String, _ shape: Shape, required: Bool = false, _ summary: String) {
    self.name = name
    self.shape = shape
    self.isRequired = required
    self.summary = summary
  }
}

/// The kinds of resource that an ARN of this service can name: the word before the id.
public enum ResourceKind: String, Sendable, CaseIterable {
  case gateway
  case hypervisor
  case virtualMachine = "vm"

  /// As a sentence says it.
  public var noun: String { self == .virtualMachine ? "virtual machine" : rawValue }
}

/// One operation of the service.
public struct Operation: Sendable {
  /// IAM's access level of the operation's action (AWS Service Authorization Reference).
  public enum Access: String, Sendable {
    case read = "Read"
    case list = "List"
    case write = "Write"
    case tagging = "Tagging"
  }

  /// What the host hands to Lua: the whole response, its one interesting member, or a listing over pages.
  public enum Result: Sendable {
    case response
    case member(String)
    case listing(of: String)
  }

  /// AWS's name, as in X-Amz-Target.
  public let name: String
  public let access: Access
  public let result: Result
  public let input: Shape
  public let output: Shape
  /// The member that a first argument fills: an ARN, or a record that carries it. Nil when the operation takes a
  /// table only.
  public let resource: (member: String, kinds: [ResourceKind])?
  /// Errors declared beyond ValidationException, InternalServerException and ThrottlingException, which all declare.
  public let errors: [String]
  /// One sentence for help.
  public let summary: String
  /// A runnable example for help.
  public let example: String

  init(
    _ name: String, _ access: Access, _ result: Result, input: [Member], output: [Member],
    resource: (member: String, kinds: [ResourceKind])? = nil, errors: [String] = [], summary: String,
    example: String
  ) {
    self.name = name
    self.access = access
    self.result = result
    self.input = Shape("\(name)Input", .structure(input))
    self.output = Shape("\(name)Output", .structure(output))
    self.resource = resource
    self.errors = errors
    self.summary = summary
    self.example = example
  }

  /// True when it changes nothing: reading is free, writing is asked for.
  public var isReading: Bool { access == .read || access == .list }

  /// The name in Lua: `GetVirtualMachine` → `get_virtual_machine`.
  public var luaName: String {
    var text = ""
    for character in name {
      if character.isUppercase && !text.isEmpty { text += "_" }
      text += character.lowercased()
    }
    return text
  }
}

/// The service.
public enum Service {
  /// Signing name and first label of its host.
  public static let name = "backup-gateway"
  /// Before the dot of X-Amz-Target.
  public static let targetPrefix = "BackupOnPremises_v20210101"
  /// The namespace of shape ids in error types.
  public static let namespace = "com.amazonaws.backupgateway"

  /// An operation by AWS's name.
  public static func operation(_ name: String) -> Operation? { operations.first { $0.name == name } }
}
