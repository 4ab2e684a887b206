// ParameterText: what is said of parameters in few words: beside a candidate, and in the hint behind the cursor.
import BackupGateway

enum ParameterText {
  /// Beside a candidate: whether it is required, its type, and what it is.
  static func details(_ members: [Member]) -> [String] {
    Details(members.map { [$0.isRequired ? "required" : "", constraint($0.shape), $0.summary] }).texts
  }

  /// A type and its limits; an ARN's limits say less than what it may name.
  static func constraint(_ shape: Shape) -> String {
    guard shape.resources.isEmpty else {
      return "ARN of a \(shape.resources.map(\.noun).joined(separator: " or "))"
    }
    return Help.constraint(shape)
  }

  /// `HourOfDay* 0–23`.
  static func hint(_ member: Member, _ dash: String) -> String {
    let limits = limits(member.shape, dash)
    return member.name + (member.isRequired ? "*" : "") + (limits.isEmpty ? "" : " \(limits)")
  }

  /// The values that a shape has, where that is said in a word or two.
  static func limits(_ shape: Shape, _ dash: String) -> String {
    if !shape.values.isEmpty { return shape.values.joined(separator: "|") }
    switch shape.kind {
    case .boolean: return "true|false"
    case .integer, .long:
      return switch (shape.minimum, shape.maximum) {
      case (let low?, let high?): "\(low)\(dash)\(high)"
      case (let low?, nil): "\(low)\(dash)"
      case (nil, let high?): "\(dash)\(high)"
      default: ""
      }
    case .list(let item):
      let text = item.members.isEmpty ? limits(item, dash) : ""
      return text.isEmpty ? "{…}" : "{ \(text) }"
    case .structure: return "{…}"
    case .string, .timestamp: return ""
    }
  }

  /// In ASCII where the locale has no more.
  static func plain(_ text: String, _ glyphs: Glyphs) -> String {
    glyphs == .ascii ? text.replacing("…", with: "...").replacing("→", with: "->") : text
  }

  /// The required first, as they are written.
  static func sorted(_ members: [Member]) -> [Member] {
    members.filter(\.isRequired) + members.filter { !$0.isRequired }
  }
}
