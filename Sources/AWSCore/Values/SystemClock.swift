// SystemClock: the machine's two clocks.
import CLinux
import Glibc

extension Timestamp {
  /// The time of day of this machine.
  public static func systemNow() -> Timestamp {
    Timestamp(microseconds: clinux_nanoseconds(CLOCK_REALTIME) / 1_000)
  }
}

extension Duration {
  /// Time since this machine was started, which nobody can set.
  public static func systemUptime() -> Duration { .nanoseconds(clinux_nanoseconds(CLOCK_MONOTONIC)) }

  /// The same in seconds, for whoever asks several times a call: the parts of a Duration come by dividing 128 bits.
  public static func systemUptimeInSeconds() -> Double {
    Double(clinux_nanoseconds(CLOCK_MONOTONIC)) / 1_000_000_000
  }
}
