// Progress: how far a run is: a bar below all that is printed, on the terminal behind stderr; a plain line now and then
// where that is none.
import AWSCore
import Glibc
import LuaRuntime

final class Progress {
  struct Bar {
    var id: Int64
    /// What a script calls it; empty for nothing.
    var label: String
    var total: Int?
    var done = 0
    var started: Double
    /// When the last plain line was written, and at which tenth of the total.
    var told: Double
    var tenth = 0
  }

  private let loop: EventLoop
  /// The latest is the one that is drawn.
  private var bars: [Bar] = []
  private var last: Int64 = 0
  private var drawn = 0.0
  private var timer: TimerID?

  /// Seconds between two pictures of the bar, and between two lines.
  private static let frame = 0.1
  private static let pause = 10.0
  /// What is over sooner says nothing where lines are written: what a cron job prints is mailed to somebody.
  private static let quiet = 5.0

  init(loop: EventLoop) { self.loop = loop }

  /// Columns of the terminal that a bar can be drawn on.
  private var width: Int? { Glyphs.isPlainTerminal ? nil : Terminal.width(of: STDERR_FILENO) }

  func begin(_ label: String, total: Int?) -> Int64 {
    last += 1
    let now = loop.monotonicSeconds
    bars.append(Bar(id: last, label: Visible.line(label), total: total, started: now, told: now))
    draw()
    if timer == nil { tick() }
    return last
  }

  func advance(_ id: Int64, by count: Int) {
    guard let index = bars.lastIndex(where: { $0.id == id }) else { return }
    bars[index].done = bars[index].done.addingReportingOverflow(count).partialValue
    let now = loop.monotonicSeconds
    guard index == bars.count - 1, now - drawn >= Self.frame else { return }
    draw()
  }

  func end(_ id: Int64) {
    guard let index = bars.lastIndex(where: { $0.id == id }) else { return }
    let bar = bars.remove(at: index)
    if width == nil, loop.monotonicSeconds - bar.started >= Self.quiet { tell(bar, isLast: true) }
    guard bars.isEmpty else { return draw() }
    stop()
  }

  /// When a run ends, however it ends.
  func endAll() {
    bars = []
    stop()
  }

  private func stop() {
    if let timer { loop.cancel(timer) }
    timer = nil
    LuaVM.setBar(nil)
  }

  /// Keeps time going while a call is waited for.
  private func tick() {
    timer = loop.after(Self.frame) { [weak self] in
      guard let self else { return }
      draw()
      tick()
    }
  }

  private func draw() {
    guard let index = bars.indices.last else { return }
    let now = loop.monotonicSeconds
    drawn = now
    if let width {
      let text = ProgressText(bars[index], now: now)
      return LuaVM.setBar(text.bar(width: width - 1, glyphs: .ofPictures))
    }
    let tenth =
      bars[index].total.map { $0 > 0 ? Int(min(1, Double(bars[index].done) / Double($0)) * 10) : 0 } ?? 0
    let waited = now - bars[index].told
    // Tenths of a short run would be a line each for nothing.
    guard now - bars[index].started >= Self.quiet else { return }
    guard waited >= Self.pause || tenth > bars[index].tenth && waited >= 1 else { return }
    bars[index].told = now
    bars[index].tenth = tenth
    tell(bars[index], isLast: false)
  }

  private func tell(_ bar: Bar, isLast: Bool) {
    let text = ProgressText(bar, now: loop.monotonicSeconds)
    LuaVM.write(text.line(isLast: isLast) + "\n", toStandardError: true)
  }
}
