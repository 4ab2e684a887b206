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
    guard clock != nil else {
      let timer = after(seconds, body)
      return { [weak self] in self?.cancel(timer) }
    }
    let timer = sleepers.add(due: codeSeconds + max(0, seconds), body)
    return { [weak self] in self?.sleepers.cancel(timer) }
  }

  /// Has `body` called when the clock that code sees has come so far, after whoever sleeps until before that.
  public func answer(at time: Timestamp, _ body: @escaping () -> Void) {
    _ = answers.add(due: time.epochSeconds, body)
  }

  /// What the clock that code sees is moved on to next.
  private var nextMoment: Double? { [answers.soonest, sleepers.soonest].compactMap(\.self).min() }

  /// Seconds of the machine's clock until that may happen; nil for no matter when.
  var untilNextMoment: Double? {
    guard clock?.isWaitedFor == true else { return nil }
    return nextMoment.map { max(0, $0 - now.epochSeconds) }
  }

  /// Moves the clock that code sees on to the next moment that something waits for, and lets that happen. One moment a
  /// turn, whatever has come meanwhile: so a recording and its replay are alike.
  /// - Returns: false when nothing waits, or the moment has not come.
  func advanceClock() -> Bool {
    guard let clock, let due = nextMoment else { return false }
    if clock.isWaitedFor {
      guard due <= now.epochSeconds else { return false }
    } else {
      guard isAwaitingNothing || !answers.isEmpty else { return false }
    }
    clock.advance(to: Timestamp(microseconds: Self.microseconds(due)))
    if sleepers.soonest == due {
      // A sum of seconds may lie between two microseconds.
      wakeSleepers(at: max(due, codeSeconds))
    } else {
      answers.takeDue(at: due)?()
    }
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
