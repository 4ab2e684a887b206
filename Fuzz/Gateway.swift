// Gateway: requests that are signed as they must be, with anything in them, through the whole of the local gateway but its
// sockets. Nothing that a client sends may be the server's own failure.
import AWSCore
import BackupGateway

@testable import LocalGateway

extension FuzzTarget {
  static let gateway = FuzzTarget(name: "gateway") { bytes in
    var choices = Choices(bytes)
    let gateway = Gateway.fresh()
    repeat {
      var request: HTTPRequest
      switch choices.number(below: 8) {
      case 0: request = HTTPRequest(text: choices.word())
      case 1: request = Gateway.request(CBORNames.path + choices.text(), choices.word(), isCBOR: true)
      case 2:
        let operation = choices.pick(Service.operations)
        request = Gateway.request(CBORNames.path + operation.name, choices.word(), isCBOR: true)
      default:
        let operation = choices.pick(Service.operations)
        request = Gateway.request(operation.name, choices.word(), isCBOR: false)
      }
      gateway.answer(&request)
    } while !choices.isEmpty
  }
}

private enum CBORNames { static let path = RpcV2Cbor.path }

/// A gateway with a small world in memory, at a time that stands still.
final class Gateway {
  nonisolated static let now = Timestamp(year: 2026, month: 3, day: 14, hour: 9)
  static let credentials = Credentials(
    accessKeyID: LocalGateway.accessKeyID, secretAccessKey: LocalGateway.secretAccessKey, source: "the fuzzer"
  )

  private let responder: Responder

  /// One that no input has changed yet, with the same identifiers each time it can be.
  static func fresh() -> Gateway {
    do { return try Gateway() } catch { fail("there is no gateway: \(error)") }
  }

  private init() throws {
    var options = LocalGateway.Options(virtualMachines: 3)
    options.clock = { Self.now }
    responder = try Responder(
      store: LocalGateway.store(options),
      keys: [AccessKey(Self.credentials, account: LocalGateway.account)],
      clock: ServerClock(options.clock, uptime: { .zero }), log: AccessLog(format: .json) { _ in })
  }

  func answer(_ request: inout HTTPRequest) {
    SigV4(service: Service.name, region: "us-east-1").sign(&request, with: Self.credentials, at: Self.now)
    var step = responder.begin(request)
    while case .pause(_, let next) = step { step = next() }
    guard case .reply(let reply) = step else { return }
    let body = String(decoding: reply.response.body, as: UTF8.self)
    check(reply.response.status < 500, "\(request) is answered by \(reply.response.status) \(body)")
  }

  static func request(_ name: String, _ body: [UInt8], isCBOR: Bool) -> HTTPRequest {
    var request = HTTPRequest(
      method: "POST", url: URLParts(scheme: "http", host: "127.0.0.1", port: 8080),
      headers: ["Host": "127.0.0.1:8080"], body: body)
    if isCBOR {
      request.url.path = name
      request.headers.append("Smithy-Protocol", RpcV2Cbor.name)
      request.headers.append("Content-Type", RpcV2Cbor.contentType)
    } else {
      request.headers.append("Content-Type", AwsJson10.contentType)
      request.headers.append("X-Amz-Target", "BackupOnPremises_v20210101.\(name)")
    }
    return request
  }
}

extension HTTPRequest {
  /// A method, a path, header fields a line each, an empty line, and the body.
  init(text bytes: [UInt8]) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
    let first = String(decoding: lines.popFirst() ?? [], as: UTF8.self).split(separator: " ", maxSplits: 1)
    self.init(
      method: first.first.map(String.init) ?? "",
      url: URLParts(
        scheme: "http", host: "127.0.0.1", port: 8080, path: first.count > 1 ? "\(first[1])" : "/"))
    while let line = lines.popFirst(), !line.isEmpty {
      let field = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      // Anything else ends the connection before it is a request (RFC 9110 5.6.2).
      let isToken = field[0].utf8.allSatisfy { $0.isTokenCharacter } && !field[0].isEmpty
      if isToken { headers.append(field[0], field.count > 1 ? field[1] : "") }
    }
    body = Array(lines.joined(separator: [0x0A]))
  }
}

extension UInt8 {
  fileprivate var isTokenCharacter: Bool {
    Unicode.Scalar(self).properties.isAlphabetic && self < 0x80 || (0x30...0x39).contains(self)
      || "!#$%&'*+-.^_`|~".utf8.contains(self)
  }
}
