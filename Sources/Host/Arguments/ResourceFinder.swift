// ResourceFinder: the ARN of what a person calls a resource: its ARN, its id, or its name where only one has that name. Each
// kind is listed at most once, by the host for its operator; no permission of the script's is needed.
import AWSCore
import BackupGateway

public final class ResourceFinder {
  private let session: Session
  private let loop: EventLoop
  private let isInterrupted: () -> Bool
  private var lists: [ResourceKind: [Resource]] = [:]

  private static let pageSize: Int64 = 1_000

  public init(session: Session, loop: EventLoop, isInterrupted: @escaping () -> Bool) {
    self.session = session
    self.loop = loop
    self.isInterrupted = isInterrupted
  }

  /// Looks at the text alone.
  /// - Throws: a report for an ARN of another kind, or one that cannot be read.
  public static func check(_ text: String, _ kind: ResourceKind, option: String) throws(Report) {
    guard text.hasPrefix("arn:") else { return }
    guard let arn = Arn(text) else {
      throw refused("\(option): \(quoted(text)) is not an ARN of this service")
    }
    guard arn.kind == kind else {
      throw refused("\(option) takes a \(kind.noun), and \(quoted(text)) is the ARN of a \(arn.kind.noun)")
    }
  }

  /// - Parameter option: what the text was given for, for messages.
  /// - Throws: a report with exit code 252 when nothing or more than one thing is meant, else that of the listing.
  public func arn(of text: String, _ kind: ResourceKind, option: String) throws(Report) -> String {
    try Self.check(text, kind, option: option)
    if text.hasPrefix("arn:") { return text }
    let all = try resources(kind)
    if let known = all.first(where: { $0.arn.id == text }) { return known.arn.description }
    let named = all.filter { $0.name == Visible.line(text) }
    if named.count == 1 { return named[0].arn.description }
    if named.count > 1 {
      let shown = named.prefix(5).map { "\n  \($0.arn)" }.joined() + (named.count > 5 ? "\n  …" : "")
      throw Self.refused(
        "\(option): \(named.count) \(kind.noun)s are named \(quoted(text)); give the ARN of one:\(shown)")
    }
    let near = Self.near(text, all)
    let other = near.isEmpty ? self.other(than: kind, text) : nil
    let owner = other.map { "; that is the \($0.isName ? "name" : "id") of a \($0.kind.noun)" }
    // Who has no near one at all is told what there is.
    let shown = near.isEmpty ? Array(all.prefix(5)) : near
    let hint =
      shown.isEmpty
      ? "; there is none at all"
      : "; there is" + shown.map { "\n  \($0.name)  \($0.arn.id)" }.joined()
        + (near.isEmpty && all.count > 5 ? "\n  and \(all.count - 5) more" : "")
    throw Self.refused("\(option): there is no \(kind.noun) \(quoted(text))\(owner ?? "")\(hint)")
  }

  /// The other kind that has something of that name or id. Who may not list it learns nothing of it, and machines are too
  /// many to be listed for a hint.
  private func other(than kind: ResourceKind, _ text: String) -> (kind: ResourceKind, isName: Bool)? {
    for other in [ResourceKind.gateway, .hypervisor] where other != kind {
      let all = (try? resources(other)) ?? []
      if all.contains(where: { $0.name == Visible.line(text) }) { return (other, true) }
      if all.contains(where: { $0.arn.id == text }) { return (other, false) }
    }
    return nil
  }

  private static func refused(_ message: String) -> Report {
    Report(message: message, exitCode: ExitCode.usage)
  }

  /// The few that were most likely meant.
  private static func near(_ text: String, _ all: [Resource]) -> [Resource] {
    let wanted = text.lowercased()
    var found = all.filter {
      $0.name.lowercased().contains(wanted) || $0.arn.id.lowercased().contains(wanted)
    }
    if let best = nearest(to: text, in: all.map(\.name)), !found.contains(where: { $0.name == best }) {
      found = all.filter { $0.name == best } + found
    }
    if found.isEmpty, let best = nearest(to: text, in: all.map(\.arn.id)) {
      found = all.filter { $0.arn.id == best }
    }
    return Array(found.prefix(5))
  }

  // MARK: Listing

  private func resources(_ kind: ResourceKind) throws(Report) -> [Resource] {
    if let known = lists[kind] { return known }
    var found: [Resource] = []
    var token: String?
    var seen: Set<String> = []
    guard let source = ResourceSource(kind) else { return [] }
    repeat {
      var parameters: Value.Object = ["MaxResults": .integer(Self.pageSize)]
      parameters["NextToken"] = token.map(Value.string)
      let page = try answer(to: source.operation, parameters)
      found += source.resources(page, at: loop.now)
      token = page["NextToken"]?.string
      // A service that sends a token twice would send it for ever.
      if let next = token, !seen.insert(next).inserted { token = nil }
    } while token != nil
    lists[kind] = found
    return found
  }

  private func answer(to operation: Operation, _ parameters: Value.Object) throws(Report) -> Value {
    let request: Request
    do throws(InvalidRequest) {
      request = try Request(operation, parameters)
    } catch {
      throw Self.refused(error.issues.map(\.message).joined(separator: "; "))
    }
    var result: Result<Response, CallError>?
    let call = session.door.start(request) { result = $0 }
    while result == nil {
      guard !isInterrupted() else {
        session.door.cancel(call)
        throw Report(message: "interrupted", exitCode: ExitCode.interrupted)
      }
      loop.turn()
    }
    switch result {
    case .success(let response):
      session.learn(from: response, to: operation)
      return (try? JSON.decode(response.body)) ?? .null
    case .failure(let error): throw Report(error)
    case nil: return .null
    }
  }
}

// MARK: Completion

extension ResourceFinder {
  /// What may stand for a resource that is being typed: its name, where it is the only one of that name and nothing stands
  /// there or a beginning of names, else its ARN; the other of the two beside it. Waits as long as people have patience.
  public static func completions(
    _ kind: ResourceKind, _ typed: String, in session: Session, loop: EventLoop
  ) -> [(text: String, detail: String)] {
    let lists = ResourceLists(loop: loop) { request, session, completion in
      .success(session.door.start(request, completion: completion))
    }
    return completions(typed, lists.resources(of: [kind], in: session, current: session)?.resources ?? [])
  }

  fileprivate static func completions(
    _ typed: String, _ all: [Resource]
  ) -> [(text: String, detail: String)] {
    let counts = Dictionary(all.map { ($0.name, 1) }, uniquingKeysWith: +)
    return all.map { resource in
      let arn = resource.arn.description
      let state = resource.state.isEmpty ? "" : "  \(resource.state)"
      if typed.hasPrefix("arn:") || resource.name.isEmpty || counts[resource.name] != 1
        || resource.name.hasPrefix("-")
      {
        return (arn, resource.name + state)
      }
      return resource.arn.id.hasPrefix(typed) && !typed.isEmpty
        ? (resource.arn.id, resource.name + state) : (resource.name, arn + state)
    }
  }
}

extension Console {
  /// The same at the prompt, from the lists that completion keeps for a while.
  public func resourceCompletions(_ kind: ResourceKind, _ typed: String) -> [(text: String, detail: String)] {
    let answer = resourceLists.resources(of: [kind], in: session, current: session)
    return ResourceFinder.completions(typed, answer?.resources ?? [])
  }
}
