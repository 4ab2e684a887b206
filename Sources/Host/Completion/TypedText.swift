// TypedText: a source up to the cursor, as far as one must understand it to say what may stand there: whether the cursor
// is in code, in which brackets, behind which expression. Tokens only: what is being typed is seldom whole.

struct TypedText {
  enum Place: Equatable {
    case code
    /// In a string whose contents begin at that byte; `quote` is what ends it, nil for one in long brackets.
    case string(start: Int, quote: UInt8?)
    /// In a comment, or where no string can be told from one.
    case comment
  }

  /// An open bracket around the cursor, and what of the item that is being written there stands before it.
  struct Frame {
    /// `(`, `{` or `[`.
    var bracket: String
    /// Of the bracket.
    var index: Int
    /// How many items stand before this one.
    var item = 0
    /// Where this one begins.
    var itemStart: Int
  }

  /// Up to the cursor.
  let source: [UInt8]
  /// From the cursor on.
  let rest: [UInt8]
  let place: Place
  /// What stands before the word or the string at the cursor.
  let tokens: [LuaToken]
  /// The name that ends at the cursor, as far as it is typed; the contents of the string.
  let word: String
  let wordStart: Int
  /// The brackets that are open at the cursor, innermost last.
  let frames: [Frame]

  init(_ text: [UInt8], at offset: Int) {
    let end = max(0, min(offset, text.count))
    source = Array(text[..<end])
    rest = Array(text[end...])
    var tokens = LuaTokens.all(of: source)
    switch tokens.last {
    case let last? where last.kind == .comment && last.end == source.count && !last.isClosed(in: source):
      place = .comment
      word = ""
      wordStart = source.count
    case let last? where last.kind == .string && !last.isFinished && last.end == source.count:
      tokens.removeLast()
      let string = Self.contents(of: last, in: source)
      place = .string(start: string.start, quote: string.quote)
      wordStart = min(string.start, source.count)
      word = String(decoding: source[wordStart...], as: UTF8.self)
    default:
      place = .code
      if let last = tokens.last, last.kind == .name || last.kind == .keyword, last.end == source.count {
        tokens.removeLast()
        word = last.text
      } else {
        word = ""
      }
      wordStart = source.count - word.utf8.count
    }
    tokens.removeAll { $0.kind == .comment }
    self.tokens = tokens
    frames = Self.frames(tokens)
  }

  /// Where the contents of a string begin, and the quote that would end it; nil for long brackets.
  private static func contents(of string: LuaToken, in source: [UInt8]) -> (start: Int, quote: UInt8?) {
    let text = source[string.offset...]
    guard text.first == UInt8(ascii: "[") else { return (string.offset + 1, text.first) }
    let level = text.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count
    return (string.offset + level + 2, nil)
  }

  private static func frames(_ tokens: [LuaToken]) -> [Frame] {
    var frames: [Frame] = []
    for (index, token) in tokens.enumerated() where token.kind == .symbol {
      switch token.text {
      case "(", "{", "[": frames.append(Frame(bracket: token.text, index: index, itemStart: index + 1))
      case ")", "}", "]":
        // What is closed wrongly is the compiler's to tell.
        if let last = frames.last, Self.closers[last.bracket] == token.text { frames.removeLast() }
      case ",", ";":
        guard let last = frames.indices.last else { continue }
        frames[last].item += 1
        frames[last].itemStart = index + 1
      default: break
      }
    }
    return frames
  }

  private static let closers = ["(": ")", "{": "}", "[": "]"]

  // MARK: Tokens

  func symbol(_ index: Int) -> String? {
    tokens.indices.contains(index) && tokens[index].kind == .symbol ? tokens[index].text : nil
  }

  func name(_ index: Int) -> String? {
    tokens.indices.contains(index) && tokens[index].kind == .name ? tokens[index].text : nil
  }

  func isKeyword(_ word: String, at index: Int) -> Bool {
    tokens.indices.contains(index) && tokens[index].kind == .keyword && tokens[index].text == word
  }

  /// What a string in quotes says, as it is written.
  func string(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .string, tokens[index].isFinished else {
      return nil
    }
    return String(decoding: source[(tokens[index].offset + 1)..<(tokens[index].end - 1)], as: UTF8.self)
  }

  /// True for a `.` or `:` that takes a member, and is no part of `..` or `::`.
  func isAccess(_ index: Int) -> Bool {
    guard let text = symbol(index), text == "." || text == ":" else { return false }
    func touches(_ a: Int, _ b: Int) -> Bool {
      symbol(a) == text && symbol(b) == text && tokens[b].offset == tokens[a].end
    }
    return !touches(index - 1, index) && !touches(index, index + 1)
  }

  /// True for an `=` that gives a value, and is no part of `==`, `~=`, `<=` or `>=`.
  func isAssignment(_ index: Int) -> Bool {
    guard symbol(index) == "=" else { return false }
    func touches(_ a: Int) -> Bool { tokens[a + 1].offset == tokens[a].end }
    if symbol(index + 1) == "=", touches(index) { return false }
    guard let before = symbol(index - 1), touches(index - 1) else { return true }
    return !["=", "~", "<", ">"].contains(before)
  }

  // MARK: Expressions

  /// Where the expression of names, indices and calls begins that ends with a token; nil where none does.
  func expressionStart(endingAt last: Int) -> Int? {
    var index = last
    while tokens.indices.contains(index) {
      let token = tokens[index]
      if token.kind == .name {
        guard isAccess(index - 1) else { return index }
        index -= 2
        continue
      }
      let start: Int
      if token.kind == .string {
        start = index
      } else if let opener = opener(of: index) {
        start = opener
      } else {
        return nil
      }
      // Behind a name, a bracket or a string it is an index or the arguments of a call.
      guard isEndOfExpression(start - 1) else { return token.text == "}" || token.text == "]" ? nil : start }
      index = start - 1
    }
    return nil
  }

  private func isEndOfExpression(_ index: Int) -> Bool {
    guard tokens.indices.contains(index) else { return false }
    switch tokens[index].kind {
    case .name, .string: return true
    case .symbol: return [")", "}", "]"].contains(tokens[index].text)
    default: return false
    }
  }

  /// The bracket that a closing one belongs to.
  private func opener(of closer: Int) -> Int? {
    guard let text = symbol(closer), [")", "}", "]"].contains(text) else { return nil }
    var depth = 0
    for index in stride(from: closer, through: 0, by: -1) {
      switch symbol(index) {
      case ")", "}", "]": depth += 1
      case "(", "{", "[":
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
    }
    return nil
  }

  /// The bracket that closes the one at an index, or the end of what is typed.
  func closer(of opener: Int) -> Int {
    var depth = 0
    for index in opener..<tokens.count {
      switch symbol(index) {
      case "(", "{", "[": depth += 1
      case ")", "}", "]":
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
    }
    return tokens.count
  }
}

extension LuaToken {
  /// True for a comment in long brackets that is closed: what stands behind it is none of it.
  fileprivate func isClosed(in source: [UInt8]) -> Bool {
    let text = source[offset..<end].dropFirst(2)
    let isLong =
      text.first == UInt8(ascii: "[")
      && text.dropFirst().first { $0 != UInt8(ascii: "=") } == UInt8(ascii: "[")
    return isLong && isFinished
  }
}
