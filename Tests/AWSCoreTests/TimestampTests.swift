// Timestamps against known dates, both ways.
import Testing

@testable import AWSCore

@Suite struct TimestampTests {
  private static let known: [(Int64, String)] = [
    (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_709_251_199, "2024-02-29T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    (-2_203_891_201, "1900-02-28T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
    (253_402_300_799, "9999-12-31T23:59:59Z"), (1_440_938_160, "2015-08-30T12:36:00Z"),
    (2_147_483_648, "2038-01-19T03:14:08Z"),
  ]

  @Test(arguments: known) func roundTrips(_ seconds: Int64, _ text: String) {
    let time = Timestamp(microseconds: seconds * 1_000_000)
    #expect(time.iso8601 == text)
    #expect(Timestamp(iso8601: text) == time)
  }

  @Test func writesFractionsAndTheBasicForm() {
    let time = Timestamp(microseconds: 1_440_938_160_250_000)
    #expect(time.iso8601 == "2015-08-30T12:36:00.25Z")
    #expect(time.basicFormat == "20150830T123600Z")
    #expect(Timestamp(microseconds: -500_000).iso8601 == "1969-12-31T23:59:59.5Z")
  }

  @Test func roundsEpochSecondsAndRefusesOthers() {
    #expect(Timestamp(epochSeconds: 1.0000004)?.microseconds == 1_000_000)
    #expect(Timestamp(epochSeconds: -0.5)?.microseconds == -500_000)
    #expect(Timestamp(epochSeconds: 9.2e18) == nil)
    #expect(Timestamp(epochSeconds: -1e15) == nil)
    #expect(Timestamp(epochSeconds: .nan) == nil)
  }

  @Test(arguments: [
    "", "2022-09-22", "2022-02-29T00:00:00Z", "2022-13-01T00:00:00Z", "2022-00-01T00:00:00Z",
    "2022-09-22T24:00:00Z", "2022-09-22T00:60:00Z", "2022-09-22T00:00:00", "2022-09-22T00:00:00.Z",
    "2022-09-22T00:00:00ZZ", "0000-01-01T00:00:00Z", "２022-09-22T00:00:00Z", "2022-09-22T00:00:00+24:00",
  ])
  func refusesOtherISO8601(_ text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test func readsOffsetsAndFractions() {
    #expect(Timestamp(iso8601: "2022-09-22T10:30:00+02:00")?.iso8601 == "2022-09-22T08:30:00Z")
    #expect(Timestamp(iso8601: "2022-09-22T08:30:00.1234567Z")?.iso8601 == "2022-09-22T08:30:00.123456Z")
  }

  @Test func readsDateHeaders() {
    #expect(Timestamp(httpDate: "Thu, 29 Feb 2024 23:59:59 GMT")?.iso8601 == "2024-02-29T23:59:59Z")
    #expect(Timestamp(httpDate: "Thu, 14 Sep 2023 16:20:50 -0400")?.iso8601 == "2023-09-14T20:20:50Z")
    #expect(Timestamp(httpDate: "yesterday") == nil)
    #expect(Timestamp(httpDate: "Thu, 30 Feb 2024 23:59:59 GMT") == nil)
  }

  /// 9999-12-31T23:59:59-12:00 is a moment of the year 10000.
  @Test(arguments: ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z"])
  func anOffsetDoesNotLeadOutOfTheYears(_ text: String) { #expect(Timestamp(iso8601: text) == nil) }

  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (1_663_835_400_250_000, "Thu, 22 Sep 2022 08:30:00 GMT"),
    (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (-62_135_596_800_000_000, "Mon, 01 Jan 0001 00:00:00 GMT"),
  ])
  func writesDateHeaders(_ microseconds: Int64, _ text: String) {
    #expect(Timestamp(microseconds: microseconds).httpDate == text)
  }

  /// A double far from today tells no microseconds apart; the text does.
  @Test(arguments: [
    (0, "0"), (1_500_000, "1.5"), (-1_250_000, "-1.25"), (-1, "-0.000001"),
    (253_402_300_799_999_999, "253402300799.999999"), (Int64.min, "-9223372036854.775808"),
  ])
  func writesEpochSecondsExactly(_ microseconds: Int64, _ text: String) {
    let written = JSON.encode(.timestamp(Timestamp(microseconds: microseconds)))
    #expect(String(decoding: written, as: UTF8.self) == text)
  }
}
