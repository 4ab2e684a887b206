// RequestText: a request as the Lua that would make it, with secrets masked.
import AWSCore
import BackupGateway

enum RequestText {
  /// Stands for a value that nobody may read.
  static let mask = Secrets.shown

  /// `update_hypervisor{ HypervisorArn = "arn:…", Password = "•••" }`
  static func lua(_ request: Request) -> String {
    request.operation.luaName + table(request.parameters, request.operation.input, Layout())
  }

  /// The same on one line, however long.
  static func line(_ request: Request) -> String {
    request.operation.luaName + table(request.parameters, request.operation.input, Layout(width: .max))
  }

  /// The request's body as JSON. What would move the cursor is escaped as JSON has it, whatever the text goes to.
  static func json(_ request: Request) -> String {
    let bytes = JSON.encode(masked(.object(request.parameters), request.operation.input))
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
      scalar.isHidden ? scalar.utf16.map { "\\u" + hexadecimal($0) }.joined() : String(scalar)
    }.joined()
  }

  private static func hexadecimal(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// A value of a shape, with what nobody may read masked.
  static func masked(_ value: Value, _ shape: Shape?) -> Value {
    if shape?.isSensitive == true { return .string(mask) }
    switch value {
    case .array(let items): return .array(items.map { masked($0, shape?.item) })
    case .object(let object):
      var result = Value.Object()
      for (name, value) in object.members { result[name] = masked(value, shape?.member(name)?.shape) }
      return .object(result)
    default: return value
    }
  }

  /// `Tags = { { Key = "team", Value = "db" } }`: the parameters on one line, without those that `besides` names.
  static func parameters(_ request: Request, besides names: [String]) -> String {
    members(request.parameters, request.operation.input, Layout(width: .max), besides: names)
      .joined(separator: ", ")
  }

  /// How wide a line may be before members get lines of their own, and how far in it begins.
  private struct Layout {
    var width = 100
    var indent = ""
    var inner: Layout { Layout(width: width, indent: indent + "  ") }
  }

  private static func text(_ value: Value, _ shape: Shape?, _ layout: Layout) -> String {
    if shape?.isSensitive == true { return "\"\(mask)\"" }
    switch value {
    case .null: return "nil"
    case .bool(let flag): return String(flag)
    case .integer(let number): return String(number)
    case .number(let number): return String(number)
    case .string(let text): return literal(text)
    case .timestamp(let time): return "timestamp(\"\(time.iso8601)\")"
    case .array(let items): return braces(items.map { text($0, shape?.item, layout.inner) }, layout)
    case .object(let object): return table(object, shape, layout)
    }
  }

  private static func table(_ object: Value.Object, _ shape: Shape?, _ layout: Layout) -> String {
    braces(members(object, shape, layout), layout)
  }

  private static func members(
    _ object: Value.Object, _ shape: Shape?, _ layout: Layout, besides hidden: [String] = []
  ) -> [String] {
    object.members.filter { $0.value != .null && !hidden.contains($0.name) }.map { name, value in
      "\(name) = \(text(value, shape?.member(name)?.shape, layout.inner))"
    }
  }

  private static func braces(_ parts: [String], _ layout: Layout) -> String {
    if parts.isEmpty { return "{}" }
    let line = "{ \(parts.joined(separator: ", ")) }"
    let indent = layout.indent
    if line.utf8.count <= layout.width - indent.utf8.count, !line.contains("\n") { return line }
    return "{\n" + parts.map { "\(indent)  \($0),\n" }.joined() + indent + "}"
  }

  /// A Lua string. What would move the cursor or turn the direction of writing is escaped, on a terminal and in a file.
  private static func literal(_ text: String) -> String {
    let parts = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": return "\\\""
      case "\\": return "\\\\"
      case "\n": return "\\n"
      default: return scalar.shown
      }
    }
    return "\"\(parts.joined())\""
  }
}
