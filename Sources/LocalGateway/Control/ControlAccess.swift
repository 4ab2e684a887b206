// ControlAccess: what somebody needs who controls a local gateway, and what can be controlled.
import AWSCore
import BackupGateway

/// Where a local gateway is controlled, and the token that this takes.
public struct ControlAccess: Sendable, Equatable {
  public var endpoint: URLParts
  public var token: String

  public init(endpoint: URLParts, token: String) {
    self.endpoint = endpoint
    self.token = token
  }

  /// `http://127.0.0.1:N`.
  public var address: String { "\(endpoint.scheme)://\(endpoint.hostHeader)" }

  /// Everything that can be controlled, described as the service's operations are; the name is the path.
  public static let operations: [Operation] = ControlRoute.all.map(\.operation)

  /// The request for one of them.
  public func request(_ operation: Operation, body: [UInt8]) -> HTTPRequest {
    var url = endpoint
    url.path = "/\(operation.name)"
    var request = HTTPRequest(
      method: "POST", url: url,
      headers: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"], body: body)
    request.mayRepeat = false
    return request
  }
}
