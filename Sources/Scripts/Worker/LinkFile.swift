// LinkFile: a file that the operator named, as a worker has it: what is written goes to the host.
import Host

final class LinkFile: OutputSink {
  private let file: Int
  private let link: HostLink
  private var isDone = false

  /// A frame may have no more than Frame.largestUp.
  private static let pieceSize = 256 << 10

  init(_ file: Int, _ link: HostLink) {
    self.file = file
    self.link = link
  }

  func write(_ bytes: [UInt8]) throws(OutputFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      link.send(.write(file: file, Array(rest.prefix(Self.pieceSize))))
      rest = rest.dropFirst(Self.pieceSize)
    }
  }

  func finish() throws(OutputFailure) {
    isDone = true
    let file = file
    guard case .written(_, let problem)? = link.answer(to: { .finish(number: $0, file: file) }) else {
      throw OutputFailure(message: "the host did not answer")
    }
    if let problem { throw OutputFailure(message: problem) }
  }

  func abandon() {
    guard !isDone else { return }
    isDone = true
    link.send(.abandon(file: file))
  }
}
