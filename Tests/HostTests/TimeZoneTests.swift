// Time zones from bytes: transitions, what holds before and after them, rules, and files that are none.
// Tests/Scripts/test_time.py holds every zone of the system against Python's reader.
import AWSCore
import Testing

@testable import Host

@Suite struct TimeZoneTests {
  private static func bytes(_ number: Int64, _ width: Int) -> [UInt8] {
    (0..<width).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// A file of the second version: an hour ahead from the epoch on, then as the footer says.
  static func file(
    footer: String = "<+01>-1", times: [Int64] = [0], indices: [UInt8] = [1], version: UInt8 = 0x32
  ) -> [UInt8] {
    func header(_ times: Int, _ types: Int, _ characters: Int) -> [UInt8] {
      Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        + [0, 0, 0, times, types, characters].flatMap { bytes(Int64($0), 4) }
    }
    let types = bytes(-1, 4) + [0, 0] + bytes(3_600, 4) + [0, 4]
    let names = Array("LMT\0+01\0".utf8)
    return header(0, 1, 4) + bytes(0, 4) + [0, 0] + Array("LMT\0".utf8)
      + header(times.count, 2, names.count) + times.flatMap { bytes($0, 8) } + indices + types + names
      + [0x0A] + Array(footer.utf8) + [0x0A]
  }

  @Test func beforeBetweenAndAfterTheTransitions() throws {
    let zone = try #require(
      TimeZone(Self.file(footer: "EST5EDT,M3.2.0,M11.1.0", times: [0, 100], indices: [1, 0])))
    #expect(zone.localTime(at: -1) == .init(offset: -1, abbreviation: "LMT", isDaylight: false))
    #expect(zone.localTime(at: 0) == .init(offset: 3_600, abbreviation: "+01", isDaylight: false))
    #expect(zone.localTime(at: 99).abbreviation == "+01")
    let july: Int64 = 1_782_907_200
    #expect(zone.localTime(at: july) == .init(offset: -14_400, abbreviation: "EDT", isDaylight: true))
  }

  @Test func withoutAFooterTheLastTimeGoesOn() throws {
    let zone = try #require(TimeZone(Self.file(footer: "")))
    #expect(zone.localTime(at: 1 << 40).abbreviation == "+01")
  }

  @Test func aFileThatIsCutShortIsNone() {
    let file = Self.file()
    #expect(TimeZone(file) != nil)
    for length in 0..<file.count { #expect(TimeZone(Array(file.prefix(length))) == nil, "\(length) bytes") }
  }

  /// A byte that is turned over makes another file, or none, but never a trap.
  @Test func aFileThatIsBrokenTrapsNothing() {
    let file = Self.file(footer: "EST5EDT,M3.2.0,M11.1.0")
    for place in file.indices {
      for mask in [0xFF, 0x80, 0x01] as [UInt8] {
        var broken = file
        broken[place] ^= mask
        let zone = TimeZone(broken)
        for instant in [-62_135_596_800, 0, 253_402_300_799] as [Int64] { _ = zone?.localTime(at: instant) }
      }
    }
  }

  @Test(arguments: [
    Self.file(times: [5, 5], indices: [0, 1]), Self.file(indices: [2]), Self.file(footer: "nonsense"),
    Array("TZif".utf8), [],
  ])
  func whatContradictsItselfIsNone(_ file: [UInt8]) { #expect(TimeZone(file) == nil) }

  /// Rules at instants, the offsets by GNU libc.
  @Test(arguments: [
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3_600),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7_200),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7_200),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3_600),
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39_600),
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36_000),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7_200),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3_600),
    ("XXX3EDT4,0/0,J365/23", "2026-02-01T00:00:00Z", -14_400),
    ("<+0330>-3:30", "2026-02-01T00:00:00Z", 12_600),
    ("AAA0BBB-2:00:30,J60,J300", "2024-03-01T02:00:00Z", 7_230),
    ("AAA0BBB-2:00:30,J60,J300", "2024-03-01T01:59:59Z", 0),
  ])
  func aRule(_ text: String, _ instant: String, _ offset: Int) throws {
    let rule = try #require(ZoneRule(text))
    let seconds = try #require(Timestamp(iso8601: instant)).microseconds / 1_000_000
    #expect(rule.localTime(at: seconds).offset == offset)
  }

  @Test(arguments: [
    "", "CE-1", "CET", "CET-1CEST", "CET-168", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
    "CET-1CEST,M3.6.0,M10.5.0",
    "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,366,1", "CET-1:60", "<+01", "<>-1",
    "CET-1CEST,M3.5.0,M10.5.0x",
  ])
  func aTextThatIsNoRule(_ text: String) { #expect(ZoneRule(text) == nil) }

  @Test func aZoneIsReadOnceAndOnlyByAName() throws {
    nonisolated(unsafe) var asked: [String] = []
    let database = ZoneDatabase { name in
      asked.append(name)
      if name == "tzdata.zi" {
        return Array("# v\nR d 1916 o\nZ Europe/Berlin 0\nL Europe/Berlin Europe/Bonn\n".utf8)
      }
      return name == "Europe/Berlin" ? Self.file() : nil
    }
    #expect(try database.zone("Europe/Berlin").localTime(at: 5).offset == 3_600)
    _ = try database.zone("Europe/Berlin")
    _ = try database.zone("UTC")
    #expect(asked == ["Europe/Berlin"])
    for (name, hint) in [
      ("Bonn", "did you mean Europe/Bonn?"), ("Europe/Berlun", "did you mean Europe/Berlin?"),
    ] {
      #expect { _ = try database.zone(name) } throws: {
        ($0 as? ZoneDatabase.Failure)?.message.contains(hint) == true
      }
    }
    asked = []
    for name in ["../etc/passwd", "/etc/passwd", "", "Europe/", "Europe//Berlin", ".", "a\0b"] {
      #expect(throws: ZoneDatabase.Failure.self) { try database.zone(name) }
    }
    #expect(asked.isEmpty, "nothing outside the database is read, and its index once")
  }

  @Test func aMachineWithoutADatabaseKnowsUTC() {
    let database = ZoneDatabase { _ in nil }
    #expect(throws: Never.self) { try database.zone("UTC") }
    #expect { _ = try database.zone("Europe/Berlin") } throws: {
      ($0 as? ZoneDatabase.Failure)?.message.contains("tzdata") == true
    }
  }

  /// Shared code asks its host for each file, and a script that tried a wrong name for each of 200 machines asked too
  /// often: its process was ended as one that no worker is.
  @Test func aNameThatIsNoneIsAskedAboutOnce() {
    var asked: [String] = []
    let database = ZoneDatabase { name in
      asked.append(name)
      return nil
    }
    for _ in 1...200 { #expect(throws: ZoneDatabase.Failure.self) { try database.zone("Europe/Berln") } }
    #expect(asked == ["Europe/Berln", "tzdata.zi"])
  }
}
