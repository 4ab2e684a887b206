// ResourceSource: which listing knows the resources of a kind, and what of them people know them by. It follows from the
// model: the listing that needs no parameter and whose items have an ARN of that kind.
import AWSCore
import BackupGateway

struct ResourceSource {
  let kind: ResourceKind
  let operation: Operation
  /// The member of a page that has the items.
  let items: String
  let arn: Member
  /// What people named it.
  let name: Member?
  /// What tells how it is: one of several states, else when something was last heard of it.
  let state: Member?

  /// Nil where the service lists no such thing.
  init?(_ kind: ResourceKind) {
    for operation in Service.operations {
      guard case .listing(let items) = operation.result,
        !operation.input.members.contains(where: \.isRequired),
        let item = operation.output.member(items)?.shape.item,
        let arn = item.members.first(where: { $0.shape.resources == [kind] })
      else { continue }
      self.kind = kind
      self.operation = operation
      self.items = items
      self.arn = arn
      name = item.members.first { $0.shape.name == "Name" }
      state =
        item.members.first { $0.shape.values.count > 1 }
        ?? item.members.first { if case .timestamp = $0.shape.kind { true } else { false } }
      return
    }
    return nil
  }

  /// "gateways", "virtual machines".
  var noun: String { kind.noun + "s" }

  /// The resources of a page; what has no ARN that can be read is none.
  func resources(_ page: Value, at now: Timestamp) -> [Resource] {
    (page[items]?.array ?? []).compactMap { item in
      guard let text = item[arn.name]?.string, let arn = Arn(text) else { return nil }
      let named = name.flatMap { item[$0.name]?.string }.map(Visible.line)
      return Resource(
        arn: arn, name: named ?? "", state: state.map { Self.text($0, item[$0.name], now) } ?? "")
    }
  }

  private static func text(_ member: Member, _ value: Value?, _ now: Timestamp) -> String {
    guard case .timestamp = member.shape.kind else { return value?.string.map(Visible.line) ?? "" }
    let words = Self.words(member.name)
    let seconds: Double? =
      switch value {
      case .integer(let seconds): Double(seconds)
      case .number(let seconds): seconds
      default: nil
      }
    guard let seconds else { return "\(words): never" }
    // What lies outside the years that there are is no time.
    guard let time = Timestamp(epochSeconds: seconds) else { return "" }
    return "\(words) \(Age.text(now.epochSeconds - time.epochSeconds)) ago"
  }

  /// `LastSeenTime` → "last seen".
  private static func words(_ name: String) -> String {
    var text = ""
    for character in name {
      if character.isUppercase, !text.isEmpty { text.append(" ") }
      text.append(contentsOf: character.lowercased())
    }
    for suffix in [" time", " date"] where text.hasSuffix(suffix) { text.removeLast(suffix.count) }
    return text
  }
}

/// One resource as people choose it.
struct Resource: Equatable {
  var arn: Arn
  var name: String
  var state: String
}

/// A length of time in its largest unit.
enum Age {
  static func text(_ seconds: Double) -> String {
    let units: [(Double, String)] = [(86_400, "d"), (3_600, "h"), (60, "min")]
    for (length, name) in units where seconds >= length { return "\(Int(seconds / length)) \(name)" }
    return "\(Int(max(0, seconds))) s"
  }
}
