// When credentials are renewed: long before their end, and yet not at each call.
import Testing

@testable import AWSCore

@Suite struct RenewalWindowsTests {
  private let start = Timestamp(year: 2026, month: 1, day: 1)

  private func after(_ seconds: Double) -> Timestamp {
    Timestamp(microseconds: start.microseconds + Int64(seconds * 1_000_000))
  }

  /// Seconds from the start at which the stages begin.
  private func stages(life: Double, neededOperator: Bool = false) -> (aging: Int, ending: Int) {
    var keys = Credentials(accessKeyID: "A", secretAccessKey: "s", expiration: after(life), source: "a test")
    keys.neededOperator = neededOperator
    let windows = RenewalWindows(keys, receivedAt: start)
    func first(_ stage: RenewalWindows.Stage) -> Int {
      (0...Int(life)).first { windows.stage(at: after(Double($0))) == stage } ?? -1
    }
    return (first(.aging), first(.ending))
  }

  @Test(arguments: [
    // Twelve hours, one hour: 15 and 10 minutes before the end, as botocore.
    (43_200.0, 42_300, 42_600), (3_600, 2_700, 3_000),
    // The shortest role: a quarter and a sixth of its life.
    (900, 675, 750),
    // Keys of two minutes live most of them.
    (120, 90, 100), (10, 8, 9),
  ])
  func windowsAreMinutesOrPartsOfAShortLife(_ life: Double, _ aging: Int, _ ending: Int) {
    #expect(stages(life: life) == (aging, ending))
  }

  @Test func whoeverWasAskedForACodeIsNotAskedBeforeTheLastMinute() {
    #expect(stages(life: 3_600, neededOperator: true) == (-1, 3_540))
    #expect(stages(life: 120, neededOperator: true) == (-1, 100))
  }

  @Test func whatHasNoEndStaysFresh() {
    let keys = Credentials(accessKeyID: "A", secretAccessKey: "s", source: "a test")
    #expect(RenewalWindows(keys, receivedAt: start).stage(at: after(1e9)) == .fresh)
    #expect(!keys.haveEnded(at: after(1e9)))
  }

  @Test func whatHasEndedIsEndingWhateverTheClocksSay() {
    for end in [start, after(-1), Timestamp(microseconds: .min), Timestamp(microseconds: 0)] {
      let keys = Credentials(accessKeyID: "A", secretAccessKey: "s", expiration: end, source: "a test")
      #expect(RenewalWindows(keys, receivedAt: start).stage(at: start) == .ending)
      #expect(keys.haveEnded(at: start))
    }
    let endless = Credentials(
      accessKeyID: "A", secretAccessKey: "s", expiration: Timestamp(microseconds: .max), source: "a test")
    #expect(RenewalWindows(endless, receivedAt: Timestamp(microseconds: -1)).stage(at: start) == .fresh)
  }
}
