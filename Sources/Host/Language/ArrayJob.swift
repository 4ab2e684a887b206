// ArrayJob: which part of the work is this run's, when a scheduler starts the same script many times over. `shard(items)`
// keeps that part, and a fleet has its targets.
import AWSCore

/// Which part of the work is this run's, and who says so.
public enum ArrayJob: Equatable, Sendable {
  /// The run is on its own: everything is its part.
  case none
  /// The part `index`, counted from 1, of so many.
  case part(Int, of: Int, from: String)
  /// What says it contradicts itself, or is not complete; the text says how.
  case unusable(String)

  /// The variables of one scheduler.
  private struct Scheduler: Sendable {
    var index: String
    /// What says how many runs there are.
    var count: String
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
    // An indexed job of Kubernetes: neither a variable nor its downward API tells a pod spec.completions.
    Scheduler(index: "JOB_COMPLETION_INDEX", count: ownCount),
  ]

  /// The operator's own word, before that of any scheduler: `2/8`.
  private static let own = "MOONGATE_SHARD"
  /// How many parts there are, where the scheduler does not say.
  private static let ownCount = "MOONGATE_SHARD_COUNT"

  /// - Parameters:
  ///   - option: what `--shard` says.
  ///   - variable: reads the environment.
  public init(option: String? = nil, _ variable: (String) -> String?) {
    let words = [(option, "--shard"), (variable(Self.own), Self.own)].compactMap { text, name in
      text.map { Self.part($0, name) }
    }
    let scheduled = Self.schedulers.compactMap { scheduler in
      variable(scheduler.index).map { (Self.part(scheduler, $0, variable), scheduler) }
    }
    self = Self.agreed(words) ?? Self.agreed(scheduled.map(\.0)) ?? .none
    // One word for all runs of an array would leave the other parts undone, and nobody would see it. Slurm's numbers
    // begin where a job says, and a re-run of some tasks is an array of its own.
    guard !words.isEmpty, case .part(let index, _, let source) = self else { return }
    for (_, scheduler) in scheduled where scheduler.firstVariable == nil {
      guard let text = variable(scheduler.index), let number = Int(text),
        case let (place, overflow) = number.subtractingReportingOverflow(scheduler.first),
        overflow
          || place != index - 1
      else { continue }
      self = .unusable(
        "\(source) says that this is part \(index), but \(scheduler.index) is \(number), counted from "
          + "\(scheduler.first); is it the same for all of the array's runs? Unset the one that is wrong")
    }
  }

  /// `2/8`, or why it is not that.
  public static func part(_ text: String, _ source: String) -> ArrayJob {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(index)
    else {
      return .unusable(
        "\(source) must be a part of a whole, as in 2/8, not \(quoted(String(text.prefix(40))))")
    }
    return .part(index, of: count, from: source)
  }

  private static func part(
    _ scheduler: Scheduler, _ text: String, _ variable: (String) -> String?
  ) -> ArrayJob {
    func unusable(_ problem: String) -> ArrayJob {
      .unusable(
        "\(scheduler.index) is \(quoted(String(text.prefix(40)))), but \(problem); say --shard, as in 2/8")
    }
    guard let size = variable(scheduler.count) else {
      return unusable("\(scheduler.count), which says of how many, is not set")
    }
    let first = scheduler.firstVariable.flatMap { variable($0) }.map { Int($0) } ?? scheduler.first
    guard let index = Int(text), let count = Int(size), let first, count >= 1,
      case let (place, overflow) = index.subtractingReportingOverflow(first), !overflow,
      (0..<count).contains(place)
    else {
      return unusable("\(scheduler.count) is \(quoted(String(size.prefix(40)))), which is no part of a whole")
    }
    // `sbatch --array=5` to run one part again is an array of one, which would do all of the work.
    if scheduler.firstVariable != nil, count == 1 || first > 1 {
      return unusable(
        "the array has \(count) from \(first) on, as when a part of a larger one is run again")
    }
    if let own = variable(ownCount), own != size {
      return unusable("\(scheduler.count) is \(count) and \(ownCount) is \(quoted(String(own.prefix(40))))")
    }
    return .part(place + 1, of: count, from: scheduler.index)
  }

  /// What all say, or that they do not say the same; nil when nobody says anything.
  private static func agreed(_ answers: [ArrayJob]) -> ArrayJob? {
    for case .unusable(let problem) in answers { return .unusable(problem) }
    guard case .part(let index, let count, let source)? = answers.first else { return nil }
    for case .part(let otherIndex, let otherCount, let other) in answers.dropFirst()
    where (otherIndex, otherCount) != (index, count) {
      return .unusable(
        "\(source) says part \(index) of \(count), and \(other) part \(otherIndex) of \(otherCount); unset one"
      )
    }
    return answers.first
  }

  /// For people: `part 2 of 8 (--shard)`; nil for a run on its own.
  var text: String? {
    guard case .part(let index, let count, let source) = self else { return nil }
    return "part \(index) of \(count) (\(source))"
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
