// CodeClock: the time of day as code sees it, where it is not the machine's: that of a test, or of a cassette. Signatures,
// retries and limits go by the machine's clock whatever this one says.
import AWSCore

/// A clock that stands still until somebody moves it. What waits for it does not wait: when nothing else is left to do,
/// the loop moves it on to the moment that is waited for.
public protocol CodeClock: AnyObject {
  var now: Timestamp { get set }
  /// Whether what waits for it does wait, as long as the machine's clock says, and moves it on then.
  var isWaitedFor: Bool { get }
}

extension CodeClock {
  public var isWaitedFor: Bool { false }

  /// Moves it forward; never back.
  public func advance(to time: Timestamp) {
    if time > now { now = time }
  }
}

extension EventLoop {
  /// What code sees as the time of day.
  public var codeNow: Timestamp { clock?.now ?? now }

  /// Seconds since some moment, by the clock that code sees.
  var codeSeconds: Double { clock.map { $0.now.epochSeconds } ?? monotonicSeconds }

  /// Has `body` called when so many seconds have gone by on the clock that code sees.
  /// - Returns: what calls it off.
  func sleep(_ seconds: Double, _ body: @escaping () -> Void) -> () -> Void {
    let due = codeSeconds + max(0, seconds)
    guard let clock, !clock.isWaitedFor else {
      let timer = after(seconds) { [clock] in
        clock?.advance(to: Timestamp(microseconds: Self.microseconds(due)))
        body()
      }
      return { [weak self] in self?.cancel(timer) }
    }
    let timer = sleepers.add(due: due, body)
    return { [weak self] in self?.sleepers.cancel(timer) }
  }

  /// Has `body` called when the clock that code sees has come so far, in seconds of `codeSeconds`, or gone by already.
  func answer(at due: Double, _ body: @escaping () -> Void) { _ = answers.add(due: due, body) }

  /// Nothing else is under way, so that the clock goes to the next moment that somebody sleeps until.
  /// - Returns: false when nobody sleeps, or there is something to wait for.
  func advanceClock() -> Bool {
    guard let clock else { return false }
    // Whoever sleeps until before an answer comes wakes before it.
    if let due = answers.soonest, due < sleepers.soonest ?? .infinity {
      clock.advance(to: Timestamp(microseconds: Self.microseconds(due)))
      answers.takeDue(at: due)?()
      return true
    }
    guard let due = sleepers.soonest, isAwaitingNothing || !answers.isEmpty else { return false }
    if due > codeSeconds { clock.advance(to: Timestamp(microseconds: Self.microseconds(due))) }
    // A sum of seconds may lie between two microseconds.
    wakeSleepers(at: max(due, codeSeconds))
    return true
  }

  func wakeSleepers(at time: Double) {
    while let body = sleepers.takeDue(at: time) { body() }
  }

  /// The nearest, and no further than a clock goes.
  private static func microseconds(_ seconds: Double) -> Int64 {
    Int64(exactly: (min(seconds, 2e11) * 1e6).rounded()) ?? 0
  }
}
