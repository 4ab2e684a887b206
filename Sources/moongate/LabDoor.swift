// LabDoor: what `gateway_lab` asks for, carried to the control endpoint of a local gateway.
import AWSCore
import BackupGateway
import Host
import LocalGateway

final class LabDoor: ServiceDoor {
  private let access: ControlAccess
  private let transport: any Transport

  init(_ access: ControlAccess, _ transport: any Transport) {
    self.access = access
    self.transport = transport
  }

  var facts: SessionFacts {
    SessionFacts(profile: "control", region: nil, account: nil, endpoint: access.address)
  }

  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID {
    var limits = TransferLimits()
    limits.usesProxy = false
    let operation = request.operation
    let transfer = transport.start(
      access.request(operation, body: JSON.encode(document: request.parameters)),
      limits: limits
    ) { result in
      completion(
        result.mapError { Self.error("Network", .network, $0.message, operation) }
          .flatMap { Self.response($0, operation) })
    }
    return CallID(number: transfer.number)
  }

  func cancel(_ id: CallID) { transport.cancel(TransferID(id.number)) }

  private static func response(_ answer: HTTPResponse, _ operation: Operation) -> Result<Response, CallError>
  {
    guard let members = (try? JSON.decode(answer.body))?.object else {
      return .failure(error("Network", .network, "the control endpoint did not answer in JSON", operation))
    }
    guard answer.status == 200 else {
      let problem = members["error"]?.string ?? "the control endpoint refused it (HTTP \(answer.status))"
      return .failure(error("ParamValidation", .parameters, problem, operation))
    }
    return .success(Response(body: JSON.encode(.object(timed(members, operation.output)))))
  }

  /// For people the endpoint writes times as text; a script gets timestamps.
  private static func timed(_ members: Value.Object, _ shape: Shape) -> Value.Object {
    var members = members
    for member in shape.members {
      guard case .timestamp = member.shape.kind, let text = members[member.name]?.string else { continue }
      members[member.name] = Timestamp(iso8601: text).map(Value.timestamp) ?? .string(text)
    }
    return members
  }

  private static func error(
    _ code: String, _ category: CallError.Category, _ message: String, _ operation: Operation
  ) -> CallError {
    CallError(category, code: code, message: "\(operation.luaName): \(message)")
  }
}
