// Support: a responder with a clock of its own, signed requests, and scratch folders.
import AWSCore
import BackupGateway
import Glibc
import Synchronization
import Testing

@testable import LocalGateway

/// A clock that stands still until it is moved; so does the time since the start.
final class FakeClock: Sendable {
  private let time: Mutex<Timestamp>
  init(_ iso: Timestamp = Timestamp(year: 2026, month: 3, day: 14, hour: 9, minute: 26)) { time = Mutex(iso) }
  var now: Timestamp { time.withLock { $0 } }
  var uptime: Duration { .microseconds(now.microseconds) }
  func advance(_ seconds: Int64) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

/// Lines that were written, on whatever thread.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func append(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A responder over a store in memory: the whole gateway but the socket.
struct TestWorld {
  let clock = FakeClock()
  let store: Store
  let responder: Responder
  let log = Lines()

  init(
    seed: LocalGateway.Seed = .sample, virtualMachines: Int = 250, keys: [AccessKey] = [builtInKey],
    faults: [String] = [], format: AccessLog.Format = .json, perimeter: Perimeter = Perimeter(),
    operations: [String: Operations.Body] = Operations.served
  ) throws {
    var options = LocalGateway.Options(seed: seed, virtualMachines: virtualMachines)
    options.clock = { [clock] in clock.now }
    store = try LocalGateway.store(options)
    responder = try Responder(
      store: store, keys: keys, clock: ServerClock(options.clock, uptime: { [clock] in clock.uptime }),
      perimeter: perimeter, faults: FaultInjector(faults.map { try FaultRule($0) }),
      log: AccessLog(format: format) { [log] in log.append($0) }, operations: operations)
  }

  /// Signs, sends and decodes.
  func call(
    _ operation: String, _ input: Value = .object([:]), region: String = "us-east-1",
    key: Credentials = builtIn
  ) throws -> Answer {
    var request = unsigned(operation, JSON.encode(input))
    SigV4(service: "backup-gateway", region: region).sign(&request, with: key, at: clock.now)
    return try Answer(responder.respond(to: request))
  }

  /// Signs, and takes the steps that follow: how it ends, and how long the server took its time.
  func take(
    _ operation: String, _ input: Value = .object([:]), region: String = "us-east-1",
    key: Credentials = builtIn
  ) -> (reply: Reply, waited: Duration) {
    var request = unsigned(operation, JSON.encode(input))
    SigV4(service: "backup-gateway", region: region).sign(&request, with: key, at: clock.now)
    return responder.take(request)
  }

  /// All pages of a listing.
  func pages(_ operation: String, _ member: String, size: Int64, filter: Value.Object = [:]) throws
    -> [[Value]]
  {
    var pages: [[Value]] = []
    var input = filter
    input["MaxResults"] = .integer(size)
    repeat {
      let answer = try call(operation, .object(input))
      try #require(answer.status == 200)
      pages.append(answer.body[member]?.array ?? [])
      input["NextToken"] = answer.body["NextToken"]
    } while input["NextToken"] != nil
    return pages
  }
}

struct Answer {
  let status: Int
  let headers: AWSCore.HTTPHeaders
  let body: Value

  init(_ response: HTTPResponse) throws { self.init(response, body: try JSON.decode(response.body)) }

  init(_ response: HTTPResponse, body: Value) {
    status = response.status
    headers = response.headers
    self.body = body
  }

  var error: String? { body["__type"]?.string }
  var message: String { (body["Message"] ?? body["message"])?.string ?? "" }
}

extension Answering {
  /// Takes the steps that a request leads to, at once.
  func take(_ request: HTTPRequest) -> (reply: Reply, waited: Duration) {
    var waited = Duration.zero
    var step = begin(request)
    while true {
      switch step {
      case .reply(let reply): return (reply, waited)
      case .pause(let duration, let next):
        waited += duration
        step = next()
      }
    }
  }

  func respond(to request: HTTPRequest) -> HTTPResponse { take(request).reply.response }
}

let builtIn = Credentials(
  accessKeyID: LocalGateway.accessKeyID, secretAccessKey: LocalGateway.secretAccessKey, source: "test")
let builtInKey = AccessKey(builtIn, account: LocalGateway.account)

func unsigned(_ operation: String, _ body: [UInt8] = Array("{}".utf8)) -> HTTPRequest {
  HTTPRequest(
    method: "POST", url: URLParts(scheme: "http", host: "127.0.0.1", port: 8080),
    headers: [
      "Host": "127.0.0.1:8080", "Content-Type": "application/x-amz-json-1.0",
      "X-Amz-Target": "BackupOnPremises_v20210101.\(operation)",
    ], body: body)
}

/// A signed request as it stands on the wire.
func signedOnTheWire(
  _ operation: String, _ body: String = "{}", extra: String = "", to gateway: LocalGateway
) -> String {
  var request = unsigned(operation, Array(body.utf8))
  request.headers["Host"] = "127.0.0.1:\(gateway.port)"
  SigV4(service: "backup-gateway", region: "us-east-1")
    .sign(&request, with: builtIn, at: Timestamp.systemNow())
  let fields = request.headers.fields.map { "\($0.name): \($0.value)\r\n" }.joined()
  return "POST / HTTP/1.1\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\(extra)\r\n\(body)"
}

func serviceError(_ name: String) -> String { "com.amazonaws.backupgateway#\(name)" }
func frameworkError(_ name: String) -> String { "com.amazon.coral.service#\(name)" }

/// A folder that is gone when the test is.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/moongate-gateway-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
  }

  deinit {
    for name in [
      "gateway.sqlite3", "gateway.sqlite3.new", "gateway.sqlite3-journal", "gateway.lock", "gateway.key",
    ] {
      unlink("\(path)/\(name)")
    }
    rmdir(path)
  }

  var database: String { "\(path)/gateway.sqlite3" }

  func read() -> [UInt8] {
    let file = open(database, O_RDONLY)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = pread(file, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
  }

  func write(_ bytes: [UInt8]) {
    let file = open(database, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    _ = pwrite(file, bytes, bytes.count, 0)
  }
}
