// ResourceLists: the live resources that completion offers, one list for each kind and session, kept for a minute. They
// come by the listings of the service and by nothing else, and whoever waits for them waits no longer than people do.
import AWSCore
import BackupGateway
import LuaRuntime

final class ResourceLists {
  /// What there is of the kinds that were asked for.
  struct Answer {
    var resources: [Resource] = []
    /// What the operator should know of it, in one line.
    var note: String?
  }

  /// Sends a request, or says why it may not be sent.
  typealias Send = (
    _ request: Request, _ session: Session, _ completion: @escaping (Result<Response, CallError>) -> Void
  ) -> Result<CallID, CallError>

  private struct Key: Hashable {
    var session: ObjectIdentifier
    var kind: ResourceKind
  }

  /// A list, and the request that is under way for a newer one.
  private final class List {
    let source: ResourceSource
    // A session's place in memory is its key, so it stays.
    let session: Session
    var resources: [Resource] = []
    var hasMore = false
    /// When it was complete, by the loop's clock; nil while there is none.
    var fetched: Double?
    var isOutdated = false
    var problem: CallError?
    var call: CallID?

    init(_ source: ResourceSource, _ session: Session) {
      self.source = source
      self.session = session
    }
  }

  /// How long a list is new, and how long one waits for one, in seconds.
  static let lifetime = 60.0
  static let patience = 0.7
  /// The most that is asked for: pages, and the size of one.
  private static let mostPages = 5
  private static let pageSize: Int64 = 1_000

  /// How often a list was there and new, so that nothing had to be asked.
  private(set) var hits = 0
  private let loop: EventLoop
  private let send: Send
  private var lists: [Key: List] = [:]
  private weak var current: Session?

  init(loop: EventLoop, send: @escaping Send) {
    self.loop = loop
    self.send = send
  }

  /// What was written may have changed what there is: the lists are asked for again when they are wanted.
  func expire() { lists.values.forEach { $0.isOutdated = true } }

  /// The resources of some kinds. Waits for the service as long as an operator has patience, or until Ctrl-C.
  /// - Parameter session: whose they are.
  /// - Parameter current: the session at the prompt; when it is another than before, nothing is remembered.
  /// - Returns: nil after Ctrl-C.
  func resources(of kinds: [ResourceKind], in session: Session, current: Session) -> Answer? {
    if current !== self.current {
      for list in lists.values { cancel(list) }
      lists = [:]
      self.current = current
    }
    let wanted = kinds.compactMap { list($0, session) }
    let begun = loop.monotonicSeconds
    hits += wanted.count { isNew($0) }
    for list in wanted where !isNew(list) && list.call == nil { fetch(list, token: nil, pages: 0, found: []) }
    while wanted.contains(where: { $0.call != nil }) {
      let left = begun + Self.patience - loop.monotonicSeconds
      guard left > 0 else { break }
      loop.turn(longest: left)
      guard LuaVM.takeSignals() == 0 else {
        for list in wanted { cancel(list) }
        return nil
      }
    }
    return Answer(resources: wanted.flatMap(\.resources), note: note(wanted))
  }

  private func list(_ kind: ResourceKind, _ session: Session) -> List? {
    let key = Key(session: ObjectIdentifier(session), kind: kind)
    if let known = lists[key] { return known }
    guard let source = ResourceSource(kind) else { return nil }
    let list = List(source, session)
    lists[key] = list
    return list
  }

  private func isNew(_ list: List) -> Bool {
    guard let fetched = list.fetched, !list.isOutdated else { return false }
    return loop.monotonicSeconds - fetched < Self.lifetime
  }

  private func cancel(_ list: List) {
    if let call = list.call { list.session.door.cancel(call) }
    list.call = nil
  }

  // MARK: Asking

  private func fetch(_ list: List, token: String?, pages: Int, found: [Resource]) {
    var parameters: Value.Object = ["MaxResults": .integer(Self.pageSize)]
    parameters["NextToken"] = token.map(Value.string)
    list.problem = nil
    guard let request = try? Request(list.source.operation, parameters) else { return }
    let begun = send(request, list.session) { [weak self, weak list] result in
      guard let self, let list else { return }
      list.call = nil
      switch result {
      case .failure(let error): list.problem = error
      case .success(let response):
        let page = (try? JSON.decode(response.body)) ?? .null
        let all = found + list.source.resources(page, at: loop.now)
        let next = page["NextToken"]?.string
        if let next, next != token, pages + 1 < Self.mostPages {
          return fetch(list, token: next, pages: pages + 1, found: all)
        }
        list.resources = all
        list.hasMore = next != nil
        list.fetched = loop.monotonicSeconds
        list.isOutdated = false
      }
    }
    switch begun {
    case .success(let call): list.call = call
    case .failure(let error): list.problem = error
    }
  }

  // MARK: Notes

  private func note(_ lists: [List]) -> String? {
    let patience = "\(Int(Self.patience * 1_000)) ms"
    var notes: [String] = []
    let late = lists.filter { $0.call != nil }
    if let first = late.first {
      let ages = late.compactMap(\.fetched)
      if let oldest = ages.min(), ages.count == late.count {
        let age = Age.text(loop.monotonicSeconds - oldest)
        notes.append("cached \(age) ago; the service did not answer in \(patience)")
      } else {
        notes.append(
          "\(first.source.operation.name): the service did not answer in \(patience); Tab asks again")
      }
    }
    for list in lists {
      if let problem = list.problem {
        // Its first sentence says what happened; what to do is said when the call itself is made.
        let end = problem.message.firstRange(of: ". ")?.lowerBound ?? problem.message.endIndex
        let text = "\(list.source.operation.name): \(problem.code): \(problem.message[..<end])"
        notes.append(Visible.line(text))
      }
      if list.hasMore {
        notes.append("the first \(list.resources.count) \(list.source.noun); there are more")
      }
    }
    return notes.isEmpty ? nil : "(\(notes.joined(separator: "; ")))"
  }
}
