// Fault: an error that the service answers with, whatever the wire protocol.
import BackupGateway

struct Fault: Error, Equatable {
  enum Origin {
    /// Declared in the service's model.
    case service
    /// Raised by the framework around every AWS service: routing, signatures, decoding.
    case framework
  }

  let origin: Origin
  /// The shape's name, as `ResourceNotFoundException`.
  let name: String
  let message: String

  /// The shape id that clients read.
  var shapeID: String {
    origin == .service ? "\(Service.namespace)#\(name)" : "com.amazon.coral.service#\(name)"
  }

  static func validation(_ message: String) -> Fault {
    Fault(origin: .service, name: "ValidationException", message: message)
  }

  static func notFound(_ kind: ResourceKind, _ arn: String) -> Fault {
    Fault(
      origin: .service, name: "ResourceNotFoundException",
      message: "The \(kind.noun) \(arn) does not exist in this account and region.")
  }

  static func conflict(_ message: String) -> Fault {
    Fault(origin: .service, name: "ConflictException", message: message)
  }

  static func accessDenied(_ message: String) -> Fault {
    Fault(origin: .service, name: "AccessDeniedException", message: message)
  }

  static func internalFailure(_ message: String) -> Fault {
    Fault(origin: .service, name: "InternalServerException", message: message)
  }

  static let expiredToken = framework(
    "ExpiredTokenException", "The security token included in the request is expired")

  static func framework(_ name: String, _ message: String) -> Fault {
    Fault(origin: .framework, name: name, message: message)
  }
}
