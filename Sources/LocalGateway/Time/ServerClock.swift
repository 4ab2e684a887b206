// ServerClock: the time of day in the local gateway, which can be moved, and the machine's, which cannot.
import AWSCore

/// The server's clock. It goes with the machine's until somebody sets it, advances it or stops it.
///
/// What the world shows and when session tokens end follow this clock. Signatures and the Date header follow the
/// machine's: clients sign by theirs, and moving the world's time must not lock them out.
final class ServerClock {
  /// What `set` and `advance` accept.
  static let range = Timestamp(year: 1970, month: 1, day: 1)...Timestamp(year: 9999, month: 12, day: 31)

  private let timeOfDay: @Sendable () -> Timestamp
  private let uptime: @Sendable () -> Duration
  /// Microseconds that this clock is ahead of the machine's.
  private var offset: Int64 = 0
  private var stoppedAt: Timestamp?

  /// - Parameter lead: how far it is ahead of the machine's clock at first; no further than `range`.
  init(
    _ timeOfDay: @escaping @Sendable () -> Timestamp, lead: Duration = .zero,
    uptime: @escaping @Sendable () -> Duration = { .systemUptime() }
  ) {
    self.timeOfDay = timeOfDay
    self.uptime = uptime
    _ = advance(lead)
  }

  var now: Timestamp {
    stoppedAt ?? Timestamp(microseconds: machine.microseconds + offset)
  }

  /// The machine's time of day.
  var machine: Timestamp { timeOfDay() }

  /// Time since some moment in the past; nobody can set it.
  var monotonic: Duration { uptime() }

  var isStopped: Bool { stoppedAt != nil }

  /// How far this clock is ahead of the machine's.
  var lead: Duration {
    .microseconds(stoppedAt.map { $0.microseconds - machine.microseconds } ?? offset)
  }

  /// False, and nothing is changed, outside `range`.
  func set(_ time: Timestamp) -> Bool {
    guard Self.range.contains(time) else { return false }
    offset = time.microseconds - machine.microseconds
    if isStopped { stoppedAt = time }
    return true
  }

  /// False, and nothing is changed, when that leads outside `range`.
  func advance(_ duration: Duration) -> Bool {
    let (time, overflow) = now.microseconds.addingReportingOverflow(duration.microseconds)
    return !overflow && set(Timestamp(microseconds: time))
  }

  func stop() { stoppedAt = now }

  /// Stops it at that time; outside `range`, nothing is changed.
  func stop(at time: Timestamp) {
    guard set(time) else { return }
    stoppedAt = time
  }

  /// Goes on from where it was stopped.
  func go() {
    if let time = stoppedAt { offset = time.microseconds - machine.microseconds }
    stoppedAt = nil
  }

  /// The machine's time again.
  func reset() { (offset, stoppedAt) = (0, nil) }
}

extension Timestamp {
  /// Later than any clock shows.
  static let distantFuture = Timestamp(microseconds: .max)

  func advanced(bySeconds seconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds + seconds * 1_000_000)
  }

  func advanced(by duration: Duration) -> Timestamp {
    Timestamp(microseconds: microseconds + duration.microseconds)
  }
}
