// ArrayJob: which part of the work is this run's, when a scheduler starts the same script many times over. `shard(items)`
// keeps that part.

/// What the scheduler says in the environment.
public enum ArrayJob: Equatable, Sendable {
  /// The run is on its own: everything is its part.
  case none
  /// The part `index`, counted from 1, of so many.
  case part(Int, of: Int)
  /// The variables contradict each other or are not complete; the text says how.
  case unusable(String)

  /// The variables of one scheduler.
  private struct Scheduler: Sendable {
    var index: String
    /// Nil where it does not say how many runs there are.
    var count: String?
    /// Of the first run.
    var first = 0
    /// The variable that has the number of the first run, where jobs choose it.
    var firstVariable: String?
  }

  private static let schedulers: [Scheduler] = [
    Scheduler(index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE"),
    Scheduler(
      index: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT", firstVariable: "SLURM_ARRAY_TASK_MIN"),
    Scheduler(index: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: 1),  // GitLab
    Scheduler(index: "BUILDKITE_PARALLEL_JOB", count: "BUILDKITE_PARALLEL_JOB_COUNT"),
    Scheduler(index: "CIRCLE_NODE_INDEX", count: "CIRCLE_NODE_TOTAL"),
    Scheduler(index: "CLOUD_RUN_TASK_INDEX", count: "CLOUD_RUN_TASK_COUNT"),
    Scheduler(index: "JOB_COMPLETION_INDEX"),  // an indexed job of Kubernetes
  ]

  /// The operator's own word, before that of any scheduler: `2/8`.
  private static let own = "MOONGATE_SHARD"

  /// - Parameter variable: reads the environment.
  public init(_ variable: (String) -> String?) {
    if let text = variable(Self.own) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
        (1...count).contains(index)
      else {
        self = .unusable("\(Self.own) must be a part of a whole, as in 2/8, not '\(text.prefix(40))'")
        return
      }
      self = .part(index, of: count)
      return
    }
    for scheduler in Self.schedulers {
      guard let text = variable(scheduler.index) else { continue }
      self = Self.part(scheduler, text, variable)
      return
    }
    self = .none
  }

  private static func part(
    _ scheduler: Scheduler, _ text: String, _ variable: (String) -> String?
  ) -> ArrayJob {
    guard let name = scheduler.count, let size = variable(name) else {
      let missing = scheduler.count.map { "\($0) is not set" } ?? "nothing says of how many"
      return .unusable("\(scheduler.index) is \(text.prefix(40)), but \(missing); set \(own), as in 2/8")
    }
    let first = scheduler.firstVariable.flatMap { variable($0) }.map { Int($0) } ?? scheduler.first
    guard let index = Int(text), let count = Int(size), let first, count >= 1,
      case let (place, overflow) = index.subtractingReportingOverflow(first), !overflow,
      (0..<count).contains(place)
    else {
      return .unusable(
        "\(scheduler.index) is '\(text.prefix(40))' and \(name) is '\(size.prefix(40))', which is no part of a "
          + "whole; set \(own), as in 2/8")
    }
    return .part(place + 1, of: count)
  }

  /// True when what is known by this name is of this run's part. By name and not by place: each run lists for itself,
  /// and a machine that appears in between must not move the others.
  static func isMine(_ name: String, _ index: Int, of count: Int) -> Bool {
    // FNV-1a; its low bits alone are uneven for short names, so that the high half is folded in.
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    return (hash ^ hash >> 32) % UInt64(count) == UInt64(index - 1)
  }
}
