// ZoneRule: the time of a zone by a rule, as in `CET-1CEST,M3.5.0,M10.5.0/3`: POSIX's TZ string with the extensions of
// RFC 8536 3.3.1. It is what a TZif file says of the time after its last transition.
import AWSCore

struct ZoneRule: Sendable {
  private var standard: TimeZone.LocalTime
  /// Summer time with its begin and end; nil where there is none.
  private var daylight: (time: TimeZone.LocalTime, begin: Change, end: Change)?

  /// A day of each year and the second of that day, by the clock that is changed; RFC 8536 lets it be of a day before
  /// or after.
  private struct Change: Sendable {
    enum Day: Sendable {
      /// 1 to 365; 29 February is never counted.
      case julian(Int)
      /// 0 to 365; 29 February is counted.
      case ofYear(Int)
      /// The week-th such weekday (0 is Sunday) of a month; week 5 is the last one.
      case weekday(month: Int, week: Int, weekday: Int)
    }

    var day: Day
    var second: Int

    /// Seconds since the epoch in a year, as if the clock were UTC's.
    func seconds(in year: Int) -> Int64 {
      let newYear = Self.days(year, 1, 1)
      let days: Int64 =
        switch day {
        case .julian(let number): newYear + Int64(number - 1) + (Self.isLeap(year) && number >= 60 ? 1 : 0)
        case .ofYear(let number): newYear + Int64(number)
        case .weekday(let month, let week, let weekday):
          Self.day(week, weekday, of: month, in: year)
        }
      return days * 86_400 + Int64(second)
    }

    private static func day(_ week: Int, _ weekday: Int, of month: Int, in year: Int) -> Int64 {
      let first = days(year, month, 1)
      let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
      // The epoch began on a Thursday, the fifth day from Sunday. Years are 1 or later, but days may be negative.
      let weekdayOfFirst = ((first + 4) % 7 + 7) % 7
      var day = first + (Int64(weekday) - weekdayOfFirst + 7) % 7 + Int64(7 * (week - 1))
      if day >= next { day -= 7 }
      return day
    }

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
      Timestamp(year: year, month: month, day: day).microseconds / 86_400_000_000
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
  }

  /// Nil for a text that is no rule.
  init?(_ text: String) {
    var reader = RuleReader(text)
    guard let name = reader.name(), let west = reader.time() else { return nil }
    standard = TimeZone.LocalTime(offset: -west, abbreviation: name, isDaylight: false)
    guard !reader.isAtEnd else { return }
    guard let summerName = reader.name() else { return nil }
    // An hour ahead unless it says otherwise.
    var offset = standard.offset + 3_600
    if !reader.isAt(",") {
      guard let west = reader.time() else { return nil }
      offset = -west
    }
    guard let begin = Self.change(&reader), let end = Self.change(&reader), reader.isAtEnd else { return nil }
    daylight = (
      TimeZone.LocalTime(offset: offset, abbreviation: summerName, isDaylight: true), begin, end
    )
  }

  /// `,M3.5.0/2`
  private static func change(_ reader: inout RuleReader) -> Change? {
    guard reader.skip(",") else { return nil }
    let day: Change.Day
    if reader.skip("M") {
      guard let month = reader.number(1...12), reader.skip("."), let week = reader.number(1...5),
        reader.skip("."), let weekday = reader.number(0...6)
      else { return nil }
      day = .weekday(month: month, week: week, weekday: weekday)
    } else if reader.skip("J") {
      guard let number = reader.number(1...365) else { return nil }
      day = .julian(number)
    } else {
      guard let number = reader.number(0...365) else { return nil }
      day = .ofYear(number)
    }
    guard reader.skip("/") else { return Change(day: day, second: 7_200) }
    return reader.time().map { Change(day: day, second: $0) }
  }

  func localTime(at epochSeconds: Int64) -> TimeZone.LocalTime {
    guard let daylight else { return standard }
    // The year by standard time: a change so near to New Year that it matters is in none of the world's zones.
    let year = Timestamp(microseconds: (epochSeconds + Int64(standard.offset)) * 1_000_000).utc.year
    let begin = daylight.begin.seconds(in: year) - Int64(standard.offset)
    let end = daylight.end.seconds(in: year) - Int64(daylight.time.offset)
    let isDaylight =
      begin < end
      ? (begin..<end).contains(epochSeconds)  // the north
      : !(end..<begin).contains(epochSeconds)  // the south: over New Year
    return isDaylight ? daylight.time : standard
  }
}

/// Reads a rule from the front.
private struct RuleReader {
  private var rest: Substring.UTF8View

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  func isAt(_ character: Character) -> Bool { rest.first == character.asciiValue }

  mutating func skip(_ character: Character) -> Bool {
    guard isAt(character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Three letters or more, or anything between angle brackets, as in `<+03>`.
  mutating func name() -> String? {
    let isQuoted = skip("<")
    let name = rest.prefix {
      isQuoted ? $0 != UInt8(ascii: ">") : (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
    }
    rest = rest.dropFirst(name.count)
    guard name.count >= (isQuoted ? 1 : 3), !isQuoted || skip(">") else { return nil }
    return String(Substring(name))
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard (1...3).contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    return range.contains(number) ? number : nil
  }

  /// `2`, `-1:30`, `3:00:00`: up to 167 hours, in seconds.
  mutating func time() -> Int? {
    let isNegative = skip("-")
    if !isNegative { _ = skip("+") }
    guard var seconds = number(0...167).map({ $0 * 3_600 }) else { return nil }
    for unit in [60, 1] where skip(":") {
      guard let part = number(0...59) else { return nil }
      seconds += part * unit
    }
    return isNegative ? -seconds : seconds
  }
}
