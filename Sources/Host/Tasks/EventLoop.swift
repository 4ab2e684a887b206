// EventLoop: the one loop of the one thread. Transfers complete and timers fire inside `turn`, nowhere else.
import AWSCore
import Glibc

/// A transport that the loop can turn.
public protocol Network: Transport {
  /// True when no transfer is under way.
  var isIdle: Bool { get }
  /// True for one that is to be turned while nothing is under way, too.
  var isTurnedWhenIdle: Bool { get }
  /// Moves transfers on and delivers the finished ones; waits at most so long, and less when a descriptor is readable.
  func turn(waitMilliseconds: Int32, wakeDescriptors: [Int32])
  /// Sends what has been begun, and delivers nothing.
  func sendNow()
}

extension Network {
  public var isTurnedWhenIdle: Bool { false }
  /// For those who send when they are asked.
  public func sendNow() {}
}

extension CurlTransport: Network {}

public final class EventLoop: Timers {
  private let network: any Network
  /// Descriptors that end a wait early: the pipe that signals write to.
  public var wakeDescriptors: [Int32] = []
  private var timers = TimerQueue()
  /// The time of day that code sees; nil for the machine's.
  public var clock: (any CodeClock)?
  /// What is due by that clock: what sleeps, and what a cassette will answer.
  var sleepers = TimerQueue()
  var answers = TimerQueue()

  public init(network: any Network) { self.network = network }

  public var now: Timestamp { Self.wallClock }

  /// The time of day.
  static var wallClock: Timestamp { Timestamp.systemNow() }

  public var monotonicSeconds: Double { Duration.systemUptimeInSeconds() }

  /// True when nothing is under way and no timer is set: a turn would wait for a signal only.
  public var isIdle: Bool { isAwaitingNothing && sleepers.isEmpty }
  /// The same, whoever sleeps by the clock that code sees.
  var isAwaitingNothing: Bool { timers.isEmpty && answers.isEmpty && network.isIdle }

  public func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
    timers.add(due: monotonicSeconds + max(0, seconds), body)
  }

  public func cancel(_ timer: TimerID) { timers.cancel(timer) }

  /// Sends what has been begun without waiting for a turn.
  func sendNow() { network.sendNow() }

  /// Waits for the next thing to happen, at most `longest` seconds, and lets it happen.
  public func turn(longest: Double = 60) {
    if advanceClock() { return }
    let wait = min(
      timers.soonest.map { max(0, min(longest, $0 - monotonicSeconds)) } ?? longest,
      untilNextMoment ?? longest)
    // Rounded up: waking a millisecond early would turn the loop for nothing.
    let milliseconds = Int32((wait * 1_000).rounded(.up))
    if network.isIdle, !network.isTurnedWhenIdle {
      idle(milliseconds)
    } else {
      network.turn(waitMilliseconds: milliseconds, wakeDescriptors: wakeDescriptors)
    }
    while let body = timers.takeDue(at: monotonicSeconds) { body() }
    // A test may have set the clock.
    if let clock, !clock.isWaitedFor, answers.isEmpty { wakeSleepers(at: codeSeconds) }
  }

  /// Waits without a network, so that libcurl is not even opened before the first request.
  private func idle(_ milliseconds: Int32) {
    var descriptors = wakeDescriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    _ = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds)
  }
}
