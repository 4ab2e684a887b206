// AwsJson10: the wire protocol awsJson1_0 (Smithy, "AWS JSON 1.0 protocol"), from the server's side. It knows
// bytes and headers; what an operation does is not its business.
import AWSCore
import BackupGateway

enum AwsJson10 {
  static let contentType = "application/x-amz-json-1.0"

  /// The operation that a request names. Throws UnknownOperationException for anything that is not this
  /// protocol.
  static func operation(of request: HTTPRequest) throws(Fault) -> String {
    // Parameters such as charset are allowed after the media type.
    let type = request.headers["Content-Type"]?.split(separator: ";").first.map { trimmed($0).lowercased() }
    guard type == contentType else {
      throw unknown("Content-Type must be \(contentType), the only protocol that this server speaks.")
    }
    guard let target = request.headers["X-Amz-Target"] else {
      throw unknown("X-Amz-Target is missing; it must be \(Service.targetPrefix).OPERATION.")
    }
    let prefix = Service.targetPrefix + "."
    guard target.hasPrefix(prefix) else {
      throw unknown("X-Amz-Target must be \(prefix)OPERATION, got '\(target.prefix(200))'.")
    }
    return String(target.dropFirst(prefix.count))
  }

  /// The members of the request. Throws SerializationException when the body is not a JSON object; an empty
  /// body is an empty object.
  static func input(of request: HTTPRequest) throws(Fault) -> Value {
    guard !request.body.isEmpty else { return .object([:]) }
    let value: Value
    do {
      value = try JSON.decode(request.body)
    } catch {
      throw .framework("SerializationException", "The body is not JSON: \(error).")
    }
    guard value.object != nil else {
      throw .framework("SerializationException", "The body must be a JSON object, got \(value.typeName).")
    }
    return value
  }

  static func response(_ output: Value.Object) -> HTTPResponse {
    HTTPResponse(status: 200, headers: ["Content-Type": contentType], body: JSON.encode(.object(output)))
  }

  static func response(_ fault: Fault) -> HTTPResponse {
    var body: Value.Object = ["__type": .string(fault.shapeID)]
    if fault.origin == .service { body["ErrorCode"] = .string(Rules.errorCode(of: fault)) }
    body[Rules.messageMember(of: fault)] = .string(fault.message)
    return HTTPResponse(
      status: Rules.jsonStatus(of: fault), headers: ["Content-Type": contentType],
      body: JSON.encode(.object(body)))
  }

  private static func unknown(_ message: String) -> Fault { .framework("UnknownOperationException", message) }
}
