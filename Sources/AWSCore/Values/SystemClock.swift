// SystemClock: the machine's two clocks.
import Glibc

extension Timestamp {
  /// The time of day of this machine.
  public static func systemNow() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}

extension Duration {
  /// Time since this machine was started, which nobody can set.
  public static func systemUptime() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
