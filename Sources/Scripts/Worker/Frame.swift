// Frame: one message between the host and a worker: a small JSON object, and bytes that are passed on as they are. Four
// bytes of length, four bytes of the JSON's length, both little-endian; then the JSON, then the bytes.
import AWSCore

struct Frame: Equatable {
  var head: Value.Object
  var payload: [UInt8] = []

  /// Bytes that a frame may have: down an answer of the service, which the client bounds at 32 MiB, or a script; up a
  /// request.
  static let largestDown = 33 << 20
  static let largestUp = 1 << 20

  /// What stands before a frame.
  private static let preamble = 8

  func encoded() -> [UInt8] {
    let head = JSON.encode(.object(head))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.preamble + head.count + payload.count)
    for number in [head.count + payload.count, head.count] {
      let number = UInt32(clamping: number)
      for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    return bytes + head + payload
  }

  /// Why bytes are not a frame, in words that complete "the snippet's process sent …".
  struct Problem: Error, Equatable {
    var message: String
  }

  /// Takes frames out of a stream of bytes.
  struct Reader {
    private let largest: Int
    private let mayHavePayload: Bool
    private var buffer: [UInt8] = []
    private var start = 0

    init(largest: Int, mayHavePayload: Bool) {
      self.largest = largest
      self.mayHavePayload = mayHavePayload
    }

    /// Bytes that have come and are no frame yet.
    private var pending: Int { buffer.count - start }

    /// Bytes that the next frame, or what says how long it is, still lacks; at least one after `next` gave none.
    var missing: Int {
      pending < Frame.preamble ? Frame.preamble - pending : max(0, Frame.preamble + number(at: 0) - pending)
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
      // What was read goes when it is more than what is left.
      if start > buffer.count / 2 {
        buffer.removeFirst(start)
        start = 0
      }
      buffer += bytes
    }

    /// The next frame; nil until it is complete. Its length is looked at before anything else of it is waited for.
    mutating func next() throws(Problem) -> Frame? {
      guard pending >= Frame.preamble else { return nil }
      let total = number(at: 0)
      let headCount = number(at: 4)
      guard total <= largest else { throw Problem(message: "a message of \(total) bytes") }
      guard headCount <= total, mayHavePayload || headCount == total else {
        throw Problem(message: "a message that is no message")
      }
      guard pending >= Frame.preamble + total else { return nil }
      let first = start + Frame.preamble
      let head = Array(buffer[first..<first + headCount])
      let payload = Array(buffer[first + headCount..<first + total])
      start = first + total
      guard case .object(let object)? = try? JSON.decode(head) else {
        throw Problem(message: "a message that is not JSON")
      }
      return Frame(head: object, payload: payload)
    }

    private func number(at offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(buffer[start + offset + $1]) << (8 * $1) }
    }
  }
}
