// SessionFunctions: what sessions.lua builds `session`, `connect`, `use` and `fleet` from.
import AWSCore
import BackupGateway
import LuaRuntime

extension Console {
  func defineSessions(_ define: Define) {
    define("current_session") { [unowned self] call throws(LuaRaise) in
      push(session, on: call.stack)
      return .results(1)
    }
    define("session_field") { [unowned self] call throws(LuaRaise) in
      let session = try session(at: 1, call)
      return call.returning(try field(call.stack.string(at: 2) ?? "", of: session))
    }
    define("session_explain") { [unowned self] call throws(LuaRaise) in
      LuaVM.write(try session(at: 1, call).explanation + "\n")
      return .results(0)
    }
    define("whoami") { [unowned self] call throws(LuaRaise) in
      try whoami(session(at: 1, call))
    }
    define("use") { [unowned self] call throws(LuaRaise) in
      session = try session(at: 1, call)
      return .results(0)
    }
    if sessions?.canConnect == true {
      define("connect") { [unowned self] call throws(LuaRaise) in
        let wish = try wish(call.stack.value(at: 1), from: call.stack.string(at: 2) ?? "connect")
        push(
          try open { (source) throws(CallError) in try source.open(wish, beside: session) }, on: call.stack)
        return .results(1)
      }
    }
    define("fleet") { [unowned self] call throws(LuaRaise) in
      let wish = try fleetWish(call.stack.value(at: 1))
      let targets = try open { (source) throws(CallError) in
        guard let wish else { return try source.operatorTargets(beside: session) }
        return try source.targets(wish, beside: session)
      }
      push(try ofThisPart(targets), on: call.stack)
      return .results(1)
    }
    define("await_open") { [unowned self] call throws(LuaRaise) in
      guard let handle = call.stack.handle(at: 1), let pending = calls.removeValue(forKey: handle) else {
        return .results(0)
      }
      return try waitUnlessClosed(for: pending)
    }
    define("set_target") { call throws(LuaRaise) in
      call.stack.setTarget()
      return .results(0)
    }
    define("left_out") { call throws(LuaRaise) in
      LuaVM.write("moongate: \(call.stack.string(at: 1) ?? "")\n", toStandardError: true)
      return .results(0)
    }
  }

  // MARK: Handles

  /// The session of a handle.
  func session(at index: Int32, _ call: borrowing LuaCall) throws(LuaRaise) -> Session {
    guard let session = call.stack.handle(at: index).flatMap({ openSessions[$0] }) else {
      throw LuaRaise.refused("this is no session")
    }
    return session
  }

  private func push(_ session: Session, on stack: LuaStack) {
    let handle = newHandle()
    openSessions[handle] = session
    stack.push(handle: handle)
  }

  /// A list of `{ name =, session = }`, or `{ name =, error = }`.
  private func push(_ targets: [FleetTarget], on stack: LuaStack) {
    stack.pushTable()
    for (index, target) in targets.enumerated() {
      stack.push(.table(LuaTable(fields: [("name", .string(target.name))])))
      switch target.session {
      case .success(let session):
        push(session, on: stack)
        stack.setField("session")
      case .failure(let error):
        stack.push(error: LuaRaise(error))
        stack.setField("error")
      }
      stack.setItem(Int64(index + 1))
    }
  }

  // MARK: Reading sessions

  static let sessionFields = ["profile", "region", "account", "endpoint", "name", "dry_run", "last"]

  private func field(_ name: String, of session: Session) throws(LuaRaise) -> LuaValue {
    let facts = session.facts
    func text(_ value: String?) -> LuaValue { value.map(LuaValue.string) ?? .nil }
    switch name {
    case "profile": return text(facts.profile)
    case "region": return text(facts.region)
    case "account": return text(facts.account)
    case "endpoint": return text(facts.endpoint)
    case "name": return text(session.name)
    case "dry_run": return .boolean(gate?.permissions.isDryRun ?? surroundings.isDryRun)
    case "last": return session.lastCall.map { .table(LuaTable($0)) } ?? .nil
    default:
      let names = Self.sessionFields + ["explain", "whoami"] + Service.operations.map(\.luaName)
      let hint =
        nearest(to: name, in: names).map { "did you mean \($0)?" }
        ?? "it has \(listed(Self.sessionFields)), explain(), whoami() and every operation"
      throw LuaRaise.refused("a session has no \(quoted(name)); \(hint)")
    }
  }

  private func whoami(_ session: Session) throws(LuaRaise) -> LuaVM.Outcome {
    guard let identify = session.identify else {
      throw LuaRaise.refused(
        "there is no STS to ask here; session.account is \(session.facts.account ?? "not known")",
        code: "NotAllowed", operation: "GetCallerIdentity")
    }
    var result: Result<CallerIdentity, CallError>?
    var isWanted = true
    let parked = ParkedOperation(cancel: { isWanted = false }) { call throws(LuaRaise) in
      switch result {
      case .failure(let error): throw LuaRaise(error)
      case nil: throw LuaRaise(text: "interrupted")
      case .success(let caller):
        let fields = [("Account", caller.account), ("Arn", caller.arn), ("UserId", caller.userID)]
        return call.returning(.table(LuaTable(fields: fields.map { ($0, .string($1)) })))
      }
    }
    identify { [weak session] found in
      guard isWanted else { return }
      result = found
      if case .success(let caller) = found { session?.remember(account: caller.account) }
      parked.complete()
    }
    return .wait(for: parked)
  }

  // MARK: Opening sessions

  private func open<Opened>(
    _ body: (any SessionSource) throws(CallError) -> Opened
  ) throws(LuaRaise) -> Opened {
    guard let sessions else { throw LuaRaise.refused("there is only one session here", code: "NotAllowed") }
    do throws(CallError) { return try body(sessions) } catch { throw LuaRaise(error) }
  }

  /// - Parameter source: who says so, for messages.
  private func wish(_ argument: LuaValue, from source: String) throws(LuaRaise) -> SessionWish {
    let fields = try Self.fields(
      argument, of: "connect", ["profile", "region", "endpoint", "role_arn"],
      example: "connect{ region = \"eu-central-1\" }")
    func setting(_ name: String) throws(LuaRaise) -> SessionWish.Setting? {
      guard let value = fields[name] else { return nil }
      guard let text = value.string, !text.isEmpty else {
        throw LuaRaise.refused("connect: \(name) must be a text, not \(Self.described(value))")
      }
      return .init(text, from: source)
    }
    let wish = SessionWish(
      profile: try setting("profile"), region: try setting("region"), endpoint: try setting("endpoint"),
      role: try setting("role_arn"))
    if let endpoint = wish.endpoint { try checkEndpoint(endpoint.value) }
    return wish
  }

  /// Whoever chooses the host of signed requests chooses who gets them: that is for the operator alone.
  private func checkEndpoint(_ url: String) throws(LuaRaise) {
    // What is no URL is refused by name when the session is opened.
    guard let endpoint = URLParts(url), !grants.allows(endpoint: endpoint) else { return }
    throw LuaRaise.refused(
      "connect: the endpoint \(quoted(url)) is not granted; start moongate with --grant endpoint=\(endpoint)",
      code: "NotAllowed")
  }

  /// Nil for the targets that the operator named.
  private func fleetWish(_ argument: LuaValue) throws(LuaRaise) -> FleetWish? {
    if case .nil = argument { return nil }
    guard sessions?.canConnect == true else {
      throw LuaRaise.refused(
        "a snippet's fleet() takes no argument: the operator names its targets with --profiles and --regions",
        code: "NotAllowed")
    }
    let fields = try Self.fields(
      argument, of: "fleet", ["profiles", "regions"],
      example: "fleet{ profiles = { \"dev\", \"prod\" }, regions = \"all\" }")
    guard !fields.isEmpty else { throw LuaRaise.refused("fleet{} names no profiles and no regions") }
    var wish = FleetWish(from: "fleet")
    wish.profiles = try fields["profiles"].map { (value) throws(LuaRaise) in
      try Self.names(value, "profiles")
    }
    if let regions = fields["regions"] {
      wish.regions = regions.string == "all" ? .all : .named(try Self.names(regions, "regions"))
    }
    return wish
  }

  /// The fields of a table of options.
  private static func fields(
    _ argument: LuaValue, of function: String, _ known: [String], example: String
  ) throws(LuaRaise) -> [String: LuaValue] {
    guard case .table(let table) = argument, table.items.isEmpty, !table.hasOtherKeys else {
      throw LuaRaise.refused("\(function) takes a table with names, as in \(example)")
    }
    for (name, _) in table.fields where !known.contains(name) {
      let hint = nearest(to: name, in: known).map { "did you mean \($0)?" } ?? "it takes \(listed(known))"
      throw LuaRaise.refused("\(function): there is no \(quoted(name)); \(hint)")
    }
    return Dictionary(table.fields.map { ($0.name, $0.value) }) { first, _ in first }
  }

  private static func names(_ value: LuaValue, _ what: String) throws(LuaRaise) -> [String] {
    let words = what == "regions" ? "a list of regions, or \"all\"" : "a list of profiles"
    guard case .table(let list) = value, list.fields.isEmpty, !list.items.isEmpty else {
      throw LuaRaise.refused("fleet: \(what) must be \(words), not \(described(value))")
    }
    var names: [String] = []
    for item in list.items {
      guard let name = item.string, !name.isEmpty else {
        throw LuaRaise.refused("fleet: \(what) must be \(words); there is \(described(item)) in it")
      }
      guard !names.contains(name) else {
        throw LuaRaise.refused("fleet: \(quoted(name)) is twice in \(what); its items would come twice")
      }
      names.append(name)
    }
    return names
  }

  private static func described(_ value: LuaValue) -> String {
    switch value {
    case .nil: "nil"
    case .string(let text): text.isEmpty ? "an empty text" : quoted(text)
    case .table(let table): table.items.isEmpty && table.fields.isEmpty ? "an empty table" : "a table"
    default: "a \(value.typeName)"
    }
  }
}

extension LuaTable {
  /// As `session.last` shows a call.
  init(_ call: CallMetadata) {
    self.init(fields: [
      ("operation", .string(call.operation)), ("attempts", .integer(Int64(call.attempts))),
      ("seconds", .number(call.seconds)),
    ])
    if let id = call.requestID { fields.append(("request_id", .string(id))) }
    if let status = call.httpStatus { fields.append(("http_status", .integer(Int64(status)))) }
    if let code = call.code { fields.append(("code", .string(code))) }
  }
}
