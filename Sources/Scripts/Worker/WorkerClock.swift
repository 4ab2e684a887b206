// WorkerClock: the clock of a script that was given another than the machine's. The host has the clock itself: it tells when
// it has moved, and is told when the script slept.
import AWSCore
import Host

final class WorkerClock: CodeClock {
  private var time: Timestamp
  let isWaitedFor: Bool
  private unowned let link: HostLink

  init(_ time: Timestamp, isWaitedFor: Bool, _ link: HostLink) {
    self.time = time
    self.isWaitedFor = isWaitedFor
    self.link = link
  }

  var now: Timestamp {
    get { time }
    set {
      time = newValue
      link.send(.clock(newValue))
    }
  }

  /// What the host says it is; what waits for an earlier moment has its turn first.
  private(set) var known: Timestamp?
  func learn(_ time: Timestamp) { known = time }

  /// When what the host answers now has come.
  var arrival: Timestamp { max(known ?? time, time) }
}
