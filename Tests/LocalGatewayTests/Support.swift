// Support: a responder with a clock of its own, signed requests, and scratch folders.
import AWSCore
import BackupGateway
import Glibc
import Synchronization
import Testing

@testable import LocalGateway

/// A clock that stands still until it is moved.
final class FakeClock: Sendable {
  private let time: Mutex<Timestamp>
  init(_ iso: Timestamp = Timestamp(year: 2026, month: 3, day: 14, hour: 9, minute: 26)) { time = Mutex(iso) }
  var now: Timestamp { time.withLock { $0 } }
  func advance(_ seconds: Int64) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

/// A responder over a store in memory: the whole gateway but the socket.
struct TestWorld {
  let clock = FakeClock()
  let store: Store
  let responder: Responder

  init(
    seed: LocalGateway.Seed = .sample, virtualMachines: Int = 250, keys: [Credentials] = [builtIn],
    operations: [String: Operations.Body] = Operations.served
  ) throws {
    var options = LocalGateway.Options(seed: seed, virtualMachines: virtualMachines)
    options.clock = { [clock] in clock.now }
    store = try LocalGateway.store(options)
    responder = try Responder(store: store, keys: keys, clock: options.clock, operations: operations)
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

  init(_ response: HTTPResponse) throws {
    status = response.status
    headers = response.headers
    body = try JSON.decode(response.body)
  }

  var error: String? { body["__type"]?.string }
  var message: String { (body["Message"] ?? body["message"])?.string ?? "" }
}

let builtIn = Credentials(
  accessKeyID: LocalGateway.accessKeyID, secretAccessKey: LocalGateway.secretAccessKey,
  accountID: LocalGateway.account, source: "test")

func unsigned(_ operation: String, _ body: [UInt8] = Array("{}".utf8)) -> HTTPRequest {
  HTTPRequest(
    method: "POST", url: URLParts(scheme: "http", host: "127.0.0.1", port: 8080),
    headers: [
      "Host": "127.0.0.1:8080", "Content-Type": "application/x-amz-json-1.0",
      "X-Amz-Target": "BackupOnPremises_v20210101.\(operation)",
    ], body: body)
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
