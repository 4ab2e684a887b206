// The event loop: timers in order, on time, and only from its turn.
import AWSCore
import Host
import TestSupport
import Testing

@Suite struct EventLoopTests {
  @Test func timersFireInTheOrderOfTheirTimes() {
    let loop = EventLoop(network: FakeService())
    var fired: [String] = []
    _ = loop.after(0.02) { fired.append("second") }
    _ = loop.after(0) { fired.append("first") }
    let cancelled = loop.after(0.01) { fired.append("never") }
    loop.cancel(cancelled)
    #expect(fired.isEmpty, "nothing fires outside a turn")
    while fired.count < 2 { loop.turn(longest: 1) }
    #expect(fired == ["first", "second"])
  }

  @Test func aTimerMaySetAnother() {
    let loop = EventLoop(network: FakeService())
    var done = false
    _ = loop.after(0) { _ = loop.after(0) { done = true } }
    loop.turn(longest: 0)
    if !done { loop.turn(longest: 1) }
    #expect(done)
  }

  @Test func aTurnWithNothingToDoEndsInTime() {
    let loop = EventLoop(network: FakeService())
    let before = loop.monotonicSeconds
    loop.turn(longest: 0.01)
    #expect(loop.monotonicSeconds - before < 5)
  }

  /// Inserted into a sorted list, this took time that grew with the square.
  @Test func thousandsOfTimersFireInOrderAndCancelledOnesNever() {
    let loop = EventLoop(network: FakeService())
    var fired: [Int] = []
    var cancelled: [TimerID] = []
    for i in 0..<20_000 {
      let place = (i &* 7_919) % 20_000
      let timer = loop.after(Double(place) / 1_000_000) { fired.append(place) }
      if place % 3 == 0 { cancelled.append(timer) }
    }
    cancelled.forEach(loop.cancel)
    while !loop.isIdle { loop.turn(longest: 1) }
    #expect(fired.count == 13_333)
    #expect(!fired.contains { $0 % 3 == 0 })
  }
}
