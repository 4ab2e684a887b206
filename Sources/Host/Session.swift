// Session: whom the operations of a script talk to: one profile, account and region, behind one door.
import AWSCore
import BackupGateway

public final class Session {
  /// Where its requests go out. What code asks for comes here only by a permission gate.
  public let door: any ServiceDoor
  private let ownLabel: String?

  /// - Parameter label: what stands for the profile in names, as `local`.
  public init(label: String? = nil, door: any ServiceDoor) {
    ownLabel = label
    self.door = door
  }

  var facts: SessionFacts { door.facts }

  /// `profile/region`, for people: the prompt, questions about writing, `--debug`.
  public var name: String {
    let facts = facts
    return "\(ownLabel ?? facts.profile)/\(facts.region ?? "no region")"
  }

  /// Each setting, its value and where it came from, a line each.
  var explanation: String {
    let rows = facts.rows
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      row.name + String(repeating: " ", count: width - row.name.count + 2) + row.value
        + "  (from \(row.source))"
    }.joined(separator: "\n")
  }
}
