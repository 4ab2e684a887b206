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
    // A byte that is no part of any token stands alone in code, and is swallowed by a string or a comment.
    var tokens = LuaTokens.of(source + [Self.probe])
    if tokens.last?.offset == source.count {
      tokens.removeLast()
      place = .code
      if let last = tokens.last, last.kind == .name || last.kind == .keyword,
        last.offset + last.text.utf8.count == source.count
      {
        tokens.removeLast()
        word = last.text
      } else {
        word = ""
      }
      wordStart = source.count - word.utf8.count
    } else if let last = tokens.popLast(), let string = Self.openString(from: last.offset, in: source) {
      place = .string(start: string.start, quote: string.quote)
      wordStart = string.start
      word = String(decoding: source[min(string.start, source.count)...], as: UTF8.self)
    } else {
      place = .comment
      word = ""
      wordStart = source.count
    }
    self.tokens = tokens
    frames = Self.frames(tokens)
  }

  private static let probe: UInt8 = 0x01

  /// The string that begins at a byte and has no end: what would end it lets the probe be seen.
  private static func openString(from offset: Int, in source: [UInt8]) -> (start: Int, quote: UInt8?)? {
    let text = source[offset...]
    guard let first = text.first else { return nil }
    let closing: [UInt8]
    let start: Int
    var quote: UInt8?
    if first == UInt8(ascii: "[") {
      let level = text.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count
      closing = Array("]\(String(repeating: "=", count: level))]".utf8)
      start = offset + level + 2
    } else {
      closing = [first]
      quote = first
      start = offset + 1
    }
    let probed = LuaTokens.of(Array(text) + closing + [probe])
    guard probed.last?.offset == text.count + closing.count else { return nil }
    return (start, quote)
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

  /// What a string without escapes says.
  func string(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .string else { return nil }
    let quote = source[tokens[index].offset]
    let text = source[(tokens[index].offset + 1)...].prefix { $0 != quote && $0 != UInt8(ascii: "\\") }
    return String(decoding: text, as: UTF8.self)
  }

  /// True for a `.` or `:` that takes a member, and is no part of `..` or `::`.
  func isAccess(_ index: Int) -> Bool {
    guard let text = symbol(index), text == "." || text == ":" else { return false }
    func touches(_ a: Int, _ b: Int) -> Bool {
      symbol(a) == text && symbol(b) == text && tokens[b].offset == tokens[a].offset + 1
    }
    return !touches(index - 1, index) && !touches(index, index + 1)
  }

  /// True for an `=` that gives a value, and is no part of `==`, `~=`, `<=` or `>=`.
  func isAssignment(_ index: Int) -> Bool {
    guard symbol(index) == "=" else { return false }
    func touches(_ a: Int) -> Bool { tokens[a + 1].offset == tokens[a].offset + 1 }
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
