// PermissionGate: the one place that decides whether a request of code may be sent. Its order is the rule:
//
//   1. a header's @allow is the whole list, for reading too      refused: NotAllowed
//   2. reading is free                                           (in a dry run, a placeholder is read here)
//   3. --read-only                                               refused: ReadOnly
//   4. --dry-run                                                 withheld, with a response that is made up
//   5. --max-writes                                              refused: Limit
//   6. the operator's yes: typed, --allow, given before, asked   refused: NotAllowed, Declined; or the run ends
//
// What refuses comes first, so deny wins over allow. In production what was typed is asked about, and what cannot be
// brought back by the name of what it would take away.
import AWSCore
import BackupGateway
import LuaRuntime

/// Decides for one run: for the console's life, or for that of one snippet. It counts the writes and remembers the
/// operator's answers.
public final class PermissionGate {
  public enum Decision {
    case send(Pass)
    /// Not sent; the caller gets this response.
    case withhold(response: Value.Object)
    /// The operator ends the run; nothing may catch that.
    case quit
  }

  /// A write in a list of them, and whom it goes to.
  public struct Change {
    public let request: Request
    public let session: Session
  }

  /// About a list of writes.
  public enum ListDecision {
    /// Each of them may be sent, for this reason.
    case all(because: String)
    /// Each is decided for itself, without a question.
    case each
    case quit
  }

  /// A request that may be sent. Whoever sends it says what became of it.
  public struct Pass: Sendable {
    let operation: String
    /// Its number in the audit log; nil for reading, which is not in it.
    let number: Int?
  }

  /// As they are now: dot commands of the prompt change them.
  public internal(set) var permissions: Permissions
  /// As the command line has them.
  let initial: Permissions
  let audit: AuditLog?
  private var trail = AuditTrail()
  private var rehearsal = Rehearsal()
  private(set) var sent = 0
  private var withheld = 0
  /// What was sent before the line began that runs now.
  private var sentBefore = 0
  /// A write was asked for that the operator's no, or the bound that they set, kept from being sent; not told yet.
  private var hasStopped = false
  private var typed: Set<String> = []
  private(set) var given: [(operation: String, session: Session)] = []
  private var hasWarned = false

  /// Asks the operator, nil where nobody is there to answer. Everything else of the run stands still meanwhile.
  public var ask: ((WriteQuestion) -> WriteAnswer)?
  /// Reads the name that people gave a resource; nil when that cannot be told.
  public var readName: (Arn, Session) -> String? = { _, _ in nil }
  /// Tells the operator something, a line or more.
  public var tell: (String) -> Void = { Console.write($0 + "\n", toStandardError: true) }
  /// True when a dry run has withheld a write.
  public var hasWithheld: Bool { withheld > 0 }

  public init(_ permissions: Permissions, audit: AuditLog? = nil) {
    self.permissions = permissions
    initial = permissions
    self.audit = audit
  }

  /// A line that the operator typed: the operations that it names need no question while it runs, and not after it:
  /// who has read help(delete_gateway) has not said yes to a module that calls it.
  func noteTyped(_ line: String) {
    let words = line.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
    typed = Set(words.compactMap { Service.operation(named: String($0))?.name })
    sentBefore = sent
    hasStopped = false
  }

  /// - Parameter approved: why the operator's yes is there already, as after a question about a whole list.
  /// - Throws: a refusal: NotAllowed, Declined, ReadOnly or Limit, saying what to do.
  public func decide(
    _ request: Request, in session: Session, by author: Author, approved: String? = nil
  ) throws(LuaRaise) -> Decision {
    let operation = request.operation
    if let list = author.operations, !list.contains(operation.name) {
      throw refusal(
        "NotAllowed",
        list.isEmpty && author.kind == .snippet
          ? "shared code calls what its header allows, and this has no @allow"
          : Self.notListed(operation, author), request, session, author)
    }
    if operation.isReading {
      if permissions.isDryRun, let arn = Rehearsal.placeholder(in: request) {
        return .withhold(response: Rehearsal.response(to: request, reading: arn))
      }
      return .send(Pass(operation: operation.name, number: nil))
    }
    if permissions.isReadOnly {
      throw refusal("ReadOnly", "this writes, and \(readOnlyReason)", request, session, author)
    }
    if permissions.isDryRun { return try withhold(request, session, author) }
    if let most = permissions.mostWrites, sent >= most {
      throw refusal(
        "Limit",
        "\(most == 1 ? "1 write is" : "\(most) writes are") all that --max-writes lets this run send",
        request, session, author)
    }
    guard let reason = try yes(to: request, session, author, approved) else { return .quit }
    let number = try record("sent", because: reason, request, session, author)
    sent += 1
    return .send(Pass(operation: operation.name, number: number))
  }

  /// A header is its author's to change.
  private static func notListed(_ operation: Operation, _ author: Author) -> String {
    "the header of \(author.name) does not allow it; its @allow is the whole list"
      + (author.kind == .snippet ? "" : ": add \(operation.name) to it")
  }

  /// A list of writes that are to be sent together: the operator is asked once, about all of them. Each is decided once
  /// more when it is sent; what would be refused then is refused here, before the first.
  /// - Throws: a refusal, as `decide` does.
  public func decide(
    _ changes: [Change], titled title: String, by author: Author
  ) throws(LuaRaise) -> ListDecision {
    guard let first = changes.first, !permissions.isDryRun else { return .each }
    func refusal(_ code: String, _ message: String, _ change: Change) -> LuaRaise {
      self.refusal(code, message, change.request, change.session, author)
    }
    if let foreign = changes.first(where: {
      author.operations?.contains($0.request.operation.name) == false
    }) {
      throw refusal(
        "NotAllowed", Self.notListed(foreign.request.operation, author), foreign)
    }
    if permissions.isReadOnly {
      throw refusal("ReadOnly", "this writes, and \(readOnlyReason)", first)
    }
    if let most = permissions.mostWrites, sent + changes.count > most {
      throw refusal(
        "Limit", "the list has \(changes.count) writes, and --max-writes leaves \(most - sent) of them", first
      )
    }
    // What was typed is asked about all the same: to see the whole before it happens is what a list is for.
    let open = changes.first { change in
      if case .allowed = permissions.allowance(change.request) { return false }
      return !given.contains {
        $0.operation == change.request.operation.name && $0.session === change.session
      }
    }
    var question = WriteQuestion(changes, titled: title, author: author)
    let answers = changes.map { permissions.production.includes($0.session) }
    question.production = answers.contains(.yes) ? .yes : answers.contains(.perhaps) ? .perhaps : .no
    guard let open else {
      tell(question.listing)
      return .each
    }
    guard let ask else {
      throw refusal(
        "NotAllowed", advice(permissions.allowance(open.request), open.request.operation.name), open)
    }
    let name = "the list \(quoted(title))"
    switch ask(question) {
    case .this, .all: return .all(because: "the operator's yes to \(name)")
    case .no:
      hasStopped = true
      for change in changes {
        _ = try record(
          "declined", because: "the operator said no to \(name)", change.request, change.session, author)
      }
      throw LuaRaise.refused("the operator said no to \(name); nothing was sent", code: "Declined")
    case .quit:
      hasStopped = true
      _ = try record("quit", because: "the operator ended the run", first.request, first.session, author)
      return .quit
    case .interrupted:
      hasStopped = true
      _ = try record("refused", because: "interrupted", first.request, first.session, author)
      throw LuaRaise(text: "interrupted")
    }
  }

  /// What became of a request that was sent; nil when nobody waited for its answer.
  public func ended(_ pass: Pass, _ result: Result<Response, CallError>?) {
    guard let number = pass.number else { return }
    try? append(trail.outcome(of: pass.operation, number: number, result))
  }

  /// A call of code with a header that came to no request: an operation that does not exist, parameters that are none
  /// of its own. It is refused already; here it is only written down.
  public func noteInvalid(_ operation: String, in session: Session, by author: Author) {
    guard author.operations != nil else { return }
    try? append(trail.invalid(operation, session, author).line)
  }

  /// What the operator is told at the end of a run: how many writes a dry run withheld, or what `takeStop` says of one
  /// that failed; nil for other runs.
  public func summary(exitCode: Int32) -> String? {
    if hasWithheld { return "dry run: \(writes(withheld)) not sent" }
    return exitCode == ExitCode.ok ? nil : takeStop()
  }

  /// What the operator is told, once, when they, or the bound that they set, ended a run or a typed line: how many
  /// writes it had sent; nil for other ends.
  func takeStop() -> String? {
    guard hasStopped else { return nil }
    hasStopped = false
    let count = sent - sentBefore
    return "moongate: \(count == 0 ? "no write was" : writes(count)) sent before"
  }

  private func writes(_ count: Int) -> String { count == 1 ? "1 write was" : "\(count) writes were" }

  // MARK: The operator's yes

  /// Why the operator's yes is there; nil when the run is to end.
  private func yes(
    to request: Request, _ session: Session, _ author: Author, _ approved: String?
  ) throws(LuaRaise) -> String? {
    let name = request.operation.name
    let production = permissions.production.includes(session)
    // What would be gone for good there is asked about by itself, whatever was said of others.
    let isByName = production != .no && request.operation.isDestructive
    if let approved, !isByName { return approved }
    let isTyped = author.kind == .typed && typed.contains(name)
    if isTyped, production == .no { return "typed at the prompt" }
    let allowance = permissions.allowance(request)
    if case .allowed(let rule) = allowance { return "--allow \(rule)" }
    if !isByName, given.contains(where: { $0.operation == name && $0.session === session }) {
      return "the operator's yes to all further calls"
    }
    guard let ask else {
      let advice =
        isTyped
        ? "this session is production, and there is no terminal to ask on; start moongate with --allow \(name)"
        : advice(allowance, name)
      throw refusal("NotAllowed", advice, request, session, author)
    }
    let typedName = isByName ? nameToType(request, session) : nil
    // Reading the name may have told the account, and that this is no production after all.
    let known = permissions.production.includes(session)
    if production != .no, known == .no { return try yes(to: request, session, author, approved) }
    var question = WriteQuestion(request, session: session, author: author)
    question.production = known
    question.nameToType = typedName
    switch ask(question) {
    case .this: return "the operator's yes"
    case .all:
      given.append((name, session))
      return "the operator's yes to all further calls"
    case .no: throw refusal("Declined", "the operator said no", request, session, author)
    case .quit:
      hasStopped = true
      _ = try record("quit", because: "the operator ended the run", request, session, author)
      return nil
    case .interrupted:
      hasStopped = true
      _ = try record("refused", because: "interrupted", request, session, author)
      throw LuaRaise(text: "interrupted")
    }
  }

  /// What is to be typed before a resource is taken away: its name, or its id where it has no name that can be typed.
  private func nameToType(_ request: Request, _ session: Session) -> String {
    guard let arn = request.arns.lazy.compactMap({ Arn($0.arn) }).first else { return request.operation.name }
    guard let name = readName(arn, session), !name.isEmpty, trimmed(name) == name,
      !name.unicodeScalars.contains(where: \.isHidden)
    else { return arn.id }
    return name
  }

  private func advice(_ allowance: Permissions.Allowance, _ name: String) -> String {
    switch allowance {
    case .otherTargets(let arn?): "--allow \(name) is given for other targets than \(arn)"
    case .otherTargets(nil):
      "--allow \(name) is given for ARNs that a pattern matches, and this request names none"
    default: "a script may read, and write only what it is allowed to; start it with --allow \(name)"
    }
  }

  // MARK: Refusals

  /// Why nothing is written.
  private var readOnlyReason: String {
    initial.isReadOnly ? "moongate was started with --read-only" : "read-only was turned on; .read-only off"
  }

  // MARK: Dry run

  private func withhold(
    _ request: Request, _ session: Session, _ author: Author
  ) throws(LuaRaise) -> Decision {
    _ = try record(
      "withheld", because: initial.isDryRun ? "--dry-run" : ".dry-run on", request, session, author)
    withheld += 1
    let facts = session.facts
    // Lua with comments, so that all of it can be run.
    tell(
      """
      dry run, not sent (\(session.name)): \(RequestText.lua(request))
        -- \(request.operation.name) at \(facts.endpoint ?? "an endpoint not known yet"), region \
      \(facts.region ?? "not known yet"), account \(facts.account ?? "not known yet")
        -- \(RequestText.json(request))
      """)
    return .withhold(response: rehearsal.response(to: request, facts))
  }

  // MARK: Audit

  private func refusal(
    _ code: String, _ message: String, _ request: Request, _ session: Session, _ author: Author
  ) -> LuaRaise {
    if code == "Declined" || code == "Limit" { hasStopped = true }
    // A refusal stands, written down or not.
    _ = try? record(
      code == "Declined" ? "declined" : "refused", because: message, request, session, author)
    return LuaRaise.refused(message, code: code, operation: request.operation.name)
  }

  /// Writes a decision down and returns its number.
  /// - Throws: a refusal, when it cannot be written down and the code is somebody else's.
  private func record(
    _ decision: String, because reason: String, _ request: Request, _ session: Session, _ author: Author
  ) throws(LuaRaise) -> Int {
    let (number, line) = trail.decision(decision, because: reason, request, session, author)
    do throws(AuditLog.Problem) {
      try append(line)
    } catch {
      guard author.kind == .snippet else { return number }
      throw LuaRaise.refused(
        "the audit log cannot be written (\(error.message)), and shared code writes nothing without it",
        code: "NotAllowed", operation: request.operation.name)
    }
    return number
  }

  /// - Throws: what is wrong with the log, after telling the operator of it once.
  private func append(_ line: Value.Object) throws(AuditLog.Problem) {
    guard let audit else { return }
    do throws(AuditLog.Problem) {
      try audit.append(line)
    } catch {
      if !hasWarned {
        hasWarned = true
        tell("moongate: the audit log cannot be written: \(error.message)")
      }
      throw error
    }
  }
}
