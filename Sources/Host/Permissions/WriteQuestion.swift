// WriteQuestion: what the operator is asked before code writes, and the answers there are.
import AWSCore
import BackupGateway

public struct WriteQuestion: Sendable {
  /// The code that asks, as `./rename.lua`.
  public let author: String
  /// AWS's name of the operation.
  public let operation: String
  /// What the request is about: the ARNs it names, or where it names none, the names; each with its member.
  public let targets: [(member: String, value: String)]
  /// Whom the request goes to: profile, region, account, endpoint, as far as they are known.
  public let session: [(name: String, value: String)]
  /// The whole request as Lua, secrets masked.
  public let fullText: String

  init(_ request: Request, session: Session, author: Author) {
    self.author = author.name
    operation = request.operation.name
    let arns = request.arns.map { (member: $0.member, value: $0.arn) }
    targets = arns.isEmpty ? Self.names(request) : arns
    let facts = session.facts
    self.session = [
      ("session", session.name), ("account", facts.account ?? "not known yet"),
      ("endpoint", facts.endpoint ?? "not known yet"),
    ]
    fullText = RequestText.lua(request)
  }

  /// Texts of a request without ARNs that say what it makes.
  private static func names(_ request: Request) -> [(member: String, value: String)] {
    request.operation.input.members.compactMap { member in
      guard !member.shape.isSensitive, let text = request.parameters[member.name]?.string else { return nil }
      return (member.name, text)
    }
  }
}

public enum WriteAnswer: Sendable, Equatable {
  /// This one request.
  case this
  /// This one, and all further requests of the operation in this session until the run ends.
  case all
  case no
  /// The run ends.
  case quit
  /// Ctrl-C: the run is being ended already.
  case interrupted
}
