// FaultInjector: which calls are struck. It has a seed: the same rules and the same calls in the same order are
// struck in the same way, every time.
import AWSCore

/// What strikes a call at one point of it.
struct Strike {
  /// How far the clock that checks signatures is off.
  var shift = Duration.zero
  /// How long nothing happens first.
  var pause = Duration.zero
  var blow: FaultKind.Blow?
  /// The names of the kinds that struck.
  var kinds: [String] = []
}

final class FaultInjector {
  /// A rule at work.
  private struct Trap {
    let rule: FaultRule
    var chance: SplitMix64
    /// Calls still to be struck; nil for a rule that does not count them.
    var left: Int?
    /// The calls that may still be made now, by operation and world.
    var buckets: [String: (calls: Double, at: Duration)] = [:]
    var struck = 0
  }

  private(set) var seed: Int64
  private var traps: [Trap] = []
  /// Where each rule gets a seed of its own, so that one more does not change what another strikes.
  private var seeds: SplitMix64

  init(_ rules: [FaultRule] = [], seed: Int64 = 1) {
    self.seed = seed
    seeds = SplitMix64(state: UInt64(bitPattern: seed))
    add(rules)
  }

  /// Forgets all rules and begins with these. The seed stays unless another is given.
  func set(_ rules: [FaultRule], seed: Int64? = nil) {
    self.seed = seed ?? self.seed
    seeds = SplitMix64(state: UInt64(bitPattern: self.seed))
    traps = []
    add(rules)
  }

  func add(_ rules: [FaultRule]) {
    for rule in rules {
      var left: Int?
      if case .occasion(.next(let count)) = rule.argument { left = count }
      traps.append(Trap(rule: rule, chance: SplitMix64(state: seeds.next()), left: left))
    }
  }

  /// Every rule with how often it struck, for people.
  var report: [Value] {
    traps.map { trap in
      var row: Value.Object = ["rule": .string(trap.rule.text), "struck": .integer(Int64(trap.struck))]
      row["left"] = trap.left.map { .integer(Int64($0)) }
      return .object(row)
    }
  }

  /// What strikes a call. Shifts and pauses add up; of the rules that end a call, the first that strikes does,
  /// and those after it do not even count the call.
  /// - Parameters:
  ///   - world: whose call it is; nil before that is known.
  ///   - time: monotonic.
  func strike(_ phase: FaultKind.Phase, _ operation: String, in world: World?, at time: Duration) -> Strike {
    var strike = Strike()
    guard !traps.isEmpty else { return strike }
    let caller = [operation, world?.account ?? "", world?.region ?? ""].joined(separator: " ")
    for index in traps.indices {
      let rule = traps[index].rule
      guard rule.kind.phase == phase, rule.concerns(operation) else { continue }
      switch (rule.kind.effect, rule.argument) {
      case (.shift, .shift(let shift)): strike.shift += shift
      case (.pause, .delay(let delay)): strike.pause += draw(delay, index)
      case (.blow(let blow), _):
        guard strike.blow == nil, isDue(index, caller, time) else { continue }
        strike.blow = blow
      default: continue
      }
      traps[index].struck += 1
      strike.kinds.append(rule.kind.name)
    }
    return strike
  }

  private func draw(_ delay: FaultRule.Delay, _ index: Int) -> Duration {
    let share = Double.random(in: 0..<1, using: &traps[index].chance)
    func between(_ low: Duration, _ high: Duration, _ share: Double) -> Duration {
      low + .microseconds(Int64(Double((high - low).microseconds) * share))
    }
    switch delay {
    case .between(let low, let high): return between(low, high, share)
    case .percentiles(let points):
      // Even between two percentiles, from nothing below the first, no longer than the last.
      var below: (share: Double, within: Duration) = (0, .zero)
      for point in points {
        if share < point.share {
          return between(below.within, point.within, (share - below.share) / (point.share - below.share))
        }
        below = point
      }
      return below.within
    }
  }

  private func isDue(_ index: Int, _ caller: String, _ time: Duration) -> Bool {
    switch traps[index].rule.argument {
    case .occasion(.always): return true
    case .occasion(.probability(let share)):
      return Double.random(in: 0..<1, using: &traps[index].chance) < share
    case .occasion(.next):
      guard let left = traps[index].left, left > 0 else { return false }
      traps[index].left = left - 1
      return true
    case .rate(let calls, let period): return isTooMany(index, caller, calls, period, time)
    case .delay, .shift: return false
    }
  }

  /// A token bucket: it holds `capacity` calls and is full again after `period`.
  private func isTooMany(
    _ index: Int, _ key: String, _ capacity: Double, _ period: Duration, _ time: Duration
  ) -> Bool {
    // Any region can be signed for: what grew beyond all use is begun anew.
    if traps[index].buckets.count > 10_000 { traps[index].buckets = [:] }
    var bucket = traps[index].buckets[key] ?? (capacity, time)
    let refill = capacity * (time - bucket.at).inSeconds / period.inSeconds
    bucket = (min(capacity, bucket.calls + refill), time)
    defer { traps[index].buckets[key] = bucket }
    guard bucket.calls >= 1 else { return true }
    bucket.calls -= 1
    return false
  }
}

/// Random numbers from a seed (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
