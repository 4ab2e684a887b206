// Timestamp from text: ISO 8601 as configuration and credential sources write it, and the Date header of
// HTTP.

extension Timestamp {
  /// `2022-09-22T08:30:00Z`, with an optional fraction, and `Z` or an offset as in `+02:00`. Nil for anything
  /// else, for dates that do not exist, and outside the years 0001 to 9999.
  public init?(iso8601 text: String) {
    var reader = DateReader(text)
    guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
      let day = reader.digits(2), reader.skip("T") || reader.skip("t"), let time = reader.time(),
      let offset = reader.offset(), reader.isAtEnd
    else { return nil }
    self.init(year: year, month: month, day: day, time: time, offset: offset)
  }

  /// `Thu, 22 Sep 2022 08:30:00 GMT` (RFC 9110 5.6.7), also with a fraction or a numeric offset, which
  /// servers send.
  public init?(httpDate text: String) {
    guard let comma = text.firstIndex(of: ",") else { return nil }
    var reader = DateReader(String(text[text.index(after: comma)...]))
    guard reader.skip(" "), let day = reader.digits(2), reader.skip(" "),
      let month = Self.months.firstIndex(where: { reader.skip($0) }), reader.skip(" "),
      let year = reader.digits(4),
      reader.skip(" "), let time = reader.time(), reader.skip(" "), let offset = reader.offset(),
      reader.isAtEnd
    else { return nil }
    self.init(year: year, month: month + 1, day: day, time: time, offset: offset)
  }

  private init?(year: Int, month: Int, day: Int, time: DateReader.Time, offset: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    let midnight = Timestamp(year: year, month: month, day: day)
    // The 31st of a short month comes back as another day.
    guard midnight.utc.day == day else { return nil }
    let seconds = Int64(time.seconds - offset)
    microseconds = midnight.microseconds + seconds * 1_000_000 + Int64(time.microseconds)
    // The offset may have moved the last days of the range out of it.
    guard Self.years.contains(microseconds) else { return nil }
  }
}

/// Reads fixed fields from the front of a text.
private struct DateReader {
  /// Seconds since midnight and the fraction of the next one.
  typealias Time = (seconds: Int, microseconds: Int)
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  mutating func digits(_ count: Int) -> Int? {
    let head = rest.prefix(count)
    guard head.count == count, head.allSatisfy(isDigit) else { return nil }
    rest = rest.dropFirst(count)
    return head.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// `08:30:00` or `08:30:00.25`; a leap second counts as the next second.
  mutating func time() -> Time? {
    guard let hour = digits(2), skip(":"), let minute = digits(2), skip(":"), let second = digits(2),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    var microseconds = 0
    if skip(".") {
      guard let first = digits(1) else { return nil }
      microseconds = first * 100_000
      var unit = 10_000
      while let digit = digits(1) {
        microseconds += digit * unit
        unit /= 10
      }
    }
    return (hour * 3_600 + minute * 60 + second, microseconds)
  }

  /// Seconds east of Greenwich.
  mutating func offset() -> Int? {
    if skip("Z") || skip("z") || skip("GMT") || skip("UTC") { return 0 }
    let sign = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hours = digits(2) else { return nil }
    _ = skip(":")
    guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }
}
