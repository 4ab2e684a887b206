// Expressions.

extension LuaParser {
  mutating func expressions() throws(SyntaxError) -> [Expression] {
    var list = [try expression()]
    while accept(.comma) { list.append(try expression()) }
    return list
  }

  mutating func expression() throws(SyntaxError) -> Expression { try expression(above: 0) }

  /// How strongly operators bind what stands before and behind them (lparser.c).
  private static let priorities: [LuaToken.Kind: (left: Int, right: Int)] = [
    .plus: (10, 10), .minus: (10, 10), .times: (11, 11), .modulo: (11, 11), .power: (14, 13),
    .divided: (11, 11),
    .wholes: (11, 11), .bitAnd: (6, 6), .bitOr: (4, 4), .tilde: (5, 5), .shiftLeft: (7, 7),
    .shiftRight: (7, 7),
    .concatenate: (9, 8), .equal: (3, 3), .less: (3, 3), .atMost: (3, 3), .unequal: (3, 3), .greater: (3, 3),
    .atLeast: (3, 3), .and: (2, 2), .or: (1, 1),
  ]
  private static let unaryPriority = 12

  private mutating func expression(above limit: Int) throws(SyntaxError) -> Expression {
    try deeper { (parser) throws(SyntaxError) in
      let start = parser.token.range.lowerBound
      var first: Expression
      switch parser.kind {
      case .not, .minus, .tilde, .length:
        let sign = parser.kind
        parser.advance()
        let operand = try parser.expression(above: Self.unaryPriority)
        first = Expression(kind: .unary(sign, operand), range: start..<parser.lastEnd)
      default: first = try parser.simple()
      }
      var operands: [(sign: LuaToken.Kind, operand: Expression)] = []
      while let priority = Self.priorities[parser.kind], priority.left > limit {
        let sign = parser.kind
        parser.advance()
        operands.append((sign, try parser.expression(above: priority.right)))
      }
      guard !operands.isEmpty else { return first }
      return Expression(kind: .operators(first, operands), range: start..<parser.lastEnd)
    }
  }

  private mutating func simple() throws(SyntaxError) -> Expression {
    let token = token
    func literal(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, range: token.range) }
    switch token.kind {
    case .number:
      advance()
      return literal(.number(LuaNumber(source[token.range]) ?? .integer(0)))
    case .string:
      advance()
      return literal(.string(LuaText.value(of: source[token.range])))
    case .nil:
      advance()
      return literal(.none)
    case .true:
      advance()
      return literal(.yes)
    case .false:
      advance()
      return literal(.no)
    case .dots:
      guard scopes.isVariadic else {
        throw refusal("'...' is there in functions whose parameters end with '...'")
      }
      advance()
      return literal(.dots)
    case .openBrace: return try table()
    case .function:
      advance()
      let function = try functionBody(token)
      return Expression(kind: .function(function), range: function.range)
    default: return try suffixed()
    }
  }

  private mutating func primary() throws(SyntaxError) -> Expression {
    let opener = token
    switch opener.kind {
    case .name:
      let (text, range) = try name()
      return Expression(
        kind: .name(Name(text: text, range: range, variable: scopes.resolve(text, at: range))), range: range)
    case .open:
      advance()
      let inner = try expression()
      try expect(.close, closing: opener)
      return Expression(kind: .parentheses(inner), range: opener.range.lowerBound..<lastEnd)
    default:
      throw refusal(
        opener.kind == .end
          ? "something is missing before the end of the file" : "\(here) does not belong here")
    }
  }

  /// What a statement or an operand begins with, and the fields and calls behind it.
  mutating func suffixed() throws(SyntaxError) -> Expression {
    let first = try primary()
    var steps: [Step] = []
    reading: while true {
      let start = token.range.lowerBound
      switch kind {
      case .dot:
        advance()
        let (text, range) = try name()
        steps.append(Step(kind: .field(text), range: range))
      case .openBracket:
        let opener = token
        advance()
        let index = try expression()
        try expect(.closeBracket, closing: opener)
        steps.append(Step(kind: .index(index), range: start..<lastEnd))
      case .colon:
        advance()
        let (text, range) = try name()
        let begun = token.range.lowerBound
        let arguments = try arguments()
        steps.append(Step(kind: .method(text, arguments), range: range, argumentRange: begun..<lastEnd))
      case .open, .string, .openBrace:
        let arguments = try arguments()
        steps.append(Step(kind: .call(arguments), range: start..<lastEnd))
      default: break reading
      }
    }
    guard !steps.isEmpty else { return first }
    return Expression(kind: .chain(first, steps), range: first.range.lowerBound..<lastEnd)
  }

  private mutating func arguments() throws(SyntaxError) -> [Expression] {
    let opener = token
    switch opener.kind {
    case .string: return [try simple()]
    case .openBrace: return [try table()]
    case .open:
      advance()
      if accept(.close) { return [] }
      let list = try expressions()
      try expect(.close, closing: opener)
      return list
    default: throw refusal("the arguments of a call are expected before \(here)")
    }
  }

  private mutating func table() throws(SyntaxError) -> Expression {
    let opener = token
    advance()
    var fields: [Field] = []
    while kind != .closeBrace {
      fields.append(try field())
      guard accept(.comma) || accept(.semicolon) else { break }
    }
    try expect(.closeBrace, closing: opener)
    return Expression(kind: .table(fields), range: opener.range.lowerBound..<lastEnd)
  }

  private mutating func field() throws(SyntaxError) -> Field {
    if kind == .name, isAssignNext {
      let (text, range) = try name()
      advance()
      return Field(key: .name(text, range), value: try expression())
    }
    guard kind == .openBracket else { return Field(key: .item, value: try expression()) }
    let opener = token
    advance()
    let key = try expression()
    try expect(.closeBracket, closing: opener)
    try expect(.assign)
    return Field(key: .expression(key), value: try expression())
  }
}
