// RequestText: a request as the Lua that would make it, with secrets masked.
import AWSCore
import BackupGateway

enum RequestText {
  /// Stands for a value that nobody may read.
  static let mask = "•••"
  /// Longest line before members get lines of their own.
  private static let width = 100

  /// `update_hypervisor{ HypervisorArn = "arn:…", Password = "•••" }`
  static func lua(_ request: Request) -> String {
    request.operation.luaName + table(request.parameters, request.operation.input, indent: "")
  }

  private static func text(_ value: Value, _ shape: Shape?, indent: String) -> String {
    if shape?.isSensitive == true { return "\"\(mask)\"" }
    switch value {
    case .null: return "nil"
    case .bool(let flag): return String(flag)
    case .integer(let number): return String(number)
    case .number(let number): return String(number)
    case .string(let text): return literal(text)
    case .timestamp(let time): return "timestamp(\"\(time.iso8601)\")"
    case .array(let items):
      return braces(items.map { text($0, shape?.item, indent: indent + "  ") }, indent)
    case .object(let object): return table(object, shape, indent: indent)
    }
  }

  private static func table(_ object: Value.Object, _ shape: Shape?, indent: String) -> String {
    let members = object.members.filter { $0.value != .null }.map { name, value in
      "\(name) = \(text(value, shape?.member(name)?.shape, indent: indent + "  "))"
    }
    return braces(members, indent)
  }

  private static func braces(_ parts: [String], _ indent: String) -> String {
    if parts.isEmpty { return "{}" }
    let line = "{ \(parts.joined(separator: ", ")) }"
    if line.utf8.count + indent.utf8.count <= width, !line.contains("\n") { return line }
    return "{\n" + parts.map { "\(indent)  \($0),\n" }.joined() + indent + "}"
  }

  /// A Lua string. What would move the cursor or turn the direction of writing is escaped, on a terminal and in a file.
  private static func literal(_ text: String) -> String {
    let parts = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": return "\\\""
      case "\\": return "\\\\"
      case "\n": return "\\n"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
          return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: return String(scalar)
        }
      }
    }
    return "\"\(parts.joined())\""
  }
}
