// LuaLiterals: what the numbers and texts of a source mean.

/// A numeral, as Lua 5.4 reads it: a whole number where it is one that fits, else a float.
enum LuaNumber: Sendable, Equatable {
  case integer(Int64)
  case float(Double)

  /// Nil for what is no numeral.
  init?(_ text: ArraySlice<UInt8>) {
    let isHexadecimal =
      text.count > 1 && text.first == UInt8(ascii: "0")
      && text[text.startIndex + 1] | 0x20 == UInt8(ascii: "x")
    let digits = isHexadecimal ? text.dropFirst(2) : text
    func isDigit(_ byte: UInt8) -> Bool {
      isHexadecimal ? LuaLexer.hexValue(byte) != nil : LuaLexer.isDigit(byte)
    }
    let whole = digits.prefix(while: isDigit)
    var rest = digits[whole.endIndex...]
    var fraction = rest.prefix(0)
    var isWhole = true
    if rest.first == UInt8(ascii: ".") {
      isWhole = false
      rest = rest.dropFirst()
      fraction = rest.prefix(while: isDigit)
      rest = rest[fraction.endIndex...]
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    if let letter = rest.first {
      guard letter | 0x20 == UInt8(ascii: isHexadecimal ? "p" : "e") else { return nil }
      isWhole = false
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard !rest.isEmpty, rest.allSatisfy(LuaLexer.isDigit) else { return nil }
    }
    if isWhole, isHexadecimal {
      // It wraps around, as 0xffffffffffffffff does.
      let value = whole.reduce(UInt64(0)) { $0 << 4 | UInt64(LuaLexer.hexValue($1) ?? 0) }
      self = .integer(Int64(bitPattern: value))
    } else if isWhole, let value = Int64(String(decoding: whole, as: UTF8.self)) {
      self = .integer(value)
    } else {
      // Double wants digits on both sides of a point.
      let text = String(decoding: text, as: UTF8.self)
      self = .float(Double(text) ?? Double("\(text)0") ?? Double("0\(text)") ?? .nan)
    }
  }

  /// The whole number that it is, as a parameter takes it.
  var whole: Int64? {
    switch self {
    case .integer(let value): value
    case .float(let value): Int64(exactly: value)
    }
  }
}

enum LuaText {
  /// The bytes that a text with quotes or long brackets stands for. What is wrong in it, the lexer has told.
  static func value(of token: ArraySlice<UInt8>) -> [UInt8] {
    guard let first = token.first else { return [] }
    if first == UInt8(ascii: "[") {
      let level = token.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count
      guard token.count >= 2 * level + 4 else { return [] }
      var inner = token.dropFirst(level + 2).dropLast(level + 2)
      if let end = inner.first, end == 0x0A || end == 0x0D {
        inner.removeFirst()
        if let second = inner.first, second != end, second == 0x0A || second == 0x0D { inner.removeFirst() }
      }
      return Array(inner)
    }
    var bytes: [UInt8] = []
    var rest = token.dropFirst()
    if rest.last == first { rest = rest.dropLast() }
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      switch letter {
      case UInt8(ascii: "x"):
        let digits = rest.prefix(2)
        rest = rest.dropFirst(2)
        bytes.append(UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0)
      case UInt8(ascii: "u"):
        let digits = rest.dropFirst().prefix { LuaLexer.hexValue($0) != nil }
        rest = rest[digits.endIndex...].dropFirst()
        let scalar = UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
        bytes += Array(String(scalar ?? "\u{FFFD}").utf8)
      case UInt8(ascii: "z"): rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digits = [letter] + rest.prefix(2).prefix(while: LuaLexer.isDigit)
        rest = rest.dropFirst(digits.count - 1)
        bytes.append(UInt8(String(decoding: digits, as: UTF8.self)) ?? 0)
      case 0x0A, 0x0D:
        bytes.append(0x0A)
        if let second = rest.first, second != letter, second == 0x0A || second == 0x0D { rest.removeFirst() }
      default: bytes.append(escapes[letter] ?? letter)
      }
    }
    return bytes
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
    UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09, UInt8(ascii: "v"): 0x0B,
  ]
}
