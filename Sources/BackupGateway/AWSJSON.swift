// AWSJSON: AWS JSON 1.0, the service's wire protocol, seen from the client: a request from parameters, an
// error from an answer. Source: Smithy, "AWS JSON 1.0 protocol".
import AWSCore

/// How calls are written and errors are read. The one seam to another protocol: Smithy RPC v2 CBOR is the
/// service's other one.
protocol WireProtocol: Sendable {
  /// The request without host, date and signature.
  func request(for operation: Operation, _ parameters: Value.Object, to endpoint: URLParts) -> HTTPRequest
  /// The body of a success as one JSON object.
  func body(of response: HTTPResponse) throws(JSONError) -> [UInt8]
  /// The error an answer carries; nil when it is not an answer of this protocol.
  func error(in response: HTTPResponse) -> ServiceError?
}

/// What the service says about a call that it refused.
struct ServiceError: Equatable {
  /// AWS's name, without namespace.
  var code: String
  var message: String?
}

struct AWSJSON: WireProtocol {
  func request(for operation: Operation, _ parameters: Value.Object, to endpoint: URLParts) -> HTTPRequest {
    var url = endpoint
    // The protocol's own path is `/`, and it follows the endpoint's.
    if !url.path.hasSuffix("/") { url.path += "/" }
    return HTTPRequest(
      method: "POST", url: url,
      headers: [
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "\(Service.targetPrefix).\(operation.name)",
      ],
      body: JSON.encode(withoutNulls(.object(parameters))))
  }

  func body(of response: HTTPResponse) throws(JSONError) -> [UInt8] {
    // Operations without output may answer nothing at all.
    if response.body.isEmpty { return Array("{}".utf8) }
    if let problem = JSON.problemAsObject(response.body) { throw problem }
    return response.body
  }

  func error(in response: HTTPResponse) -> ServiceError? {
    let body = (try? JSON.decode(response.body))?.object
    let value = body.map(Value.object)
    // Exact names only: every error of this service also has a member ErrorCode, which is something else.
    // `Code` is what some front ends write.
    let named =
      response.headers["x-amzn-errortype"]
      ?? ["code", "__type", "Code"].lazy.compactMap {
        value?[$0]?.string
      }.first
    guard body != nil || named != nil else { return nil }
    let message = ["message", "Message"].lazy.compactMap { value?[$0]?.string }.first
    return ServiceError(code: named.map(bareName) ?? String(response.status), message: message)
  }

  /// `com.amazonaws.backupgateway#ValidationException:http://…` → `ValidationException`.
  private func bareName(_ type: String) -> String {
    let name = type.firstIndex(of: "#").map { type[type.index(after: $0)...] } ?? type[...]
    return String(name.prefix { $0 != ":" })
  }

  /// A member that is nothing is a member that is not sent.
  private func withoutNulls(_ value: Value) -> Value {
    switch value {
    case .array(let items): return .array(items.map(withoutNulls))
    case .object(let object):
      var kept = Value.Object()
      for (name, value) in object.members where value != .null { kept[name] = withoutNulls(value) }
      return .object(kept)
    default: return value
    }
  }
}
