// LuaTokens: the words of Lua source, as far as one must know them to tell where a statement begins and what is declared.
// Nothing here fails: what is no Lua gives some tokens, and the compiler says what is wrong with it.

struct LuaToken: Equatable {
  enum Kind: Equatable {
    case name
    case keyword
    case string
    case number
    /// One character of an operator or a bracket.
    case symbol
  }

  var kind: Kind
  /// What stands in the source; of a string nothing, since no one needs it.
  var text: String
  /// Of its first byte.
  var offset: Int
}

struct LuaTokens {
  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
    "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  private let source: [UInt8]
  private var place = 0
  private var tokens: [LuaToken] = []

  /// The tokens of a source, without comments and white space.
  static func of(_ source: [UInt8]) -> [LuaToken] {
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
      case UInt8(ascii: " "), 0x09...0x0D: place += 1
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"): skipComment()
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        skipQuoted(first)
        add(.string, from: start)
      case UInt8(ascii: "[") where longBracket() != nil:
        skipLong(longBracket() ?? 0)
        add(.string, from: start)
      case _ where Self.isLetter(first):
        place = source[place...].firstIndex { !Self.isLetter($0) && !Self.isDigit($0) } ?? source.endIndex
        let word = String(decoding: source[start..<place], as: UTF8.self)
        add(Self.keywords.contains(word) ? .keyword : .name, from: start)
      case _ where Self.isDigit(first), UInt8(ascii: ".") where Self.isDigit(byte(1) ?? 0):
        skipNumber()
        add(.number, from: start)
      default:
        place += 1
        add(.symbol, from: start)
      }
    }
  }

  private mutating func add(_ kind: LuaToken.Kind, from start: Int) {
    let text = kind == .string ? "" : String(decoding: source[start..<place], as: UTF8.self)
    tokens.append(LuaToken(kind: kind, text: text, offset: start))
  }

  private mutating func skipComment() {
    place += 2
    if byte() == UInt8(ascii: "["), let level = longBracket() { return skipLong(level) }
    place = source[place...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? source.endIndex
  }

  private mutating func skipQuoted(_ quote: UInt8) {
    place += 1
    while let next = byte(), next != quote {
      // What is escaped may be a quote; `\z` and `\ddd` need no care for that.
      place += next == UInt8(ascii: "\\") ? 2 : 1
    }
    place = min(place + 1, source.count)
  }

  /// The level of a `[[` or `[==[` that begins here; nil where none does.
  private func longBracket() -> Int? {
    var level = 0
    while byte(level + 1) == UInt8(ascii: "=") { level += 1 }
    return byte(level + 1) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func skipLong(_ level: Int) {
    place += level + 2
    let end = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    while place < source.count {
      if source[place...].starts(with: end) {
        place += end.count
        return
      }
      place += 1
    }
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

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
