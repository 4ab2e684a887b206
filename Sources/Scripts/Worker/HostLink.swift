// HostLink: a worker's end of the socket to the host. It stands where a console has its network: the event loop turns
// it, and what the host answers completes what a task waits for.
import AWSCore
import CLinux
import Glibc
import Host
import LuaRuntime

final class HostLink {
  /// The socket, as CSpawn left it.
  private static let descriptor: Int32 = 3
  /// Processor time after which the host is told that the script has waited, in seconds: well below the limit on
  /// computing without a wait.
  private static let restInterval = 0.25

  private var reader = Frame.Reader(largest: Frame.largestDown, mayHavePayload: true)
  private var waiting: [UInt64: (HostMessage) -> Void] = [:]
  private var refused: [(number: UInt64, error: CallError)] = []
  /// A dry run has withheld a write.
  private(set) var hasWithheld = false
  /// The clock of the script, where the host gave it one.
  var clock: WorkerClock?
  /// Where that clock goes.
  weak var loop: EventLoop?
  private var lastNumber: UInt64 = 0
  private var lastRest = 0.0

  /// Asks for something; `completion` is called from a later turn, unless it is cancelled.
  func ask(
    _ message: (UInt64) -> WorkerMessage, completion: @escaping (HostMessage) -> Void
  ) -> UInt64 {
    lastNumber += 1
    waiting[lastNumber] = completion
    let bytes = message(lastNumber).frame.encoded()
    if bytes.count > Frame.largestUp {
      refused.append(
        (
          lastNumber,
          CallError(
            .parameters, code: "ParamValidation",
            message: "the parameters take more than the \(Frame.largestUp >> 20) MiB that a snippet may send")
        ))
    } else {
      write(bytes)
    }
    return lastNumber
  }

  /// Asks and waits in place; what else arrives meanwhile completes as ever.
  func answer(to message: (UInt64) -> WorkerMessage) -> HostMessage? {
    var answer: HostMessage?
    _ = ask(message) { answer = $0 }
    while answer == nil { turn(waitMilliseconds: 60_000, wakeDescriptors: []) }
    return answer
  }

  func cancel(_ number: UInt64) {
    let isAsked = isUnderWay(number)
    waiting[number] = nil
    if isAsked { send(.cancel(number: number)) }
  }

  /// True when the host was asked and has not answered.
  func isUnderWay(_ number: UInt64) -> Bool {
    waiting[number] != nil && !refused.contains { $0.number == number }
  }

  func send(_ message: WorkerMessage) { write(message.frame.encoded()) }

  /// The next message, and not a byte beyond it. What follows the first is the script's, which nothing may have read
  /// before the worker is locked in.
  func receive() -> HostMessage {
    while true {
      if let message = next() { return message }
      var bytes = [UInt8](repeating: 0, count: reader.missing)
      let count = unsafe read(Self.descriptor, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { leave() }
      reader.append(bytes.prefix(count))
    }
  }

  private func next() -> HostMessage? {
    do throws(Frame.Problem) {
      guard let frame = try reader.next() else { return nil }
      return try HostMessage(frame)
    } catch {
      leave()
    }
  }

  /// The host is gone, or is none.
  private func leave() -> Never { _exit(1) }

  private func write(_ bytes: [UInt8]) {
    lastRest = Self.processorTime
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(Self.descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { leave() }
      rest = rest.dropFirst(count)
    }
  }

  private func deliver(_ message: HostMessage) {
    if case .answer(_, _, isWithheld: true) = message { hasWithheld = true }
    if case .clock(let time) = message { clock?.learn(time) }
    guard let number = message.number else { return }
    let finish = { [weak self] in _ = self?.waiting.removeValue(forKey: number)?(message) }
    switch message {
    case .answer, .failure:
      guard let clock, let loop else { return finish() }
      loop.answer(at: clock.arrival, finish)
    default: finish()
    }
  }

  private static var processorTime: Double {
    Double(clinux_nanoseconds(CLOCK_PROCESS_CPUTIME_ID)) / 1e9
  }
}

extension HostLink: Network {
  var isIdle: Bool { waiting.isEmpty }
  /// So that the host learns that the script waits.
  var isTurnedWhenIdle: Bool { true }

  func turn(waitMilliseconds: Int32, wakeDescriptors: [Int32]) {
    // What was printed is there before anything that happens from now on.
    _ = LuaVM.flush()
    if Self.processorTime - lastRest > Self.restInterval { send(.rested) }
    guard refused.isEmpty else {
      let failed = refused
      refused = []
      for (number, error) in failed { deliver(.failure(number: number, error)) }
      return
    }
    var descriptors = (wakeDescriptors + [Self.descriptor]).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    guard unsafe poll(&descriptors, nfds_t(descriptors.count), waitMilliseconds) > 0,
      descriptors[descriptors.count - 1].revents != 0
    else { return }
    var bytes = [UInt8](repeating: 0, count: 256 << 10)
    let count = unsafe read(Self.descriptor, &bytes, bytes.count)
    if count < 0, errno == EINTR { return }
    guard count > 0 else { leave() }
    reader.append(bytes.prefix(count))
    while let message = next() { deliver(message) }
  }

  func start(
    _ request: HTTPRequest, limits: TransferLimits,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) -> TransferID {
    // Nothing in a worker makes one.
    TransferID(0)
  }

  func cancel(_ transfer: TransferID) {}
}
