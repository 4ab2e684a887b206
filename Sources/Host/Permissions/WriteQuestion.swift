// WriteQuestion: what the operator is asked before code writes, and the answers there are.
import AWSCore
import BackupGateway

public struct WriteQuestion: Sendable {
  /// The code that asks, as `./rename.lua`.
  public let author: String
  /// AWS's name of the operation; of a list what it is for.
  public let operation: String
  /// How many requests the question is about when it is about a list of them; nil for one request.
  public let count: Int?
  /// What the request is about: the ARNs it names, or where it names none, the names; each with its member.
  public let targets: [(member: String, value: String)]
  /// What one request says besides, as Lua on one line, however long, secrets masked; empty for a list of requests.
  public let parameters: String
  /// Whom the request goes to: profile, region, account, endpoint, as far as they are known.
  public let session: [(name: String, value: String)]
  /// The whole request as Lua, secrets masked.
  public let fullText: String
  /// Whether it goes to production.
  public internal(set) var production = Production.Answer.no
  /// What the operator must type for a yes; nil where a letter is enough.
  public internal(set) var nameToType: String?
  /// The operator typed it.
  public let isTyped: Bool

  init(_ request: Request, session: Session, author: Author) {
    self.author = author.name
    isTyped = author.kind == .typed
    operation = request.operation.name
    count = nil
    let arns = request.arns.map { (member: $0.member, value: $0.arn) }
    targets = arns.isEmpty ? Self.names(request) : arns
    parameters = RequestText.parameters(request, besides: targets.map(\.member))
    self.session = Self.rows(session)
    fullText = RequestText.lua(request)
  }

  /// A list of requests, which is shown whole where the operator asks for it.
  init(_ changes: [PermissionGate.Change], titled title: String, author: Author) {
    self.author = author.name
    isTyped = author.kind == .typed
    operation = title
    count = changes.count
    var sessions: [Session] = []
    for change in changes where !sessions.contains(where: { $0 === change.session }) {
      sessions.append(change.session)
    }
    let lines = changes.enumerated().map { index, change in
      // Whose it is stands in each line where not all are of one.
      let place = sessions.count > 1 ? "\(change.session.name): " : ""
      return (member: String(index + 1), value: place + RequestText.line(change.request))
    }
    targets = lines
    parameters = ""
    session =
      sessions.count == 1 ? Self.rows(sessions[0]) : [("sessions", Self.names(sessions))]
    fullText = lines.map { "\($0.member)  \($0.value)" }.joined(separator: "\n")
  }

  private static func rows(_ session: Session) -> [(name: String, value: String)] {
    let facts = session.facts
    // The session's name has the account, once it is known.
    let account = facts.account == nil ? [("account", "not known yet")] : []
    return [("session", session.name)] + account + [("endpoint", facts.endpoint ?? "not known yet")]
  }

  /// So many sessions of a list are named.
  private static let mostNamed = 4

  private static func names(_ sessions: [Session]) -> String {
    let left = sessions.count - mostNamed
    let named = sessions.prefix(mostNamed).map(\.name).joined(separator: ", ")
    return left > 0 ? "\(named) and \(left) more" : named
  }

  /// So many changes of a list are told where nobody has to be asked.
  private static let mostTold = 15

  /// The list as it is told there.
  var listing: String {
    let total = count.map { $0 == 1 ? "1 change" : "\($0) changes" } ?? ""
    return (["\(operation): \(total)"] + lines(first: min(targets.count, Self.mostTold)).map { "  \($0)" })
      .joined(separator: "\n")
  }

  /// The first changes of a list, and how many there are besides.
  public func lines(first count: Int) -> [String] {
    let left = targets.count - count
    return targets.prefix(count).map { "\($0.member)  \($0.value)" }
      + (left > 0 ? ["…  and \(left) more"] : [])
  }

  /// Texts of a request without ARNs that say what it makes.
  private static func names(_ request: Request) -> [(member: String, value: String)] {
    request.operation.input.members.compactMap { member in
      guard !member.shape.isSensitive, let text = request.parameters[member.name]?.string else { return nil }
      return (member.name, text)
    }
  }
}

/// What the operator says to it.
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
