// AuditTrail: the lines that one run leaves in the audit log: its decisions, numbered, and what became of what was sent.
// docs/permissions.md tells their members.
import AWSCore
import BackupGateway

struct AuditTrail {
  /// What the lines of one run have in common; made with the first of them.
  private lazy var run = UUID.random()
  private var lastNumber = 0

  /// - Parameter decision: sent, withheld, declined, refused or quit.
  /// - Returns: the line, and its number in the run.
  mutating func decision(
    _ decision: String, because reason: String, _ request: Request, _ session: Session, _ author: Author
  ) -> (number: Int, line: Value.Object) {
    var (number, line) = begun(request.operation.name, session, author)
    line["arns"] = .array(request.arns.map { .string($0.arn) })
    line["decision"] = .string(decision)
    line["why"] = .string(reason)
    return (number, line)
  }

  /// A call that came to no request: its operation does not exist, or its parameters are none.
  mutating func invalid(
    _ operation: String, _ session: Session, _ author: Author
  ) -> (number: Int, line: Value.Object) {
    var (number, line) = begun(String(operation.prefix(100)), session, author)
    line["decision"] = "refused"
    line["why"] = "not a request of the service"
    return (number, line)
  }

  /// What became of a request that was sent.
  /// - Parameters:
  ///   - number: of the decision to send it.
  ///   - result: nil when nobody waited for its answer.
  mutating func outcome(
    of operation: String, number: Int, _ result: Result<Response, CallError>?
  ) -> Value.Object {
    var line = head("outcome", number)
    line["operation"] = .string(operation)
    switch result {
    case .success(let response):
      line["outcome"] = "ok"
      line["request_id"] = response.requestID.map(Value.string)
    case .failure(let error):
      line["outcome"] = .string(error.code)
      line["request_id"] = error.requestID.map(Value.string)
    case nil: line["outcome"] = "unknown"
    }
    return line
  }

  private mutating func begun(
    _ operation: String, _ session: Session, _ author: Author
  ) -> (number: Int, line: Value.Object) {
    lastNumber += 1
    var line = head("decision", lastNumber)
    line["author"] = .string(author.kind.rawValue)
    if author.kind != .typed { line["script"] = .string(author.name) }
    line["sha256"] = author.sha256.map(Value.string)
    let facts = session.facts
    line["session"] = .string(session.name)
    line["account"] = facts.account.map(Value.string)
    line["endpoint"] = facts.endpoint.map(Value.string)
    line["operation"] = .string(operation)
    return (lastNumber, line)
  }

  private mutating func head(_ event: Value, _ number: Int) -> Value.Object {
    [
      "time": .string(Timestamp.systemNow().iso8601), "run": .string(run), "call": .integer(Int64(number)),
      "event": event,
    ]
  }
}
