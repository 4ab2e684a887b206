// Timestamp: an instant as AWS sends it, and its ISO 8601 form.

/// Microseconds since 1970-01-01T00:00:00Z, the resolution of everything the service sends (JSON: fractional epoch
/// seconds, CBOR: milliseconds).
public struct Timestamp: Hashable, Comparable, Sendable {
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// The years 0001 to 9999, which is what text and epoch seconds from outside may say.
  static let years: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

  /// From epoch seconds, rounded to the nearest microsecond; nil when outside the years 0001 to 9999.
  public init?(epochSeconds seconds: Double) {
    guard let microseconds = Int64(exactly: (seconds * 1_000_000).rounded()),
      Self.years.contains(microseconds)
    else { return nil }
    self.microseconds = microseconds
  }

  /// Seconds since 1970, as near as a Double comes.
  public var epochSeconds: Double { Double(microseconds) / 1_000_000 }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  /// The calendar fields of this instant in UTC (proleptic Gregorian; Hinnant, "chrono-compatible low-level date
  /// algorithms", days_from_civil and its inverse).
  public var utc: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int) {
    let (seconds, fraction) = Self.floorDivide(microseconds, 1_000_000)
    let (days, ofDay) = Self.floorDivide(seconds, 86_400)
    let shifted = days + 719_468
    let era = Self.floorDivide(shifted, 146_097).quotient
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (
      Int(year), Int(month), Int(day), Int(ofDay / 3_600), Int(ofDay / 60 % 60), Int(ofDay % 60),
      Int(fraction)
    )
  }

  /// The instant of calendar fields in UTC. Fields are not checked; see `init(iso8601:)` for text from outside.
  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let era = Self.floorDivide(shiftedYear, 400).quotient
    let yearOfEra = shiftedYear - era * 400
    let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    let seconds = days * 86_400 + Int64(hour) * 3_600 + Int64(minute) * 60 + Int64(second)
    microseconds = seconds * 1_000_000
  }

  /// `2022-09-22T08:30:00Z`, with a fraction only when there is one.
  public var iso8601: String {
    let t = utc
    let date = "\(padded(t.year, 4))-\(padded(t.month, 2))-\(padded(t.day, 2))"
    return "\(date)T\(timeOfDay)\(Self.fraction(t.microsecond))Z"
  }

  /// `20220922T083000Z`, the form SigV4 signs.
  public var basicFormat: String {
    let t = utc
    var text: [UInt8] = []
    text.reserveCapacity(16)
    text.append(digits: t.year, width: 4)
    text.append(digits: t.month, width: 2)
    text.append(digits: t.day, width: 2)
    text.append(UInt8(ascii: "T"))
    text.append(digits: t.hour, width: 2)
    text.append(digits: t.minute, width: 2)
    text.append(digits: t.second, width: 2)
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// `Thu, 22 Sep 2022 08:30:00 GMT`, the form of the Date header (RFC 9110 5.6.7).
  public var httpDate: String {
    let t = utc
    let days = Self.floorDivide(microseconds, 86_400_000_000).quotient
    let weekday = Self.floorDivide(days, 7).remainder
    return
      "\(Self.weekdays[Int(weekday)]), \(padded(t.day, 2)) \(Self.months[t.month - 1]) \(padded(t.year, 4)) "
      + "\(timeOfDay) GMT"
  }

  /// 1970-01-01 was a Thursday.
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  private var timeOfDay: String {
    let t = utc
    return "\(padded(t.hour, 2)):\(padded(t.minute, 2)):\(padded(t.second, 2))"
  }

  /// `.25`, or nothing for a whole second.
  private static func fraction(_ microsecond: Int) -> String {
    guard microsecond != 0 else { return "" }
    var (digits, width) = (microsecond, 6)
    while digits.isMultiple(of: 10) { (digits, width) = (digits / 10, width - 1) }
    return "." + padded(digits, width)
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
  }
}

/// A number with leading zeros.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  let missing = width - digits.utf8.count
  return missing > 0 ? String(repeating: "0", count: missing) + digits : digits
}
