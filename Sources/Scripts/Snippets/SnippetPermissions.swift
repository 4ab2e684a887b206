// SnippetPermissions: what a snippet may do, as it is pinned, shown and compared: an update that asks for more is asked about,
// whoever signed it.
import AWSCore
import BackupGateway

public struct SnippetPermissions: Equatable, Sendable {
  /// Operations by AWS's name, in order.
  public let operations: [String]
  /// Secrets that it asks the operator for, by name.
  public let secrets: [String]
  public let limits: SnippetLimits

  init(operations: [String], secrets: [String], limits: SnippetLimits) {
    self.operations = operations.sorted()
    self.secrets = secrets.sorted()
    self.limits = limits
  }

  public init(_ header: ScriptHeader) {
    self.init(
      operations: Array(header.allowed ?? []),
      secrets: header.secrets.map(\.name),
      limits: SnippetLimits(header: header.limits))
  }

  /// One thing that differs between two lists.
  public struct Change: Equatable, Sendable {
    public let text: String
    /// It is more than before.
    public let grows: Bool
  }

  /// What is other than before: operations, secrets, limits.
  public func changes(since before: SnippetPermissions) -> [Change] {
    func changes(_ new: [String], _ old: [String], _ text: (String) -> String) -> [Change] {
      new.filter { !old.contains($0) }.map { Change(text: text($0), grows: true) }
        + old.filter { !new.contains($0) }.map { Change(text: text($0), grows: false) }
    }
    return changes(operations, before.operations, Self.described)
      + changes(secrets, before.secrets) { "asks you for the secret \($0)" }
      + zip(limits.rows, before.limits.rows).filter { $0.text != $1.text }.map { new, old in
        Change(text: "\(new.name): \(old.text) → \(new.text)", grows: new.size > old.size)
      }
  }

  /// What this asks for beyond `other`: what a requirement calls, the snippet that requires it must be allowed. Limits are
  /// those of the run, whatever a requirement's header says.
  func beyond(_ other: SnippetPermissions) -> [String] {
    operations.filter { !other.operations.contains($0) }
      + secrets.filter { !other.secrets.contains($0) }.map { "secret \($0)" }
  }

  /// For people, a line each; what writes is marked.
  public var lines: [String] {
    let calls = operations.map { "calls \(Self.described($0))" }
    let asks = secrets.map { "asks you for the secret \($0)" }
    let raised = limits.raised.map { ["raises its limits: \($0)"] } ?? []
    let all = calls + asks + raised
    return all.isEmpty ? ["calls nothing of the service"] : all
  }

  private static func described(_ operation: String) -> String {
    Service.operation(operation)?.isReading == false ? "\(operation) (writes)" : operation
  }
}

extension SnippetLimits {
  /// Each limit by name: what it is in words, and a number to compare it by.
  var rows: [(name: String, text: String, size: Double)] {
    [
      ("time", Self.text(seconds: time), time), ("busy", Self.text(seconds: busy), busy),
      ("memory", ByteCount.text(memory), Double(memory)), ("output", ByteCount.text(output), Double(output)),
      ("calls", "\(calls)", Double(calls)),
      ("writes", writes.map { "\($0)" } ?? "any", writes.map(Double.init) ?? .infinity),
    ]
  }
}
