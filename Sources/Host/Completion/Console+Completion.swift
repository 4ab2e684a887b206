// Completion: what may stand at the cursor of a line that is typed at this console. It runs none of the operator's code
// and sends nothing but a listing.
import AWSCore
import BackupGateway
import LuaRuntime

extension Console {
  /// What may stand at a byte of a text. It may ask the service for its resources, for `ResourceLists.patience` at most,
  /// and gives nothing after Ctrl-C.
  public func candidates(for source: String, at offset: Int) -> Candidates {
    prelude.loadAll()
    let text = TypedText(Array(source.utf8), at: offset)
    let meanings = meanings(of: text)
    let range = text.wordStart..<max(text.wordStart, min(offset, source.utf8.count))
    switch WantedReader(meanings).wanted {
    case .nothing: return .none
    case .name:
      var found = Candidates(range: range, items: names(text, meanings))
      found.takeAnything = text.word.isEmpty
      return found
    case .member(let last, let isMethod):
      return Candidates(range: range, items: members(of: meanings.meaning(endingAt: last), isMethod))
    case .parameter(let parameters):
      let assigns = text.rest.first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "=") ? "" : " = "
      let members = ParameterText.sorted(parameters.open)
      let items = zip(members, ParameterText.details(members)).map {
        Candidates.Item($0.name + assigns, label: $0.name, detail: $1)
      }
      return Candidates(range: range, items: items)
    case .operation:
      let quotes = Quotes(text)
      let items = Service.operations.map {
        Candidates.Item(quotes.around($0.name), label: $0.name, detail: $0.summary)
      }
      return Candidates(range: range, items: items.sorted { $0.label < $1.label })
    case .value(let shape, let callee): return values(shape, callee, text, meanings, range)
    }
  }

  /// What is still to be written of the call that a text ends in; nil for nothing.
  public func parameterHint(for source: String) -> String? {
    guard source.utf8.contains(where: { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: "{") }) else {
      return nil
    }
    let bytes = Array(source.utf8)
    return ParameterHint(meanings(of: TypedText(bytes, at: bytes.count)), glyphs: glyphs).hint
  }

  /// How often completion had what it needed without asking the service.
  public var completionCacheHits: Int { resourceLists.hits }

  private var live: LiveValues { LiveValues(vm: vm, locals: prompt, shapes: records.shapes) }

  private func meanings(of text: TypedText) -> Meanings {
    let live = live
    return Meanings(
      text: text,
      look: { [self] path in
        live.look(at: path) { meaning(of: live.value($0), on: $0) } ?? .unknown
      },
      isOwn: { [prompt] in prompt.names.contains($0) || live.isSet(global: $0) }, lab: lab?.operations ?? [])
  }

  /// What is known of the value on top.
  private func meaning(of value: LiveValues.Value, on stack: LuaStack) -> Meaning {
    if let shape = value.shape { return .shape(shape) }
    if value.type == "string" { return .text }
    guard value.kind == "listing" else { return .unknown }
    // Only what the listing itself gives: a stage may have made something else of its items.
    var item: Shape?
    stack.push(prelude.host)
    stack.pushField("listing_items", of: -1)
    if stack.isTable(at: -1) {
      stack.pushCopy(of: -3)
      stack.pushRaw(of: -2)
      let name = stack.string(at: -1)
      item =
        Service.operations.lazy.compactMap { operation in
          if case .listing(let items) = operation.result, items == name {
            operation.output.member(items)?.shape.item
          } else {
            nil
          }
        }.first
      stack.pop()
    }
    stack.pop(2)
    return .listing(of: item)
  }

  // MARK: Names

  /// What is nearest first: of the text itself, of the prompt, of scripts, of the host, of Lua.
  private func names(_ text: TypedText, _ meanings: Meanings) -> [Candidates.Item] {
    var seen: Set<String> = []
    var items: [Candidates.Item] = []
    func add(_ name: String, _ detail: String) {
      if seen.insert(name).inserted { items.append(Candidates.Item(name, detail: detail)) }
    }
    for name in meanings.declared.sorted() where name != text.word { add(name, "in this text") }
    let live = live
    for name in prompt.names.sorted() {
      add(name, live.look(at: [.name(name)]) { described(live.value($0)) } ?? "nil")
    }
    let globals = live.globals.sorted { $0.name < $1.name }
    for field in globals where live.isSet(global: field.name) && !Self.isLuas(field.name) {
      add(field.name, described(field.value))
    }
    for field in globals { add(field.name, summary(of: field.name) ?? described(field.value)) }
    if !text.word.isEmpty { for keyword in LuaTokens.keywords.sorted() { add(keyword, "keyword") } }
    return items
  }

  /// Lua's own names stand among the globals, as those that scripts set do.
  private static func isLuas(_ name: String) -> Bool { luaNames.contains(name) }
  private static let luaNames: Set<String> = [
    "_G", "_VERSION", "arg", "assert", "collectgarbage", "coroutine", "debug", "dofile", "error",
    "getmetatable", "io",
    "ipairs", "load", "loadfile", "math", "next", "os", "package", "pairs", "pcall", "print", "rawequal",
    "rawget",
    "rawlen", "rawset", "require", "select", "setmetatable", "string", "table", "tonumber", "tostring",
    "type",
    "utf8", "warn", "xpcall",
  ]

  private func summary(of name: String) -> String? {
    Service.operation(luaNamed: name)?.summary ?? Help.entries.first { $0.name == name }?.summary
  }

  private func described(_ value: LiveValues.Value) -> String {
    value.shape?.name ?? value.kind ?? value.type
  }

  // MARK: Members

  private func members(of meaning: Meaning, _ isMethod: Bool) -> [Candidates.Item] {
    switch meaning {
    case .shape(let shape): return isMethod ? [] : members(of: shape)
    case .listing: return isMethod ? methods("listing") : []
    case .text: return isMethod ? members(at: [.name("string")], isMethod: true) : []
    case .value(let path): return members(at: path, isMethod: isMethod)
    case .array, .unknown: return []
    }
  }

  private func members(of shape: Shape) -> [Candidates.Item] {
    let details = Details(shape.members.map { [Help.type($0.shape), $0.summary] }).texts
    return zip(shape.members, details).map { Candidates.Item($0.name, detail: $1) }
  }

  private func members(at path: [PathStep], isMethod: Bool) -> [Candidates.Item] {
    let live = live
    return live.look(at: path) { stack in
      let value = live.value(stack)
      switch value.type {
      case "string": return isMethod ? members(at: [.name("string")], isMethod: true) : []
      case "timestamp": return isMethod ? methods("timestamp") : [Candidates.Item("epoch", detail: "number")]
      case "table": break
      default: return []
      }
      if let own = members(ofHostObject: value.kind, isMethod: isMethod) { return own }
      let fields = live.fields(stack).sorted { $0.name < $1.name }
      guard value.shape == nil || !isMethod else { return [] }
      let known = value.shape.map(members(of:)) ?? []
      let names = Set(known.map(\.text))
      // A table of functions is a library: a colon hands it over as an object, so only functions follow one.
      let own = fields.filter { !names.contains($0.name) && (!isMethod || $0.value.type == "function") }
      let isHosts = path.count == 1 && path[0] == .name("moongate")
      return known
        + own.map { field in
          Candidates.Item(
            field.name, detail: isHosts ? summary(of: field.name) ?? "" : described(field.value))
        }
    } ?? []
  }

  /// The members of what the host makes, whose tables are empty; nil for any other table.
  private func members(ofHostObject kind: String?, isMethod: Bool) -> [Candidates.Item]? {
    func operations(_ isWanted: (Operation) -> Bool) -> [Candidates.Item] {
      Service.operations.filter(isWanted).map { Candidates.Item($0.luaName, detail: $0.summary) }.sorted {
        $0.text < $1.text
      }
    }
    switch kind {
    case "listing", "task": return isMethod ? methods(kind ?? "") : []
    case "session":
      let facts = explained(Self.sessionFields + ["explain", "whoami"], "session.")
      return isMethod ? [] : facts + operations { _ in true }
    case "fleet": return methods("fleet") + (isMethod ? [] : operations(\.isListing))
    case "changes": return isMethod ? explained(["run"], "changes:") : operations { !$0.isReading }
    case "gateway_lab" where !isMethod:
      return (lab?.operations ?? []).map {
        Candidates.Item(String($0.luaName.split(separator: ".").last ?? ""), detail: $0.summary)
      }.sorted { $0.text < $1.text }
    case let library?:
      let functions = methods(library, isMethod ? ":" : ".")
      return functions.isEmpty ? nil : isMethod ? [] : functions
    case nil: return nil
    }
  }

  /// What the prelude lets be called of its objects.
  private func methods(_ kind: String, _ access: String = ":") -> [Candidates.Item] {
    let stack = vm.main
    guard stack.reserve(16) else { return [] }
    stack.push(prelude.host)
    stack.pushField("methods", of: -1)
    stack.pushField(kind, of: -1)
    defer { stack.pop(3) }
    return explained(live.fields(stack).map(\.name).sorted(), kind + access)
  }

  /// Names with what help says of them: how they are called, and what for.
  private func explained(_ names: [String], _ owner: String) -> [Candidates.Item] {
    let entries = names.map { Help.helper(named: owner + $0) }
    let details = Details(entries.map { [$0?.rest.map(String.init) ?? "", $0?.summary ?? ""] }).texts
    return zip(names, details).map { Candidates.Item($0, detail: ParameterText.plain($1, glyphs)) }
  }

  // MARK: Values

  private func values(
    _ shape: Shape, _ callee: Wanted.Callee?, _ text: TypedText, _ meanings: Meanings, _ range: Range<Int>
  ) -> Candidates {
    let quotes = Quotes(text)
    if !shape.values.isEmpty {
      let items = shape.values.map { Candidates.Item(quotes.around($0), label: $0) }
      return Candidates(range: range, items: items)
    }
    if !shape.resources.isEmpty, let callee {
      var found = resources(shape.resources, callee, meanings, quotes)
      found.range = range
      // Who writes a name there means a variable, unless no name goes on so.
      if text.place == .code, !text.word.isEmpty {
        let names = names(text, meanings).filter { $0.text.hasPrefix(text.word) }
        if !names.isEmpty { return Candidates(range: range, items: names) }
      }
      return found
    }
    guard text.place == .code else { return .none }
    if case .boolean = shape.kind {
      return Candidates(range: range, items: [Candidates.Item("true"), Candidates.Item("false")])
    }
    guard text.word.isEmpty else { return Candidates(range: range, items: names(text, meanings)) }
    return Candidates(range: range, items: [], note: ParameterText.constraint(shape))
  }

  private func resources(
    _ kinds: [ResourceKind], _ callee: Wanted.Callee, _ meanings: Meanings, _ quotes: Quotes
  ) -> Candidates {
    guard let session = session(of: callee, meanings),
      let answer = resourceLists.resources(of: kinds, in: session, current: self.session)
    else { return .none }
    let tails = answer.resources.map { "\($0.arn.kind.rawValue)/\($0.arn.id)" }
    let details = Details(zip(tails, answer.resources).map { [$0, $1.state] }).texts
    let items = zip(answer.resources, details).map { resource, detail in
      let label = resource.name.isEmpty ? resource.arn.id : resource.name
      return Candidates.Item(quotes.around(resource.arn.description), label: label, detail: detail)
    }
    var found = Candidates(range: 0..<0, items: items, note: answer.note)
    if items.isEmpty, answer.note == nil {
      found.note = "there are no \(listed(kinds.compactMap { ResourceSource($0)?.noun })) in \(session.place)"
    }
    found.areFoundAnywhere = true
    return found
  }

  /// Whose resources an operation means: of the session that stands before it, else of the current one.
  private func session(of callee: Wanted.Callee, _ meanings: Meanings) -> Session? {
    guard meanings.text.isAccess(callee.token - 1) else { return session }
    guard case .value(let path) = meanings.meaning(endingAt: callee.token - 2) else { return nil }
    let live = live
    let found: Session?? = live.look(at: path) { stack in
      guard live.value(stack).kind == "session" else { return session }
      stack.push(prelude.host)
      stack.pushField("session_handles", of: -1)
      stack.pushCopy(of: -3)
      stack.pushRaw(of: -2)
      defer { stack.pop(3) }
      return stack.handle(at: -1).flatMap { openSessions[$0] }
    }
    return found ?? nil
  }
}

/// The quotes that a value still needs at its place.
private struct Quotes {
  private let before: String
  private let after: String

  init(_ text: TypedText) {
    guard case .string(_, let quote) = text.place else {
      before = "\""
      after = "\""
      return
    }
    before = ""
    guard let quote, text.rest.first != quote else {
      after = ""
      return
    }
    after = String(Unicode.Scalar(quote))
  }

  func around(_ text: String) -> String { before + text + after }
}
