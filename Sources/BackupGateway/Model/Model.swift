// Model: how AWS Backup Gateway is described, as data: shapes, their members, the service.
//
// The rows stand beside this file, by resource: GatewayOperations.swift and GatewayShapes.swift, and so on. Everything
// that knows the service reads them: validation, the client, Lua bindings, help, completion, redaction, permissions,
// the local gateway. Adding an operation is adding rows. Source of the rows: the service's public model, API version
// 2021-01-01 as of 2026-07-23.

/// The type of a value, with the constraints the service declares for it.
public final class Shape: Sendable {
  public enum Kind: Sendable {
    case string
    /// None in the service; the local gateway's own functions have some.
    case boolean
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
  /// What an ARN of this service may name, where the service's one pattern for all of them says less than its
  /// documentation; empty for every other shape.
  public let resources: [ResourceKind]

  public init(
    _ name: String, _ kind: Kind, min minimum: Int64? = nil, max maximum: Int64? = nil,
    pattern: String? = nil, values: [String] = [], sensitive: Bool = false, of resources: [ResourceKind] = []
  ) {
    self.name = name
    self.kind = kind
    self.minimum = minimum
    self.maximum = maximum
    self.pattern = pattern
    self.values = values
    self.isSensitive = sensitive
    self.resources = resources
  }

  /// The members of a structure; empty for every other shape.
  public var members: [Member] { if case .structure(let members) = kind { members } else { [] } }

  /// The shape of a list's items, nil for every other shape.
  public var item: Shape? { if case .list(let item) = kind { item } else { nil } }

  /// The member of that name; nil where there is none.
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

  public init(_ name: String, _ shape: Shape, required: Bool = false, _ summary: String) {
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

/// The service.
public enum Service {
  /// Signing name and first label of its host.
  public static let name = "backup-gateway"
  /// Before the dot of X-Amz-Target.
  public static let targetPrefix = "BackupOnPremises_v20210101"
  /// The namespace of shape ids in error types.
  public static let namespace = "com.amazonaws.backupgateway"
  /// What every operation may answer.
  public static let commonErrors = [
    "ValidationException", "InternalServerException", "ThrottlingException",
  ]

  /// Every operation.
  public static let operations: [Operation] =
    Operation.ofGateways + Operation.ofHypervisors + Operation.ofVirtualMachines + Operation.ofTags

  /// An operation by AWS's name.
  public static func operation(_ name: String) -> Operation? { byName[name] }

  private static let byName = Dictionary(operations.map { ($0.name, $0) }) { first, _ in first }

  /// An operation as people name it: `GetGateway` or `get_gateway`.
  public static func operation(named name: String) -> Operation? {
    operations.first { $0.name == name || $0.luaName == name }
  }
}
