// Time: timestamps and durations as texts and numbers, and files of time zones.

@testable import AWSCore
@testable import Host

extension FuzzTarget {
  static let time = FuzzTarget(name: "time") { bytes in
    var choices = Choices(bytes)
    let kind = choices.number(below: 4)
    switch kind {
    case 0:
      let number = choices.integer()
      write(Timestamp(microseconds: number))
      if let time = Timestamp(epochSeconds: Double(bitPattern: UInt64(bitPattern: number))) { write(time) }
    case 1: readZone(choices.remainder(), at: choices.integer())
    default: readText(choices.text())
    }
  }

  private static func readText(_ text: String) {
    for time in [Timestamp(iso8601: text), Timestamp(httpDate: text)] {
      guard let time else { continue }
      write(time)
      // Years of four digits are what the forms can hold.
      guard (0...9999).contains(time.utc.year) else { continue }
      check(Timestamp(iso8601: time.iso8601) == time, "\(time.iso8601) is read as another time")
    }
    _ = TimestampText.problem(of: text)
    for signed in [false, true] {
      if let duration = Duration(text, signed: signed) { _ = duration.microseconds }
    }
    if let rule = ZoneRule(text) { _ = rule.localTime(at: 1_700_000_000) }
  }

  private static func write(_ time: Timestamp) {
    _ = (time.utc, time.iso8601, time.basicFormat, time.httpDate, time.epochSeconds)
    _ = JSON.encode(.timestamp(time))
  }

  private static func readZone(_ bytes: [UInt8], at time: Int64) {
    guard let zone = TimeZone(bytes) else { return }
    // A timestamp that reaches a zone is of the years 1 to 9999.
    for moment in [time % 253_402_300_800, 0, -1, 1_700_000_000, -62_135_596_800, 253_402_300_799] {
      _ = zone.localTime(at: moment)
    }
  }
}
