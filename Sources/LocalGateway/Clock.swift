// Clock: the time of day and its HTTP form.
import AWSCore
import Glibc

extension Timestamp {
  /// The time of day of this machine.
  static func systemNow() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// `Thu, 22 Sep 2022 08:30:00 GMT`, the form of the Date header (RFC 9110 5.6.7).
  var httpDate: String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]  // 1970-01-01 was a Thursday.
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let t = utc
    let day = Int((microseconds / 86_400_000_000) % 7 + 7) % 7
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(days[day]), \(two(t.day)) \(months[t.month - 1]) \(t.year) "
      + "\(two(t.hour)):\(two(t.minute)):\(two(t.second)) GMT"
  }

  func advanced(bySeconds seconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds + seconds * 1_000_000)
  }
}
