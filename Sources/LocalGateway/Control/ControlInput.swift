// ControlInput: the members of a request to the control endpoint, checked against what the route takes.
import AWSCore
import BackupGateway

struct ControlInput {
  private let members: Value.Object

  /// Times may be dates, distances from the server's time (`-7d12h`), or epoch seconds; one text is good for a list of
  /// texts; null is nothing.
  /// - Throws: a FieldProblem when the body is no JSON object, or not what the shape says.
  init(_ body: [UInt8], as shape: Shape, at now: Timestamp) throws(FieldProblem) {
    let document: Value
    do throws(JSONError) {
      document = body.isEmpty ? .object([:]) : try JSON.decode(body)
    } catch {
      throw FieldProblem("the body is not JSON: \(error)")
    }
    guard var members = document.object else { throw FieldProblem("the body must be a JSON object") }
    for member in shape.members {
      switch (member.shape.kind, members[member.name]) {
      case (_, nil), (_, .null): continue
      case (.timestamp, let given?):
        guard let time = Self.time(given, at: now) else {
          throw FieldProblem(
            "\(member.name) must be a time from 1970 to 9999: as 2026-03-14T09:26:00Z, as -7d12h, or epoch seconds"
          )
        }
        members[member.name] = .timestamp(time)
      case (.list, .string(let text)): members[member.name] = [.string(text)]
      default: continue
      }
    }
    let issues = Validate.issues(.object(members), as: shape)
    guard issues.isEmpty else { throw FieldProblem(issues.prefix(5).map(\.message).joined(separator: "; ")) }
    self.members = members
  }

  private static func time(_ given: Value, at now: Timestamp) -> Timestamp? {
    let time: Timestamp? =
      switch given {
      case .integer(let seconds): Timestamp(epochSeconds: Double(seconds))
      case .number(let seconds): Timestamp(epochSeconds: seconds)
      case .string(let text) where text.hasPrefix("+") || text.hasPrefix("-"):
        Duration(text, signed: true).map(now.advanced(by:))
      case .string(let text): Timestamp(iso8601: text)
      default: nil
      }
    return time.flatMap { ServerClock.range.contains($0) ? $0 : nil }
  }

  subscript(name: String) -> Value? { members[name] == .null ? nil : members[name] }

  func text(_ name: String) -> String? { members[name]?.string }

  func flag(_ name: String) -> Bool? { if case .bool(let flag)? = members[name] { flag } else { nil } }

  func time(_ name: String) -> Timestamp? {
    if case .timestamp(let time)? = members[name] { time } else { nil }
  }

  /// The only one of these members that says something; nil when none does: null and false are nothing.
  func one(of names: [String]) throws(FieldProblem) -> String? {
    let given = names.filter { ![nil, .null, .bool(false)].contains(members[$0]) }
    guard given.count < 2 else { throw FieldProblem("\(listed(given)) cannot go together") }
    return given.first
  }
}
