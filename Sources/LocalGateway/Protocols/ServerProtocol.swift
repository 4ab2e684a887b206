// ServerProtocol: the seam between bytes and operations. A wire protocol knows how a request names its
// operation and carries its members, and how answers and errors are written; what an operation does is not its
// business.
import AWSCore
import BackupGateway

protocol ServerProtocol: Sendable {
  /// True for requests that are in this protocol, well-formed or not: it gives the answer, in its own form.
  func claims(_ request: HTTPRequest) -> Bool
  /// The operation that a request names. Throws UnknownOperationException when it names none.
  func operation(of request: HTTPRequest) throws(Fault) -> String
  /// The document that a request carries; without a body an empty object. Throws SerializationException when
  /// the body cannot be read.
  func document(of request: HTTPRequest) throws(Fault) -> Value
  /// What an operation writes its rows into while it reads them; nil in a protocol that has their values first.
  func page() -> JSONPage?
  /// The answer of an operation that succeeded. `page`, if there is one, holds the rows that `output` lacks.
  func response(_ output: Value.Object, with page: JSONPage?) -> HTTPResponse
  /// The answer of one that failed, with this protocol's status.
  func response(_ fault: Fault) -> HTTPResponse
}

extension ServerProtocol {
  /// The answer of an operation that succeeded, with all its members.
  func response(_ output: Value.Object) -> HTTPResponse { response(output, with: nil) }

  /// The members of a request as the operation gets them: of the model's types and within its constraints.
  /// Throws SerializationException for a wrong type, ValidationException for a broken constraint.
  func input(of request: HTTPRequest, as shape: Shape) throws(Fault) -> Value {
    let document = try document(of: request)
    guard document.object != nil else {
      throw Rules.unreadable("The body must be an object, got \(document.typeName).")
    }
    let input = try Deserialization.value(document, as: shape)
    let issues = Validate.issues(input, as: shape)
    guard issues.isEmpty else { throw Rules.invalid(issues) }
    return input
  }

  /// The members of an error, whatever they are encoded in.
  func members(of fault: Fault) -> Value.Object {
    var members: Value.Object = ["__type": .string(fault.shapeID)]
    if fault.origin == .service { members["ErrorCode"] = .string(Rules.errorCode(of: fault)) }
    members[Rules.messageMember(of: fault)] = .string(fault.message)
    return members
  }
}

/// Every protocol that this server speaks.
enum ServerProtocols {
  static let all: [any ServerProtocol] = [RpcV2Cbor(), AwsJson10()]
}

extension HTTPRequest {
  /// True for a body of this type, which is in lower case. Clients write it without parameters nearly always.
  func hasMediaType(_ type: String) -> Bool {
    headers["Content-Type"].map { HTTPHeaders.areSameName($0, type) } == true || mediaType == type
  }

  /// The media type of the body in lower case, without parameters such as charset; nil when none is named.
  var mediaType: String? {
    headers["Content-Type"].map {
      trimmed(Substring($0.utf8.prefix { $0 != UInt8(ascii: ";") })).lowercased()
    }
  }
}
