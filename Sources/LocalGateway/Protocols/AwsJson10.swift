// AwsJson10: the wire protocol awsJson1_0 (Smithy, "AWS JSON 1.0 protocol"), from the server's side.
//
//   POST /
//   Content-Type: application/x-amz-json-1.0
//   X-Amz-Target: BackupOnPremises_v20210101.ListGateways
import AWSCore
import BackupGateway

struct AwsJson10: ServerProtocol {
  static let contentType = "application/x-amz-json-1.0"
  /// What stands before the operation's name.
  private static let prefix = Service.targetPrefix + "."

  func claims(_ request: HTTPRequest) -> Bool { request.url.path == "/" }

  func operation(of request: HTTPRequest) throws(Fault) -> String {
    guard request.hasMediaType(Self.contentType) else {
      throw Rules.unrouted("Content-Type must be \(Self.contentType) at this path.")
    }
    guard let target = request.headers["X-Amz-Target"] else {
      throw Rules.unrouted("X-Amz-Target is missing; it must be \(Self.prefix)OPERATION.")
    }
    let bytes = target.utf8.span
    let end = Self.prefix.utf8.count
    guard bytes.count >= end, bytes.has(Self.prefix, at: 0..<end) else {
      throw Rules.unrouted("X-Amz-Target must be \(Self.prefix)OPERATION, got '\(target.prefix(200))'.")
    }
    return bytes.text(end..<bytes.count)
  }

  func document(of request: HTTPRequest) throws(Fault) -> Value {
    guard !request.body.isEmpty else { return .object([:]) }
    do throws(JSONError) {
      return try JSON.decode(request.body)
    } catch {
      throw Rules.unreadable("The body is not JSON: \(error).")
    }
  }

  func page() -> JSONPage? { JSONPage() }

  func response(_ output: Value.Object, with page: JSONPage?) -> HTTPResponse {
    response(page?.document(with: output) ?? JSON.encode(document: output), status: 200)
  }

  func response(_ fault: Fault) -> HTTPResponse {
    response(JSON.encode(document: members(of: fault)), status: Rules.jsonStatus(of: fault))
  }

  private func response(_ body: [UInt8], status: Int) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": Self.contentType], body: body)
  }
}
