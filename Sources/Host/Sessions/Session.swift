// Session: whom the operations of a script talk to: one profile, account and region, behind one door.
import AWSCore
import BackupGateway

public final class Session {
  /// Asks whose keys the session signs with.
  public typealias Identify = (_ completion: @escaping (Result<CallerIdentity, CallError>) -> Void) -> Void

  /// Where its requests go out. What code asks for comes here only by a permission gate.
  public let door: any ServiceDoor
  /// What it was told to be.
  let wish: SessionWish
  /// Nil where there is nobody to ask.
  let identify: Identify?
  /// Of the latest call that ended.
  private(set) var lastCall: CallMetadata?
  private let ownLabel: String?
  /// The account that an answer has told.
  private var learnedAccount: String?

  /// - Parameter label: what stands for the profile in names, as `local`.
  public init(
    label: String? = nil, wish: SessionWish = SessionWish(), door: any ServiceDoor, identify: Identify? = nil
  ) {
    ownLabel = label
    self.wish = wish
    self.door = door
    self.identify = identify
  }

  public var facts: SessionFacts {
    var facts = door.facts
    facts.account = facts.account ?? learnedAccount
    return facts
  }

  /// `profile/region`, for the prompt.
  public var place: String { place(door.facts) }

  /// `profile/region/account`, as far as the account is known: what a question about writing names.
  public var name: String {
    let facts = facts
    return ([place(facts)] + [facts.account].compactMap(\.self)).joined(separator: "/")
  }

  /// What names begin with: the profile, or what stands for it.
  public var label: String { ownLabel ?? door.facts.profile }

  private func place(_ facts: SessionFacts) -> String {
    "\(ownLabel ?? facts.profile)/\(facts.region ?? "no region")"
  }

  /// Each setting, its value and where it came from, a line each.
  var explanation: String {
    let rows = facts.rows
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      row.name + String(repeating: " ", count: width - row.name.count + 2) + row.value
        + "  (from \(row.source))"
    }.joined(separator: "\n")
  }

  /// True when an error says that this place is closed to the session or is not there, rather than that something is
  /// broken. A host without an address is broken where the service is known to be.
  func isClosed(_ error: CallError) -> Bool {
    switch error.closure {
    case .denied, .profileUnknown: true
    case .hostUnknown: facts.region.map { !Service.regions.contains($0) } ?? false
    case nil: false
    }
  }

  // MARK: What calls tell

  func remember(_ call: CallMetadata) { lastCall = call }

  func remember(account: String) { learnedAccount = account }

  /// Learns the account from the first ARN of the service in an answer. Other ARNs, as those of keys and roles, and
  /// what people write into names and tags, may be of any account.
  func learn(from response: Response, to operation: Operation) {
    guard learnedAccount == nil, facts.account == nil else { return }
    let names = Self.resourceMembers(of: operation.output)
    learnedAccount = JSON.first(names, in: response.body) { Arn($0)?.account }
  }

  /// The members that name a resource of the service, at any depth.
  private static func resourceMembers(of shape: Shape) -> Set<String> {
    switch shape.kind {
    case .structure(let members):
      members.reduce(into: []) { names, member in
        if !member.shape.resources.isEmpty { names.insert(member.name) }
        names.formUnion(resourceMembers(of: member.shape))
      }
    case .list(let item): resourceMembers(of: item)
    default: []
    }
  }
}

/// What is known of a call besides its answer.
struct CallMetadata: Sendable {
  var operation: String
  var requestID: String?
  var httpStatus: Int?
  var attempts: Int
  /// From its start to its end.
  var seconds: Double
  /// The error's, when it failed.
  var code: String?
}
