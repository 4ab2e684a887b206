// Exchange: one request on its way through the server, and what the log and the counters get to know of it. It
// holds no secret and nothing of a body; what a client can write freely is cut down to harmless characters.
import AWSCore
import BackupGateway

struct Exchange {
  let requestID: String
  /// By the machine's clock.
  let time: Timestamp
  /// Monotonic.
  let began: Duration
  let bytesReceived: Int
  /// Nil for what is not a call of the service.
  private(set) var operation: String?
  private(set) var accessKey: String?
  private(set) var region: String?
  var account: String?
  /// The name of the error that it ended with.
  var error: String?
  /// The kinds of faults that were injected.
  var faults: [String] = []
  /// How far the clock is off that this request's signature is checked by.
  var shift = Duration.zero

  init(at clock: ServerClock, bytesReceived: Int = 0) {
    requestID = UUID.random()
    time = clock.machine
    began = clock.monotonic
    self.bytesReceived = bytesReceived
  }

  mutating func names(_ operation: String) { self.operation = Self.harmless(operation) }

  mutating func claims(_ claim: Claim) {
    accessKey = Self.harmless(String(claim.accessKeyID.suffix(4)))
    region = Self.harmless(claim.region)
  }

  /// Up to 64 letters, digits, hyphens and underscores; what else there was shows as `?`.
  private static func harmless(_ text: String) -> String {
    let bytes = text.utf8.span
    if bytes.count <= 64, bytes.indices.allSatisfy({ isHarmless(bytes[$0]) }) { return text }
    let shown = text.utf8.prefix(64).map { isHarmless($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: shown, as: UTF8.self)
  }

  private static func isHarmless(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}

/// An exchange that is over.
struct Outcome {
  let exchange: Exchange
  /// Nil when the connection was reset instead of an answer.
  let status: Int?
  /// Of the answer's body.
  let bytesSent: Int
  let took: Duration

  init(_ exchange: Exchange, _ reply: Reply, took: Duration) {
    self.exchange = exchange
    self.took = took
    status = reply.delivery == .reset ? nil : reply.response.status
    bytesSent = reply.bodyAsSent.count
  }
}
