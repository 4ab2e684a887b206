// Reads what people call a resource, for a question about it. The host asks, not the code: no permission is needed.
import AWSCore
import BackupGateway

extension EventLoop {
  /// Seconds that the operator waits for a name.
  private static let patience = 5.0

  /// The name that people gave a resource; nil when it has none, or it is not told in time.
  /// - Parameter isEnded: true when nobody wants to know any more.
  public func name(of arn: Arn, in session: Session, isEnded: () -> Bool) -> String? {
    guard let name = ResourceName(arn.kind), let member = name.operation.resource,
      let request = try? Request(name.operation, [member.name: .string(arn.description)])
    else { return nil }
    var result: Result<Response, CallError>?
    var isLate = false
    let timer = after(Self.patience) { isLate = true }
    let call = session.door.start(request) { result = $0 }
    while result == nil, !isLate, !isEnded() { turn() }
    cancel(timer)
    guard case .success(let response)? = result else {
      if result == nil { session.door.cancel(call) }
      return nil
    }
    session.learn(from: response, to: name.operation)
    guard let answer = try? JSON.decode(response.body) else { return nil }
    return name.path.reduce(answer) { $0?[$1] }?.string
  }
}
