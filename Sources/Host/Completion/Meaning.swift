// Meaning: what is known of an expression without running it: from the model, from the text that is being typed, or as the
// name of a value that can be looked at.
import BackupGateway

/// What an expression gives.
enum Meaning {
  /// What such a path of the universe leads to.
  case value([PathStep])
  /// A value of the service, as the model describes it.
  case shape(Shape)
  /// A listing, by what its items are; nil where that is not known.
  case listing(of: Shape?)
  /// An array, by what its items are.
  case array(of: Shape?)
  case text
  case unknown

  /// What `[i]` and a loop give of it.
  var item: Meaning {
    switch self {
    case .shape(let shape): shape.item.map(Meaning.shape) ?? .unknown
    case .listing(let item?), .array(let item?): .shape(item)
    default: .unknown
    }
  }

  /// What a method of a listing gives.
  func calling(_ method: String) -> Meaning {
    guard case .listing(let item) = self else { return .unknown }
    switch method {
    case "filter", "take", "sort": return self
    case "map": return .listing(of: nil)
    case "first", "find": return self.item
    case "collect": return .array(of: item)
    default: return .unknown
    }
  }
}

/// A step on the way to a value.
enum PathStep: Equatable {
  case name(String)
  case index(Int64)
}

extension Operation {
  /// What a script is given.
  var meaning: Meaning {
    switch result {
    case .response: .shape(output)
    case .member(let name): output.member(name).map { .shape($0.shape) } ?? .unknown
    case .listing(let items): .listing(of: output.member(items)?.shape.item)
    }
  }
}

/// Understands the expressions of a text.
struct Meanings {
  let text: TypedText
  /// What is known of a value of the universe; `value` where nothing is.
  let look: ([PathStep]) -> Meaning
  /// True where a name is the operator's own, and hides one of the host's.
  let isOwn: (String) -> Bool
  /// The operations of `gateway_lab`.
  let lab: [Operation]

  /// Names that lead to names that lead to names: no further than that.
  private static let deepest = 8

  /// What an expression that ends with a token gives.
  func meaning(endingAt last: Int, depth: Int = 0) -> Meaning {
    guard depth < Self.deepest, let start = text.expressionStart(endingAt: last) else { return .unknown }
    return read(from: start, to: last + 1, depth).meaning
  }

  /// The operation that such an expression names; nil for everything else.
  func operation(endingAt last: Int, depth: Int = 0) -> Operation? {
    guard let name = text.name(last), let start = text.expressionStart(endingAt: last) else { return nil }
    if start == last {
      return isOwn(name) || binding(of: name, before: last, depth) != nil
        ? nil : Service.operation(luaNamed: name)
    }
    if text.name(start) == "gateway_lab", start == last - 2 {
      return lab.first { $0.luaName == "gateway_lab.\(name)" }
    }
    return text.symbol(last - 1) == "." ? Service.operation(luaNamed: name) : nil
  }

  /// Reads an expression to its end, or to a limit.
  private func read(from start: Int, to limit: Int, _ depth: Int) -> (meaning: Meaning, end: Int) {
    var index = start + 1
    var meaning = Meaning.unknown
    if let name = text.name(start) {
      meaning = binding(of: name, before: start, depth) ?? .value([.name(name)])
    } else if text.tokens[start].kind == .string {
      meaning = .text
    } else if text.symbol(start) == "(" {
      index = text.closer(of: start) + 1
      meaning = self.meaning(endingAt: index - 2, depth: depth + 1)
    }
    while index < limit {
      if text.isAccess(index), let name = text.name(index + 1) {
        if text.symbol(index) == ":" {
          if case .value(let path) = meaning { meaning = look(path) }
          meaning = meaning.calling(name)
          index = skipArguments(index + 2)
        } else {
          meaning = member(name, of: meaning)
          index += 2
        }
      } else if text.symbol(index) == "[" {
        let closer = text.closer(of: index)
        meaning = item(meaning, between: index + 1, and: closer)
        index = closer + 1
      } else if ["(", "{"].contains(text.symbol(index)) || text.tokens[index].kind == .string {
        meaning = call(index, depth)
        index = skipArguments(index)
      } else {
        break
      }
    }
    return (meaning, index)
  }

  private func skipArguments(_ index: Int) -> Int {
    guard let symbol = text.symbol(index) else { return index + 1 }
    return symbol == "(" || symbol == "{" ? text.closer(of: index) + 1 : index
  }

  private func call(_ index: Int, _ depth: Int) -> Meaning {
    if let operation = operation(endingAt: index - 1, depth: depth) { return operation.meaning }
    return text.name(index - 1) == "items" && !text.isAccess(index - 2) ? .listing(of: nil) : .unknown
  }

  private func member(_ name: String, of meaning: Meaning) -> Meaning {
    switch meaning {
    case .value(let path): .value(path + [.name(name)])
    case .shape(let shape): shape.member(name).map { .shape($0.shape) } ?? .unknown
    default: .unknown
    }
  }

  private func item(_ meaning: Meaning, between first: Int, and last: Int) -> Meaning {
    guard case .value(let path) = meaning else { return meaning.item }
    guard last == first + 1 else { return .unknown }
    if let number = Int64(text.tokens[first].text) { return .value(path + [.index(number)]) }
    return text.string(first).map { .value(path + [.name($0)]) } ?? .unknown
  }

  // MARK: Names of the text

  /// What the text itself says of a name: what it was set to last, or what a loop or a function gives it.
  private func binding(of name: String, before last: Int, _ depth: Int = 0) -> Meaning? {
    guard depth < Self.deepest else { return nil }
    for index in stride(from: min(last, text.tokens.count) - 1, through: 0, by: -1) {
      guard text.name(index) == name, !text.isAccess(index - 1) else { continue }
      if text.isAssignment(index + 1) {
        guard !isMember(index) else { continue }
        let start = index + 2
        guard start < last else { return nil }
        return read(from: start, to: last, depth + 1).meaning
      }
      if let meaning = loop(index, before: last, depth) ?? parameter(index, depth) { return meaning }
    }
    return nil
  }

  /// True for the `Name` of `{ Name = …`.
  private func isMember(_ index: Int) -> Bool {
    guard let before = text.symbol(index - 1) else { return false }
    return before == "{" || before == "," || before == ";"
  }

  /// `for NAME in listing do`, and `for _, NAME in ipairs(array) do`.
  private func loop(_ index: Int, before last: Int, _ depth: Int) -> Meaning? {
    guard text.isKeyword("in", at: index + 1), index + 2 < last else { return nil }
    if text.isKeyword("for", at: index - 1) {
      let source = read(from: index + 2, to: last, depth + 1).meaning
      if case .value(let path) = source { return look(path).item }
      return source.item
    }
    guard text.symbol(index - 1) == ",", ["ipairs", "pairs"].contains(text.name(index + 2)),
      text.symbol(index + 3) == "("
    else { return nil }
    let array = meaning(endingAt: text.closer(of: index + 3) - 1, depth: depth + 1)
    if case .value(let path) = array { return look(path).item }
    return array.item
  }

  /// `listing:filter(function(NAME)`.
  private func parameter(_ index: Int, _ depth: Int) -> Meaning? {
    guard text.symbol(index - 1) == "(", text.isKeyword("function", at: index - 2) else { return nil }
    guard text.symbol(index - 3) == "(", text.name(index - 4) != nil, text.symbol(index - 5) == ":",
      text.isAccess(index - 5)
    else { return .unknown }
    let listing = meaning(endingAt: index - 6, depth: depth + 1)
    if case .value(let path) = listing { return look(path).item }
    return listing.item
  }

  /// The names that the text declares before the cursor, as far as one can see.
  var declared: Set<String> {
    var names: Set<String> = []
    for index in text.tokens.indices {
      guard let name = text.name(index), !text.isAccess(index - 1) else { continue }
      if text.isAssignment(index + 1), !isMember(index) || text.frames.isEmpty { names.insert(name) }
      if text.isKeyword("in", at: index + 1) || text.isKeyword("local", at: index - 1)
        || text.isKeyword("for", at: index - 1) || text.isKeyword("function", at: index - 1)
      {
        names.insert(name)
      }
      if text.symbol(index - 1) == "(",
        text.isKeyword("function", at: index - 2) || text.isKeyword("function", at: index - 3)
      {
        var parameter = index
        while let name = text.name(parameter) {
          names.insert(name)
          guard text.symbol(parameter + 1) == "," else { break }
          parameter += 2
        }
      }
    }
    return names
  }
}

extension Service {
  /// An operation by its name in Lua.
  static func operation(luaNamed name: String) -> Operation? { operations.first { $0.luaName == name } }
}
