// LuaParser: Lua 5.4 (manual, section 9) into a tree. It refuses what Lua's own compiler refuses, a test holds it to that,
// and reads on behind an error, so that a file with two slips tells of both.

struct LuaParser {
  /// How deep Lua's compiler goes (LUAI_MAXCCALLS, less what is in use when it begins).
  private static let mostLevels = 198
  /// Who made more errors than this has one on top that is worth reading.
  private static let mostErrors = 10

  let source: [UInt8]
  private let tokens: [LuaToken]
  private var place = 0
  private var level = 0
  var scopes = Scopes()
  var assignedFields: Set<String> = []
  private var errors: [SyntaxError]

  /// Reads a source whole.
  static func parse(_ source: [UInt8]) -> SyntaxTree {
    let lexer = LuaLexer(source)
    var parser = LuaParser(lexer)
    var tree = SyntaxTree(source: source)
    tree.block = parser.chunk()
    tree.variables = parser.scopes.variables
    tree.comments = lexer.comments
    tree.globalReads = parser.scopes.globalReads
    tree.globalWrites = parser.scopes.globalWrites
    tree.assignedFields = parser.assignedFields
    // What is wrong with a token itself is told by that alone, and not by what follows from it in its row.
    let others = parser.errors.dropFirst(lexer.errors.count).filter { error in
      let end = error.range.lowerBound
      let row = source[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      return !lexer.errors.contains { (row...end).contains($0.range.lowerBound) }
    }
    let all = (lexer.errors + others + parser.scopes.problems).sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
    tree.errors = Array(all.prefix(mostErrors))
    return tree
  }

  private init(_ lexer: LuaLexer) {
    source = lexer.source
    tokens = lexer.tokens
    errors = lexer.errors
  }

  // MARK: Tokens

  var token: LuaToken { tokens[place] }
  var kind: LuaToken.Kind { tokens[place].kind }
  private var following: LuaToken.Kind { tokens[min(place + 1, tokens.count - 1)].kind }
  /// Of the token before.
  var lastEnd: Int { place > 0 ? tokens[place - 1].range.upperBound : 0 }

  func text(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }

  mutating func advance() { if place < tokens.count - 1 { place += 1 } }

  mutating func accept(_ kind: LuaToken.Kind) -> Bool {
    guard self.kind == kind else { return false }
    advance()
    return true
  }

  func refusal(_ message: String, at range: Range<Int>? = nil) -> SyntaxError {
    SyntaxError(range: range ?? token.range, message: message)
  }

  /// What stands here, as a sentence names it.
  var here: String {
    switch kind {
    case .end: "the end of the file"
    case .string: "a text"
    default: "'\(text(token.range))'"
    }
  }

  mutating func expect(_ kind: LuaToken.Kind, _ what: String? = nil) throws(SyntaxError) {
    guard accept(kind) else { throw refusal("\(what ?? "'\(kind.rawValue)'") is expected before \(here)") }
  }

  /// What closes something that was opened further up.
  mutating func expect(_ kind: LuaToken.Kind, closing opener: LuaToken) throws(SyntaxError) {
    guard !accept(kind) else { return }
    // Where what stands is looked for at each level, in a source that is nested deeply, nobody would read all of it.
    guard errors.count < Self.mostErrors else { throw refusal("'\(kind.rawValue)' is expected") }
    let row = source[..<opener.range.lowerBound].count { $0 == 0x0A } + 1
    let isSameRow = !source[opener.range.upperBound..<token.range.lowerBound].contains(0x0A)
    throw refusal(
      "'\(kind.rawValue)' is expected before \(here)"
        + (isSameRow ? "" : ", to close '\(text(opener.range))' of line \(row)"))
  }

  mutating func name() throws(SyntaxError) -> (text: String, range: Range<Int>) {
    guard kind == .name else {
      let isWord = LuaToken.keywords[kind.rawValue] != nil
      throw refusal(
        isWord ? "\(here) is a word of Lua's own, and no name" : "a name is expected before \(here)")
    }
    let range = token.range
    advance()
    return (text(range), range)
  }

  mutating func deeper<T>(_ read: (inout LuaParser) throws(SyntaxError) -> T) throws(SyntaxError) -> T {
    guard level < Self.mostLevels else {
      throw refusal("this is nested deeper than Lua goes, which is 200 levels")
    }
    level += 1
    defer { level -= 1 }
    return try read(&self)
  }

  // MARK: Blocks

  private mutating func chunk() -> Block {
    scopes.enterFunction(isVariadic: true)
    var statements: [Statement] = []
    while true {
      statements += block().statements
      guard kind != .end else { break }
      // An `end` too many: what stands behind it is still worth reading.
      errors.append(refusal("there is nothing open that '\(text(token.range))' could close"))
      advance()
    }
    scopes.leaveFunction()
    return Block(statements: statements, range: 0..<source.count)
  }

  /// Statements up to what ends a block. An error in one is kept, and the next is read.
  mutating func block() -> Block {
    let start = token.range.lowerBound
    var statements: [Statement] = []
    while !kind.endsBlock {
      let begun = place
      let depth = scopes.depth
      let outer = level
      let isReturn = kind == .return
      do throws(SyntaxError) {
        statements.append(try deeper { (parser) throws(SyntaxError) in try parser.statement() })
        if isReturn {
          guard !kind.endsBlock else { break }
          throw refusal("return is the last statement of its block; 'end' is expected before \(here)")
        }
      } catch {
        level = outer
        scopes.leave(to: depth)
        errors.append(error)
        guard errors.count < Self.mostErrors, recover(from: begun) else {
          if errors.count >= Self.mostErrors { place = tokens.count - 1 }
          break
        }
      }
    }
    return Block(statements: statements, range: start..<max(start, lastEnd))
  }

  /// Goes to where the statement behind a broken one most likely begins, by how rows are indented.
  /// - Returns: false when the block around it ends there.
  private mutating func recover(from begun: Int) -> Bool {
    let column = indentation(of: begun)
    while kind != .end {
      guard place > begun, isFirstOfRow(place) else {
        advance()
        continue
      }
      let here = indentation(of: place)
      if here < column { return !kind.endsBlock }
      if here == column {
        switch kind {
        // They belong to what is broken.
        case .endWord, .until:
          advance()
          return true
        case .else, .elseif, .then, .do, .close, .closeBrace, .closeBracket: break
        default: return true
        }
      }
      advance()
    }
    return false
  }

  private func isFirstOfRow(_ index: Int) -> Bool {
    guard index > 0 else { return true }
    return source[tokens[index - 1].range.upperBound..<tokens[index].range.lowerBound].contains {
      $0 == 0x0A || $0 == 0x0D
    }
  }

  /// Of the row that a token stands in.
  private func indentation(of index: Int) -> Int {
    let end = tokens[index].range.lowerBound
    let start = source[..<end].lastIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 + 1 } ?? 0
    return source[start...].prefix { $0 == 0x20 || $0 == 0x09 }.count
  }

  /// A block of its own, in which locals live.
  mutating func scopedBlock(isLoop: Bool = false) -> Block {
    scopes.enterBlock(isLoop: isLoop)
    defer { scopes.leaveBlock() }
    return block()
  }

  // MARK: Functions

  /// Parameters and body, behind the word or the name.
  mutating func functionBody(_ opener: LuaToken, isMethod: Bool = false) throws(SyntaxError) -> Function {
    scopes.enterFunction()
    var isVariadic = false
    var parameters: [Name] = []
    if isMethod {
      scopes.declare([scopes.add("self", .selfParameter, opener.range)])
    }
    try expect(.open)
    if kind != .close {
      repeat {
        if accept(.dots) {
          isVariadic = true
          scopes.makeVariadic()
          break
        }
        let (text, range) = try name()
        let variable = scopes.add(text, .parameter, range)
        parameters.append(Name(text: text, range: range, variable: variable))
      } while accept(.comma)
    }
    scopes.declare(parameters.compactMap(\.variable))
    try expect(.close)
    let body = block()
    try expect(.endWord, closing: opener)
    scopes.leaveFunction()
    return Function(
      parameters: parameters, isVariadic: isVariadic, block: body,
      range: opener.range.lowerBound..<lastEnd)
  }

  /// True when only labels and semicolons stand between here and the end of the block.
  var isAtEndOfBlock: Bool { kind.endsBlock && kind != .until }

  var isLabelNext: Bool { kind == .label || kind == .semicolon }
  var isAssignNext: Bool { following == .assign }
}
