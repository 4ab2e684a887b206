// LuaTokens: the words of Lua source (manual 5.4, section 3.1), as far as one must know them to tell where a statement
// begins, what is declared, and what is to be coloured. Nothing here fails: what is no Lua gives some tokens, and the
// compiler says what is wrong with it.

struct LuaToken: Equatable {
  enum Kind: Equatable {
    case name
    case keyword
    case string
    case number
    /// One character of an operator or a bracket.
    case symbol
    case comment
    /// A byte that begins no token.
    case stray
  }

  var kind: Kind
  /// What stands in the source; of a string nothing, since no one needs it.
  var text: String
  /// Of its first byte.
  var offset: Int
  /// Of the byte behind it.
  var end: Int
  /// False for a string or a long comment that is not closed.
  var isFinished = true
}

struct LuaTokens {
  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
    "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  private static let symbols = Set("+-*/%^#&~|<>=(){}[]:;,.".utf8)

  private let source: [UInt8]
  private var place = 0
  private var tokens: [LuaToken] = []

  /// The tokens of a source, without comments and white space.
  static func of(_ source: [UInt8]) -> [LuaToken] {
    var tokens = all(of: source)
    tokens.removeAll { $0.kind == .comment }
    return tokens
  }

  /// The tokens of a source, comments among them.
  static func all(of source: [UInt8]) -> [LuaToken] {
    var reader = LuaTokens(source: source)
    reader.read()
    return reader.tokens
  }

  private init(source: [UInt8]) { self.source = source }

  private func byte(_ ahead: Int = 0) -> UInt8? {
    source.indices.contains(place + ahead) ? source[place + ahead] : nil
  }

  private mutating func read() {
    while let first = byte() {
      let start = place
      switch first {
      case _ where Self.isSpace(first): place += 1
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
        let isFinished = skipComment()
        add(.comment, from: start, isFinished: isFinished)
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let isFinished = skipQuoted(first)
        add(.string, from: start, isFinished: isFinished)
      case UInt8(ascii: "[") where longBracket() != nil:
        let isFinished = skipLong(longBracket() ?? 0)
        add(.string, from: start, isFinished: isFinished)
      case _ where Self.isLetter(first):
        place = source[place...].firstIndex { !Self.isLetter($0) && !Self.isDigit($0) } ?? source.endIndex
        let word = String(decoding: source[start..<place], as: UTF8.self)
        add(Self.keywords.contains(word) ? .keyword : .name, from: start)
      case _ where Self.isDigit(first), UInt8(ascii: ".") where Self.isDigit(byte(1) ?? 0):
        skipNumber()
        add(.number, from: start)
      default:
        place += 1
        add(Self.symbols.contains(first) ? .symbol : .stray, from: start)
      }
    }
  }

  private mutating func add(_ kind: LuaToken.Kind, from start: Int, isFinished: Bool = true) {
    let isText = kind == .string || kind == .comment
    let text = isText ? "" : String(decoding: source[start..<place], as: UTF8.self)
    tokens.append(LuaToken(kind: kind, text: text, offset: start, end: place, isFinished: isFinished))
  }

  private mutating func skipComment() -> Bool {
    place += 2
    if byte() == UInt8(ascii: "["), let level = longBracket() { return skipLong(level) }
    place = source[place...].firstIndex(where: Self.isLineEnd) ?? source.endIndex
    return true
  }

  /// False when the line ends before the quotation does, which only a backslash lets it.
  private mutating func skipQuoted(_ quote: UInt8) -> Bool {
    place += 1
    while let next = byte() {
      switch next {
      case quote:
        place += 1
        return true
      case _ where Self.isLineEnd(next): return false
      case UInt8(ascii: "\\") where byte(1) == UInt8(ascii: "z"):
        place = source[place...].dropFirst(2).firstIndex { !Self.isSpace($0) } ?? source.endIndex
      // What is escaped may be a quote or a line end, of which CR LF is one; `\ddd` needs no care for that.
      case UInt8(ascii: "\\"):
        let isPair = byte(1) == 0x0D && byte(2) == 0x0A
        place = min(place + (isPair ? 3 : 2), source.count)
      default: place += 1
      }
    }
    return false
  }

  /// The level of a `[[` or `[==[` that begins here; nil where none does.
  private func longBracket() -> Int? {
    var level = 0
    while byte(level + 1) == UInt8(ascii: "=") { level += 1 }
    return byte(level + 1) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func skipLong(_ level: Int) -> Bool {
    place = min(place + level + 2, source.count)
    let end = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    while place < source.count {
      if source[place...].starts(with: end) {
        place += end.count
        return true
      }
      place += 1
    }
    return false
  }

  /// As Lua reads numbers: letters and digits, points, and a sign behind an exponent.
  private mutating func skipNumber() {
    let isHexadecimal = byte() == UInt8(ascii: "0") && byte(1).map { $0 | 0x20 } == UInt8(ascii: "x")
    let exponent = isHexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e")
    while let next = byte() {
      let isSign = next == UInt8(ascii: "-") || next == UInt8(ascii: "+")
      let isAfterExponent = place > 0 && source[place - 1] | 0x20 == exponent
      guard
        Self.isLetter(next) || Self.isDigit(next) || next == UInt8(ascii: ".") || (isSign && isAfterExponent)
      else { return }
      place += 1
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
