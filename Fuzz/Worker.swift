// Worker: what a worker's process may say to the host when a script has it in its hands, and the other way round.
import AWSCore

@testable import Scripts

extension FuzzTarget {
  static let worker = FuzzTarget(name: "worker") { bytes in
    var choices = Choices(bytes)
    let isFromHost = choices.flag()
    var reader = Frame.Reader(
      largest: isFromHost ? Frame.largestDown : Frame.largestUp, mayHavePayload: choices.flag())
    do throws(Frame.Problem) {
      // As a socket gives them: some at a time.
      let piece = 1 + choices.number(below: 64)
      var rest = choices.remainder()[...]
      while !rest.isEmpty {
        check(reader.missing > 0, "nothing is missing, and there is no frame")
        reader.append(rest.prefix(piece))
        rest = rest.dropFirst(piece)
        while let frame = try reader.next() { try read(frame, isFromHost) }
      }
    } catch { _ = error.message }
  }

  private static func read(_ frame: Frame, _ isFromHost: Bool) throws(Frame.Problem) {
    if isFromHost {
      let message = try HostMessage(frame)
      _ = message.frame.encoded()
    } else {
      let message = try WorkerMessage(frame)
      check((try? WorkerMessage(message.frame)) == message, "a message is not what it was")
    }
  }
}
