// Operation: one operation of the service, as a row of the model.

public struct Operation: Sendable {
  /// IAM's access level of the operation's action (AWS Service Authorization Reference).
  public enum Access: String, Sendable {
    case read = "Read"
    case write = "Write"
    /// The reference files these under both.
    case tagging = "Tagging, Write"
  }

  /// What the host hands to Lua: the whole response, its one interesting member, or a listing over pages.
  public enum Result: Sendable {
    case response
    case member(String)
    case listing(of: String)
  }

  /// AWS's name, as in X-Amz-Target.
  public let name: String
  /// The name in Lua: `GetVirtualMachine` → `get_virtual_machine`.
  public let luaName: String
  public let access: Access
  /// What it takes away cannot be brought back by another operation.
  public let isDestructive: Bool
  public let result: Result
  public let input: Shape
  public let output: Shape
  /// Errors declared beyond `Service.commonErrors`.
  public let errors: [String]
  /// One sentence for help.
  public let summary: String
  /// A runnable example for help.
  public let example: String

  /// - Parameter luaName: nil for that which follows from AWS's name.
  public init(
    _ name: String, luaName: String? = nil, _ access: Access, destructive isDestructive: Bool = false,
    _ result: Result = .response, input: [Member], output: [Member], errors: [String] = [], summary: String,
    example: String
  ) {
    self.name = name
    self.luaName = luaName ?? Self.snakeCase(name)
    self.access = access
    self.isDestructive = isDestructive
    self.result = result
    self.input = Shape("\(name)Input", .structure(input))
    self.output = Shape("\(name)Output", .structure(output))
    self.errors = errors
    self.summary = summary
    self.example = example
  }

  /// True when it changes nothing: reading is free, writing is asked for.
  public var isReading: Bool { access == .read }

  /// True when what a script gets is a query over pages.
  public var isListing: Bool { if case .listing = result { true } else { false } }

  /// The parameter that a first argument fills, an ARN or a record that carries it: the operation's only ARN of this
  /// service. Nil when there is none or more than one, which leaves a table of parameters.
  public var resource: Member? {
    let arns = input.members.filter { !$0.shape.resources.isEmpty }
    return arns.count == 1 ? arns[0] : nil
  }

  private static func snakeCase(_ name: String) -> String {
    var text: [UInt8] = []
    for byte in name.utf8 {
      let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      if isCapital && !text.isEmpty { text.append(UInt8(ascii: "_")) }
      text.append(isCapital ? byte | 0x20 : byte)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
