// Wanted: what the place at the cursor takes: a name, a member of something, a parameter of an operation, or the value of
// one.
import BackupGateway

enum Wanted {
  case nothing
  case name
  /// A member of what an expression gives, which ends with that token; of a method, behind a colon.
  case member(endingAt: Int, isMethod: Bool)
  /// A member of a structure that is written, without those that stand there.
  case parameter(Parameters)
  /// An operation's name, as AWS spells it.
  case operation
  /// A value of that shape; for an operation of the session that stands before it, where one does.
  case value(Shape, of: Callee?)

  /// A table of parameters, or of a structure in them.
  struct Parameters {
    var shape: Shape
    /// Those that have a value already.
    var given: Set<String>
    var callee: Callee

    var open: [Member] { shape.members.filter { !given.contains($0.name) } }
  }

  /// An operation whose call is written.
  struct Callee {
    var operation: Operation
    /// The token that names it.
    var token: Int
  }
}

/// Finds out what a place takes.
struct WantedReader {
  let text: TypedText
  let meanings: Meanings

  init(_ meanings: Meanings) {
    self.meanings = meanings
    text = meanings.text
  }

  var wanted: Wanted {
    let end = text.tokens.count
    switch text.place {
    case .comment: return .nothing
    case .string: return value(at: end) ?? .nothing
    case .code:
      if text.isAccess(end - 1) {
        return .member(endingAt: end - 2, isMethod: text.symbol(end - 1) == ":")
      }
      // `..` and `::` take a name too; a number that is under way takes nothing.
      if let last = text.tokens.last, last.kind == .number, text.word.isEmpty,
        last.end == text.source.count
      {
        return .nothing
      }
      if let frame = text.frames.last, frame.bracket == "{", frame.itemStart == end,
        let parameters = parameters(of: text.frames.count - 1), parameters.shape.item == nil
      {
        return .parameter(parameters)
      }
      return value(at: end) ?? .name
    }
  }

  // MARK: Values

  /// What a value that begins at the end of the tokens may be; nil where nothing is known of it.
  private func value(at end: Int) -> Wanted? {
    guard end > 0 else { return nil }
    // `State == "`.
    if text.symbol(end - 1) == "=", text.symbol(end - 2) == "=" || text.symbol(end - 2) == "~",
      case .shape(let shape) = shape(of: meanings.meaning(endingAt: end - 3))
    {
      return .value(shape, of: nil)
    }
    // `get_gateway "`.
    if case .string = text.place, let callee = callee(endingAt: end - 1),
      let resource = callee.operation.resource
    {
      return .value(resource.shape, of: callee)
    }
    guard let frame = text.frames.last else { return nil }
    if frame.bracket == "(" {
      guard frame.itemStart == end else { return nil }
      if frame.item == 0, text.name(frame.index - 1) == "call", !text.isAccess(frame.index - 2) {
        return text.place == .code && !text.word.isEmpty ? nil : .operation
      }
      return argument(of: text.frames.count - 1).flatMap { callee in
        callee.operation.resource.map { .value($0.shape, of: callee) }
      }
    }
    guard frame.bracket == "{", let parameters = parameters(of: text.frames.count - 1) else { return nil }
    if let item = parameters.shape.item {
      return frame.itemStart == end ? .value(item, of: parameters.callee) : nil
    }
    guard frame.itemStart == end - 2, let name = text.name(end - 2), text.isAssignment(end - 1),
      let member = parameters.shape.member(name)
    else { return nil }
    return .value(member.shape, of: parameters.callee)
  }

  /// A live record's member, as the model describes it.
  private func shape(of meaning: Meaning) -> Meaning {
    guard case .value(let path) = meaning, path.count > 1, case .name(let name)? = path.last,
      case .shape(let record) = meanings.look(path.dropLast()), let member = record.member(name)
    else { return meaning }
    return .shape(member.shape)
  }

  // MARK: Calls

  private func callee(endingAt index: Int) -> Wanted.Callee? {
    meanings.operation(endingAt: index).map { Wanted.Callee(operation: $0, token: index) }
  }

  /// The operation whose resource the argument is that is written in a frame of `(`: its own first one, or one behind
  /// the operation itself, as in `missing_ok(get_gateway, `.
  private func argument(of frame: Int) -> Wanted.Callee? {
    let here = text.frames[frame]
    if here.item == 0 { return callee(endingAt: here.index - 1) }
    return passed(before: here)
  }

  private func passed(before frame: TypedText.Frame) -> Wanted.Callee? {
    guard text.symbol(frame.itemStart - 1) == ",", let callee = callee(endingAt: frame.itemStart - 2),
      let start = text.expressionStart(endingAt: callee.token),
      text.symbol(start - 1) == "," || start == frame.index + 1
    else { return nil }
    return callee
  }

  /// The operation whose call is written in a frame of `(` or `{`, whatever argument it is at.
  func callee(of frame: Int) -> Wanted.Callee? { callee(endingAt: text.frames[frame].index - 1) }

  /// What the table of a frame holds when it is an operation's parameters or a part of them.
  func parameters(of index: Int) -> Wanted.Parameters? {
    let frame = text.frames[index]
    guard var found = parameters(around: index) else { return nil }
    found.given.formUnion(written(in: frame))
    return found
  }

  /// No table of parameters has so many in each other; what is typed may have any number.
  private static let deepest = 8

  /// The same without what is written in the table.
  private func parameters(around index: Int, depth: Int = 0) -> Wanted.Parameters? {
    let frame = text.frames[index]
    guard frame.bracket == "{", depth < Self.deepest else { return nil }
    func all(_ callee: Wanted.Callee, without resource: Bool) -> Wanted.Parameters {
      let given = resource ? callee.operation.resource.map { Set([$0.name]) } : nil
      return Wanted.Parameters(shape: callee.operation.input, given: given ?? [], callee: callee)
    }
    // `get_gateway{`
    if let callee = callee(endingAt: frame.index - 1) { return all(callee, without: false) }
    guard index > 0 else { return nil }
    let outer = text.frames[index - 1]
    if outer.bracket == "(", outer.itemStart == frame.index {
      if let callee = callee(endingAt: outer.index - 1) {
        switch outer.item {
        case 0: return all(callee, without: false)
        case 1 where callee.operation.resource != nil: return all(callee, without: true)
        default: return nil
        }
      }
      // `call("GetGateway", {`, `pcall(get_gateway, {`
      if outer.item == 1, text.name(outer.index - 1) == "call",
        let operation = text.string(outer.index + 1).flatMap(Service.operation(named:))
      {
        let callee = Wanted.Callee(operation: operation, token: outer.index - 1)
        return all(callee, without: false)
      }
      return passed(before: outer).map { all($0, without: false) }
    }
    guard let parent = parameters(around: index - 1, depth: depth + 1) else { return nil }
    let shape: Shape?
    if let item = parent.shape.item {
      shape = outer.itemStart == frame.index ? item : nil
    } else if outer.itemStart == frame.index - 2, text.isAssignment(frame.index - 1),
      let name = text.name(frame.index - 2)
    {
      shape = parent.shape.member(name)?.shape
    } else {
      shape = nil
    }
    guard let shape, !shape.members.isEmpty || shape.item != nil else { return nil }
    return Wanted.Parameters(shape: shape, given: [], callee: parent.callee)
  }

  /// The members that have a value in a table, before the cursor and behind it.
  private func written(in frame: TypedText.Frame) -> Set<String> {
    var names: Set<String> = []
    var depth = 0
    for index in (frame.index + 1)..<max(frame.index + 1, text.tokens.count) {
      switch text.symbol(index) {
      case "{", "(", "[": depth += 1
      case "}", ")", "]": depth -= 1
      default:
        if depth == 0, let name = text.name(index), text.isAssignment(index + 1) { names.insert(name) }
      }
    }
    // Behind the cursor as far as the table goes.
    let rest = TypedText(text.rest, at: text.rest.count)
    depth = 0
    for index in rest.tokens.indices {
      switch rest.symbol(index) {
      case "{", "(", "[": depth += 1
      case "}", ")", "]":
        depth -= 1
        if depth < 0 { return names }
      default:
        if depth == 0, let name = rest.name(index), rest.isAssignment(index + 1) { names.insert(name) }
      }
    }
    return names
  }
}
