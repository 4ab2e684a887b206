// RpcV2Cbor: the wire protocol rpcv2Cbor (Smithy, "Smithy RPC v2 CBOR protocol"), from the server's side.
//
//   POST /service/BackupOnPremises_v20210101/operation/ListGateways
//   Smithy-Protocol: rpc-v2-cbor
//   Content-Type: application/cbor
import AWSCore
import BackupGateway

struct RpcV2Cbor: ServerProtocol {
  static let name = "rpc-v2-cbor"
  static let contentType = "application/cbor"
  /// What stands before the operation's name.
  static let path = "/service/\(Service.targetPrefix)/operation/"

  /// The service by its name or by its absolute shape id.
  private static let services = [Service.targetPrefix, "\(Service.namespace).\(Service.targetPrefix)"]

  func claims(_ request: HTTPRequest) -> Bool { request.headers["Smithy-Protocol"] == Self.name }

  func operation(of request: HTTPRequest) throws(Fault) -> String {
    // The specification: such a request is malformed, and a server must reject it "for security reasons".
    for name in ["X-Amz-Target", "X-Amzn-Target"] where request.headers[name] != nil {
      throw Rules.unrouted("A request in \(Self.name) must not have the header \(name).")
    }
    let segments = request.url.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard segments.count == 5, segments[0].isEmpty, segments[1] == "service", segments[3] == "operation",
      Self.services.contains(segments[2])
    else {
      throw Rules.unrouted("The path must be \(Self.path)OPERATION, got '\(request.url.path.prefix(200))'.")
    }
    // Without a body there need be no type of it.
    guard request.mediaType == Self.contentType || request.body.isEmpty && request.mediaType == nil else {
      throw Rules.unrouted("Content-Type must be \(Self.contentType) in \(Self.name).")
    }
    return segments[4]
  }

  func document(of request: HTTPRequest) throws(Fault) -> Value {
    guard !request.body.isEmpty else { return .object([:]) }
    do throws(CBORError) {
      return try CBOR.decode(request.body)
    } catch {
      throw Rules.unreadable("The body is not CBOR that this service takes: \(error).")
    }
  }

  func page() -> JSONPage? { nil }

  func response(_ output: Value.Object, with page: JSONPage?) -> HTTPResponse {
    response(output, status: 200)
  }

  func response(_ fault: Fault) -> HTTPResponse {
    response(members(of: fault), status: Rules.cborStatus(of: fault))
  }

  private func response(_ members: Value.Object, status: Int) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": Self.contentType, "Smithy-Protocol": Self.name],
      body: CBOR.encode(Value.object(members).withoutNulls))
  }
}
