// WorkerProbe: whether shared code can run on this machine: a worker is started as for a snippet, locks itself in, and runs
// a script without a line.
import Glibc

public enum WorkerProbe {
  /// What a worker for nothing may use: enough to start.
  private static let memory = 64 << 20
  private static let seconds = 10

  /// Why it cannot, in words that complete "the process for shared code …"; nil where it can.
  public static func problem() -> String? {
    let worker: WorkerProcess
    do throws(WorkerProcess.StartFailure) { worker = try WorkerProcess() } catch {
      return "cannot be started: \(error.reason)"
    }
    let beginning = HostMessage.Beginning(
      name: "nothing", chunkName: "=nothing", arguments: [], place: HostMessage.Place(label: "none"),
      memory: memory, processorTime: seconds)
    for message: HostMessage in [.begin(beginning), .script([]), .arguments(nil)] {
      worker.send(message.frame.encoded())
    }
    var reader = Frame.Reader(largest: Frame.largestUp, mayHavePayload: false)
    while true {
      var state = pollfd(fd: worker.watcher, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&state, 1, Int32(seconds * 1_000)) == 0 { return "did not answer within \(seconds) s" }
      worker.flush()
      guard let bytes = worker.receive() else { continue }
      if bytes.isEmpty { return "ended without a word" }
      reader.append(bytes)
      do throws(Frame.Problem) {
        while let frame = try reader.next() {
          switch try WorkerMessage(frame) {
          case .ended(code: 0): return nil
          case .ended(let code): return "ended with \(code)"
          case .refused(let reason): return "cannot be locked in (\(reason))"
          default: continue
          }
        }
      } catch {
        return "sent \(error.message)"
      }
    }
  }
}
