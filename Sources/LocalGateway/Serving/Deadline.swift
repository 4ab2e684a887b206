// Deadline: when a connection ends unless something happens before. It moves with every request, its timer does not:
// one that fires too early is set anew. A timer for each request took as much work as reading it.
import NIOCore

/// Of one connection; on its event loop.
final class Deadline {
  /// Nil while there is none.
  private var end: NIODeadline?
  private var timer: (task: Scheduled<Void>, time: NIODeadline)?

  /// The connection ends after so many seconds, unless that is set anew before.
  func set(_ seconds: Int64, for channel: any Channel) {
    let end = NIODeadline.now() + .seconds(seconds)
    self.end = end
    if let timer, timer.time <= end { return }
    wait(until: end, for: channel)
  }

  /// The connection stays: it is the server that takes its time.
  func lift() { end = nil }

  /// The connection is over.
  func cancel() {
    timer?.task.cancel()
    (end, timer) = (nil, nil)
  }

  private func wait(until time: NIODeadline, for channel: any Channel) {
    timer?.task.cancel()
    let task = channel.eventLoop.assumeIsolated().scheduleTask(deadline: time) {
      self.timer = nil
      guard let end = self.end else { return }
      if end <= .now() { channel.close(promise: nil) } else { self.wait(until: end, for: channel) }
    }
    timer = (task, time)
  }
}
