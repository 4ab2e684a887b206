// Statements.

extension LuaParser {
  mutating func statement() throws(SyntaxError) -> Statement {
    let opener = token
    let kind = try statementKind(opener)
    return Statement(kind: kind, range: opener.range.lowerBound..<max(lastEnd, opener.range.upperBound))
  }

  private mutating func statementKind(_ opener: LuaToken) throws(SyntaxError) -> Statement.Kind {
    switch opener.kind {
    case .semicolon:
      advance()
      return .other
    case .if: return try ifStatement(opener)
    case .while:
      advance()
      let condition = try expression()
      try expect(.do)
      let block = scopedBlock(isLoop: true)
      try expect(.endWord, closing: opener)
      return .while(condition, block)
    case .do:
      advance()
      let block = scopedBlock()
      try expect(.endWord, closing: opener)
      return .do(block)
    case .for: return try forStatement(opener)
    case .repeat:
      advance()
      scopes.enterBlock(isLoop: true)
      scopes.enterBlock()
      let block = block()
      try expect(.until, closing: opener)
      // The condition sees the locals of the block.
      let condition = try expression()
      scopes.leaveBlock()
      scopes.leaveBlock()
      return .repeat(block, condition)
    case .function: return try functionStatement(opener)
    case .local:
      advance()
      return kind == .function ? try localFunction() : try localStatement()
    case .label:
      advance()
      return try label()
    case .return:
      advance()
      var values: [Expression] = []
      if !kind.endsBlock, kind != .semicolon { values = try expressions() }
      _ = accept(.semicolon)
      return .return(values)
    case .break:
      advance()
      scopes.breakLoop(at: opener.range)
      return .other
    case .goto:
      advance()
      let (text, range) = try name()
      scopes.jump(to: text, at: range)
      return .other
    default: return try expressionStatement()
    }
  }

  private mutating func ifStatement(_ opener: LuaToken) throws(SyntaxError) -> Statement.Kind {
    var clauses: [(condition: Expression, block: Block)] = []
    repeat {
      advance()
      let condition = try expression()
      try expect(.then)
      clauses.append((condition, scopedBlock()))
    } while kind == .elseif
    let last = accept(.else) ? scopedBlock() : nil
    try expect(.endWord, closing: opener)
    return .if(clauses, last)
  }

  private mutating func forStatement(_ opener: LuaToken) throws(SyntaxError) -> Statement.Kind {
    advance()
    scopes.enterBlock(isLoop: true)
    let first = try name()
    var names = [first]
    switch kind {
    case .assign:
      advance()
      var bounds = [try expression()]
      try expect(.comma)
      bounds.append(try expression())
      if accept(.comma) { bounds.append(try expression()) }
      let (variables, block) = try loop(names, hidden: 3, opener)
      return .count(variables[0], bounds, block)
    case .comma, .in:
      while accept(.comma) { names.append(try name()) }
      try expect(.in)
      let values = try expressions()
      let (variables, block) = try loop(names, hidden: 4, opener)
      return .for(variables, values, block)
    default: throw refusal("'=' or 'in' is expected before \(here)")
    }
  }

  /// The rest of a loop, in which its variables live.
  private mutating func loop(
    _ names: [(text: String, range: Range<Int>)], hidden: Int, _ opener: LuaToken
  ) throws(SyntaxError) -> ([Name], Block) {
    try expect(.do)
    scopes.declareHidden(hidden, at: opener.range)
    scopes.enterBlock()
    let variables = names.map { scopes.add($0.text, .loop, $0.range) }
    scopes.declare(variables)
    let block = block()
    scopes.leaveBlock()
    try expect(.endWord, closing: opener)
    scopes.leaveBlock()
    return (zip(names, variables).map { Name(text: $0.text, range: $0.range, variable: $1) }, block)
  }

  private mutating func functionStatement(_ opener: LuaToken) throws(SyntaxError) -> Statement.Kind {
    advance()
    let (text, range) = try name()
    let base = Name(text: text, range: range, variable: scopes.resolve(text, at: range))
    var steps: [Step] = []
    var isMethod = false
    while !isMethod, kind == .dot || kind == .colon {
      isMethod = kind == .colon
      advance()
      let (field, place) = try name()
      steps.append(Step(kind: .field(field), range: place))
    }
    let first = Expression(kind: .name(base), range: range)
    let target =
      steps.isEmpty ? first : Expression(kind: .chain(first, steps), range: range.lowerBound..<lastEnd)
    if steps.isEmpty { scopes.assign(base, isFunction: true) }
    noteField(target)
    return .function(target, try functionBody(opener, isMethod: isMethod))
  }

  private mutating func localFunction() throws(SyntaxError) -> Statement.Kind {
    let opener = token
    advance()
    let (text, range) = try name()
    let variable = scopes.add(text, .function, range)
    scopes.declare([variable])
    return .localFunction(Name(text: text, range: range, variable: variable), try functionBody(opener))
  }

  private mutating func localStatement() throws(SyntaxError) -> Statement.Kind {
    var names: [Name] = []
    var closes = 0
    repeat {
      let (text, range) = try name()
      let variable = scopes.add(text, .local, range)
      names.append(Name(text: text, range: range, variable: variable))
      guard accept(.less) else { continue }
      let (attribute, place) = try name()
      switch attribute {
      case "const": scopes.makeConstant(variable)
      case "close":
        scopes.makeConstant(variable, isClosed: true)
        closes += 1
        if closes > 1 { throw refusal("one local of a list can be <close>", at: place) }
      default: throw refusal("a local is <const> or <close>, not <\(attribute)>", at: place)
      }
      try expect(.greater)
    } while accept(.comma)
    let values = accept(.assign) ? try expressions() : []
    let variables = names.compactMap(\.variable)
    if names.count > 1 { scopes.group(variables) }
    scopes.declare(variables)
    return .local(names, values)
  }

  private mutating func label() throws(SyntaxError) -> Statement.Kind {
    let (text, range) = try name()
    try expect(.label)
    // Other labels and semicolons behind it do nothing, so that it may still be the last of its block.
    while isLabelNext {
      _ = try deeper { (parser) throws(SyntaxError) in try parser.statement() }
    }
    scopes.label(text, at: range, isLast: isAtEndOfBlock)
    return .other
  }

  private mutating func expressionStatement() throws(SyntaxError) -> Statement.Kind {
    let first = try suffixed()
    guard kind == .assign || kind == .comma else {
      guard first.isCall else {
        let isAlone = first.range.upperBound == lastEnd
        throw SyntaxError(
          range: isAlone ? first.range : token.range,
          message: first.isAssignable
            ? "this does nothing by itself: a statement is a call or an assignment, and '=' is expected before \(here)"
            : "this is no statement: a statement is a call or an assignment")
      }
      return .call(first)
    }
    var targets = [first]
    try targets.append(contentsOf: moreTargets())
    for target in targets where !target.isAssignable {
      throw SyntaxError(range: target.range, message: "this cannot be assigned to")
    }
    try expect(.assign)
    let values = try expressions()
    for target in targets {
      if case .name(let name) = target.kind { scopes.assign(name) }
      noteField(target)
    }
    return .assign(targets, values)
  }

  private mutating func noteField(_ target: Expression) {
    guard case .chain(_, let steps) = target.kind else { return }
    switch steps.last?.kind {
    case .field(let name)?: assignedFields.insert(name)
    case .index(let index)?: if let name = index.text { assignedFields.insert(name) }
    default: break
    }
  }

  /// Each of them is a level to Lua.
  private mutating func moreTargets() throws(SyntaxError) -> [Expression] {
    var targets: [Expression] = []
    while accept(.comma) { targets.append(try suffixed()) }
    guard targets.count < 198 else {
      throw refusal("this assigns to more at once than Lua does, which is 198")
    }
    return targets
  }
}
