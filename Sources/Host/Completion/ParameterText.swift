// ParameterText: what is said of parameters in few words: beside a candidate, and in the hint behind the cursor.
import BackupGateway

enum ParameterText {
  /// Beside a candidate: "required  integer, 0 to 23".
  static func detail(_ member: Member) -> String {
    (member.isRequired ? "required  " : "") + Help.constraint(member.shape)
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
      let text = item.members.isEmpty ? limits(item, dash) : "{…}"
      return text.isEmpty ? "{…}" : "{ \(text) }"
    case .structure: return "{…}"
    case .string, .timestamp: return ""
    }
  }

  /// The required first, as they are written.
  static func sorted(_ members: [Member]) -> [Member] {
    members.filter(\.isRequired) + members.filter { !$0.isRequired }
  }
}
