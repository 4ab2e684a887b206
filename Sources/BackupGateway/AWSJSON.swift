// AWSJSON: AWS JSON 1.0, the service's wire protocol, seen from the client. Source: Smithy, "AWS JSON 1.0 protocol".
import AWSCore

/// How calls are written and answers are read. The one seam to another protocol: Smithy RPC v2 CBOR is the
/// service's other one.
protocol WireProtocol: Sendable {
  /// The body that carries parameters.
  func body(of parameters: Value.Object) -> [UInt8]
  /// The request without host, date and signature.
  func request(for operation: String, body: [UInt8], to endpoint: URLParts) -> HTTPRequest
  /// How answers are read; `mayBeEmpty` when the operation's have no members.
  func answers(mayBeEmpty: Bool) -> any AnswerFormat
}

struct AWSJSON: WireProtocol {
  func answers(mayBeEmpty: Bool) -> any AnswerFormat { JSONFormat(allowsEmptyBody: mayBeEmpty) }

  func body(of parameters: Value.Object) -> [UInt8] { JSON.encode(document: parameters) }

  func request(for operation: String, body: [UInt8], to endpoint: URLParts) -> HTTPRequest {
    var url = endpoint
    // The protocol's own path is `/`, and it follows the endpoint's.
    if !url.path.hasSuffix("/") { url.path += "/" }
    return HTTPRequest(
      method: "POST", url: url,
      headers: [
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "\(Service.targetPrefix).\(operation)",
      ],
      body: body)
  }
}

extension Request {
  /// The request as it goes over the wire, without a signature: the service refuses it, and shows by that who it is.
  public func unsigned(to endpoint: URLParts) -> HTTPRequest {
    let wire = AWSJSON()
    return wire.request(for: operation.name, body: wire.body(of: parameters), to: endpoint)
  }
}
