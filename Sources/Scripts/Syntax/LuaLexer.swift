// LuaLexer: a source as tokens, and what is wrong with its texts and numbers, by the rules of Lua's own llex.c.

/// A place in a source that Lua's compiler refuses, for people.
struct SyntaxError: Error, Equatable, Sendable {
  /// Bytes of the source.
  let range: Range<Int>
  let message: String
}

struct LuaLexer {
  let source: [UInt8]
  private var place = 0
  private(set) var tokens: [LuaToken] = []
  private(set) var errors: [SyntaxError] = []
  /// The comments of one line, with their dashes.
  private(set) var comments: [Range<Int>] = []

  init(_ source: [UInt8]) {
    self.source = source
    while place < source.count { next() }
    tokens.append(LuaToken(.end, source.count..<source.count))
  }

  private func byte(_ ahead: Int = 0) -> UInt8? {
    place + ahead < source.count ? source[place + ahead] : nil
  }

  private mutating func refuse(_ message: String, from start: Int) {
    errors.append(SyntaxError(range: start..<max(start, min(place, source.count)), message: message))
  }

  private mutating func add(_ kind: LuaToken.Kind, from start: Int) {
    tokens.append(LuaToken(kind, start..<place))
  }

  private mutating func next() {
    let start = place
    let first = source[place]
    switch first {
    case 0x20, 0x09...0x0D: place += 1
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      while let next = byte(), Self.isWord(next) { place += 1 }
      let word = place - start <= 8 ? String(decoding: source[start..<place], as: UTF8.self) : ""
      add(LuaToken.keywords[word] ?? .name, from: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): readNumber()
    case UInt8(ascii: "\""), UInt8(ascii: "'"): readString(first)
    case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"): readComment()
    case UInt8(ascii: "["):
      guard let level = longBracket() else {
        place += 1
        return add(.openBracket, from: start)
      }
      readLong(level, "text")
      add(.string, from: start)
    case UInt8(ascii: ".") where byte(1).map(Self.isDigit) == true: readNumber()
    default: readSymbol()
    }
  }

  private mutating func readSymbol() {
    let start = place
    // Longest first.
    for length in [3, 2, 1] where place + length <= source.count {
      guard let kind = Self.symbols[Array(source[place..<place + length])] else { continue }
      place += length
      return add(kind, from: start)
    }
    // A word in another script is one mistake.
    place += 1
    while source[start] > 0x7F, let next = byte(), next > 0x7F { place += 1 }
    refuse("no part of Lua begins with \(quoted(start..<place))", from: start)
    add(.stray, from: start)
  }

  private func quoted(_ range: Range<Int>) -> String {
    String(validating: source[range], as: UTF8.self).map { "'\($0)'" }
      ?? "the byte \(source[range.lowerBound])"
  }

  // MARK: Comments and long texts

  private mutating func readComment() {
    let start = place
    place += 2
    if byte() == UInt8(ascii: "["), case let level? = longBracket(isComment: true) {
      return readLong(level, "comment", from: start)
    }
    while let next = byte(), next != 0x0A, next != 0x0D { place += 1 }
    comments.append(start..<place)
  }

  /// The level of a `[[` or `[==[` that begins here; nil where none does. `[=` without the second bracket is an error of
  /// its own outside comments, of which a level below zero stands for.
  private func longBracket(isComment: Bool = false) -> Int? {
    var level = 0
    while byte(level + 1) == UInt8(ascii: "=") { level += 1 }
    if byte(level + 1) == UInt8(ascii: "[") { return level }
    return level == 0 || isComment ? nil : -level
  }

  private mutating func readLong(_ level: Int, _ what: String, from begin: Int? = nil) {
    let start = begin ?? place
    guard level >= 0 else {
      place += 1 - level
      return refuse("a long text begins with [[ or [=[", from: start)
    }
    place += level + 2
    while let next = byte() {
      place += 1
      guard next == UInt8(ascii: "]") else { continue }
      var equals = 0
      while byte(equals) == UInt8(ascii: "=") { equals += 1 }
      if equals == level, byte(equals) == UInt8(ascii: "]") {
        place += level + 1
        return
      }
    }
    let end = "]" + String(repeating: "=", count: level) + "]"
    errors.append(
      SyntaxError(range: start..<start + 2, message: "this \(what) is not closed: \(end) is missing"))
  }

  // MARK: Texts

  private mutating func readString(_ quote: UInt8) {
    let start = place
    place += 1
    defer { add(.string, from: start) }
    while let next = byte() {
      switch next {
      case quote:
        place += 1
        return
      case 0x0A, 0x0D:
        return refuse("this text is not closed: \(quote == 0x22 ? "a \"" : "a '") is missing", from: start)
      case UInt8(ascii: "\\"): readEscape()
      default: place += 1
      }
    }
    refuse("this text is not closed: \(quote == 0x22 ? "a \"" : "a '") is missing", from: start)
  }

  private mutating func readEscape() {
    let start = place
    place += 1
    guard let letter = byte() else { return }
    switch letter {
    case UInt8(ascii: "x"):
      place += 1
      for _ in 0..<2 {
        guard let digit = byte(), Self.hexValue(digit) != nil else {
          return refuse("\\x takes two hexadecimal digits", from: start)
        }
        place += 1
      }
    case UInt8(ascii: "u"): readUnicode(start)
    case UInt8(ascii: "z"):
      place += 1
      while let next = byte(), next == 0x20 || (0x09...0x0D).contains(next) { place += 1 }
    case 0x0A, 0x0D:
      place += 1
      if let second = byte(), second == 0x0A || second == 0x0D, second != letter { place += 1 }
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      var value = 0
      var digits = 0
      while digits < 3, let digit = byte(), Self.isDigit(digit) {
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
        digits += 1
        place += 1
      }
      if value > 255 { refuse("a byte is at most \\255", from: start) }
    case _ where "abfnrtv\\\"'".utf8.contains(letter): place += 1
    default:
      place += letter > 0x7F ? 0 : 1
      refuse("there is no escape \(quoted(start..<place)); a backslash itself is \\\\", from: start)
    }
  }

  private mutating func readUnicode(_ start: Int) {
    place += 1
    guard byte() == UInt8(ascii: "{") else {
      return refuse("\\u takes a number in braces, as \\u{20AC}", from: start)
    }
    place += 1
    var value = 0
    var digits = 0
    while let digit = byte().flatMap(Self.hexValue) {
      value = min(value * 16 + digit, 1 << 32)
      digits += 1
      place += 1
    }
    guard digits > 0, byte() == UInt8(ascii: "}") else {
      return refuse("\\u takes a number in braces, as \\u{20AC}", from: start)
    }
    place += 1
    if value > 0x7FFF_FFFF { refuse("\\u takes at most 7FFFFFFF", from: start) }
  }

  // MARK: Numbers

  private mutating func readNumber() {
    let start = place
    var exponent = UInt8(ascii: "e")
    if byte() == UInt8(ascii: "0"), byte(1).map({ $0 | 0x20 }) == UInt8(ascii: "x") {
      exponent = UInt8(ascii: "p")
      place += 1
    }
    place += 1
    while let next = byte() {
      if next | 0x20 == exponent {
        place += 1
        if byte() == UInt8(ascii: "+") || byte() == UInt8(ascii: "-") { place += 1 }
      } else if Self.hexValue(next) != nil || next == UInt8(ascii: ".") {
        place += 1
      } else {
        break
      }
    }
    // As Lua does, so that `3x` is one wrong number and not two tokens.
    if let next = byte(), Self.isWord(next), !Self.isDigit(next) { place += 1 }
    add(.number, from: start)
    if LuaNumber(source[start..<place]) == nil {
      refuse("\(quoted(start..<place)) is no number", from: start)
    }
  }

  // MARK: Bytes

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
  }

  static func hexValue(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte - 0x30)
    case 0x41...0x46: Int(byte - 0x41 + 10)
    case 0x61...0x66: Int(byte - 0x61 + 10)
    default: nil
    }
  }

  private static let symbols: [[UInt8]: LuaToken.Kind] = {
    let kinds = LuaToken.Kind.allCases.filter { kind in
      !kind.rawValue.hasPrefix("<") || kind.rawValue.utf8.allSatisfy { !isWord($0) }
    }.filter { LuaToken.keywords[$0.rawValue] == nil }
    return Dictionary(kinds.map { (Array($0.rawValue.utf8), $0) }, uniquingKeysWith: { first, _ in first })
  }()
}
