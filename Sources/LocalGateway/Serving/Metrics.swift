// Metrics: what the server has done since it was started, in numbers.
import AWSCore
import BackupGateway

final class Metrics {
  /// The calls of one operation.
  private struct Row {
    var calls = 0
    var errors: [String: Int] = [:]
    var took = Duration.zero
    var longest = Duration.zero

    mutating func add(_ outcome: Outcome) {
      calls += 1
      took += outcome.took
      longest = max(longest, outcome.took)
      if let error = outcome.exchange.error { errors[error, default: 0] += 1 }
    }
  }

  private let started: Duration
  private var requests = 0
  /// Nil: connections that were reset instead.
  private var statuses: [Int?: Int] = [:]
  private var operations: [String: Row] = [:]
  private var faults: [String: Int] = [:]
  private var received = 0
  private var sent = 0
  /// Requests begun and not over.
  private var underWay = 0
  var connectionsOpen = 0
  var connectionsTurnedAway = 0

  init(started: Duration) { self.started = started }

  func begin() { underWay += 1 }

  func end(_ outcome: Outcome) {
    let exchange = outcome.exchange
    underWay -= 1
    requests += 1
    received += exchange.bytesReceived
    sent += outcome.bytesSent
    statuses[outcome.status, default: 0] += 1
    for kind in exchange.faults { faults[kind, default: 0] += 1 }
    guard let name = exchange.operation else { return }
    // Only the service's own names: clients cannot make this grow.
    let operation = Service.operation(name) == nil ? "unknown" : name
    operations[operation, default: Row()].add(outcome)
  }

  /// Everything as one object; names in order.
  func report(now: Duration) -> Value.Object {
    let byName = Dictionary(
      uniqueKeysWithValues: statuses.map { ($0.key.map(String.init) ?? "none", $0.value) })
    return [
      "uptime_seconds": .number((now - started).inSeconds), "requests": .integer(Int64(requests)),
      "under_way": .integer(Int64(underWay)), "connections_open": .integer(Int64(connectionsOpen)),
      "connections_turned_away": .integer(Int64(connectionsTurnedAway)),
      "bytes_received": .integer(Int64(received)),
      "bytes_sent": .integer(Int64(sent)), "statuses": counts(byName), "faults": counts(faults),
      "operations": object(operations) { row in
        [
          "calls": .integer(Int64(row.calls)), "errors": self.counts(row.errors),
          "milliseconds": .number(Double(row.took.microseconds) / 1_000),
          "longest_milliseconds": .number(Double(row.longest.microseconds) / 1_000),
        ]
      },
    ]
  }

  private func counts(_ counts: [String: Int]) -> Value { object(counts) { .integer(Int64($0)) } }

  private func object<Element>(_ rows: [String: Element], _ value: (Element) -> Value) -> Value {
    var object = Value.Object()
    for (name, row) in rows.sorted(by: { $0.key < $1.key }) { object[name] = value(row) }
    return .object(object)
  }
}
