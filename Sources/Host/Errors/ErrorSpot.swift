// ErrorSpot: the row of a typed text that an error is about, and the name or the token in it that Lua's words speak of.

/// A place in a chunk, as Lua's messages begin with it: `prompt[3]:1: `.
struct ErrorPlace: Equatable {
  var chunk: String
  var row: Int

  /// Reads the place at the start of a text that is one, or that goes on behind it with `: `.
  /// - Returns: the place, and what follows.
  static func read(_ text: String) -> (place: ErrorPlace, rest: String)? {
    guard text.hasPrefix("prompt["), let end = text.firstRange(of: "]:")?.lowerBound else { return nil }
    let chunk = text[...end]
    let digits = text[text.index(end, offsetBy: 2)...].prefix { $0.isASCII && $0.isNumber }
    guard let row = Int(digits) else { return nil }
    let rest = text[digits.endIndex...]
    guard rest.isEmpty || rest.hasPrefix(": ") else { return nil }
    return (ErrorPlace(chunk: String(chunk), row: row), String(rest.dropFirst(2)))
  }
}

/// A row of a text with the bytes that are underlined.
struct ErrorSpot: Equatable {
  /// From 1.
  var row: Int
  var rowCount: Int
  /// Bytes of the text.
  var rowRange: Range<Int>
  /// Bytes of the text, inside the row or at its end; nil when Lua's words name nothing that stands there.
  var marked: Range<Int>?

  /// - Parameter row: from 1; nil for a row that the text has not.
  private init?(row: Int, of source: [UInt8]) {
    var starts = [0]
    for (index, byte) in source.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
    guard starts.indices.contains(row - 1) else { return nil }
    self.row = row
    rowCount = starts.count
    let end = row < starts.count ? starts[row] - 1 : source.count
    rowRange = starts[row - 1]..<end
  }

  /// Of an error while the text ran.
  /// - Parameters:
  ///   - function: the function of the operation that failed, if one did.
  init?(row: Int, of source: [UInt8], message: String, function: String?) {
    self.init(row: row, of: source)
    let tokens = LuaTokens.of(source)
    let here = tokens.indices.filter { rowRange.contains(tokens[$0].offset) && tokens[$0].kind == .name }
    let found = Self.variable(in: message, tokens, here) ?? Self.named(in: message, function, tokens, here)
    marked = found.map { tokens[$0].offset..<tokens[$0].offset + tokens[$0].text.utf8.count }
  }

  /// Of a text that is no Lua.
  /// - Parameter fails: whether the compiler refuses the text up to a byte for another reason than its end.
  init?(row: Int, of source: [UInt8], syntaxMessage: String, fails: (Int) -> Bool) {
    self.init(row: row, of: source)
    guard let near = syntaxMessage.ranges(of: " near ").last else {
      // "attempt to assign to const variable 'x'", "no visible label 'x' for <goto>".
      let name = syntaxMessage.split(separator: "'").dropFirst().first.map(String.init)
      let token = LuaTokens.of(source).last {
        $0.kind == .name && $0.text == name && rowRange.contains($0.offset)
      }
      marked = token.map { $0.offset..<$0.offset + $0.text.utf8.count }
      return
    }
    let word = syntaxMessage[near.upperBound...]
    guard word.hasPrefix("'"), word.hasSuffix("'"), word.count > 2 else {
      marked = rowRange.upperBound..<rowRange.upperBound
      return
    }
    if let byte = Self.byte(named: word) {
      let token = LuaTokens.of(source).first {
        $0.kind == .stray && rowRange.contains($0.offset) && source[$0.offset] == byte
      }
      marked = token.map { Self.character(at: $0.offset, in: source) }
      return
    }
    let wanted = Array(word.dropFirst().dropLast().utf8)
    // Lua says which token, not which of several: it is the first with which the text can no longer be completed.
    let places = source[rowRange].places(of: wanted).prefix(Self.mostTries).filter { place in
      // Half of another operator is no token: `=` in `==`.
      guard wanted.allSatisfy(Self.operators.contains) else { return true }
      return ![place - 1, place + wanted.count].contains {
        source.indices.contains($0) && Self.operators.contains(source[$0])
      }
    }
    let start = places.first { fails($0 + wanted.count) } ?? places.last
    marked = start.map { $0..<$0 + wanted.count }
  }

  /// The byte that Lua writes as `'<\226>'`: the first one of a character that is none of Lua's.
  private static func byte(named word: Substring) -> UInt8? {
    guard word.hasPrefix("'<\\"), word.hasSuffix(">'") else { return nil }
    return UInt8(word.dropFirst(3).dropLast(2))
  }

  /// The bytes of the character of UTF-8 that begins at a byte.
  private static func character(at start: Int, in source: [UInt8]) -> Range<Int> {
    let rest = source[(start + 1)...].prefix(3).prefix { $0 & 0xC0 == 0x80 }
    return start..<rest.endIndex
  }

  private static let operators = Set("=<>~/:.".utf8)

  /// A row with the same token more often than this is marked at the last of them that was tried.
  private static let mostTries = 50

  // MARK: Which token

  /// The one that Lua names as a variable: "attempt to call a nil value (global 'x')", "bad argument #1 to 'x'".
  private static func variable(in message: String, _ tokens: [LuaToken], _ here: [Int]) -> Int? {
    guard let variable = LuaVariable(in: message) else { return nil }
    if variable.kind == "for iterator" {
      return here.first { index in
        index > 0 && tokens[index - 1].kind == .keyword && tokens[index - 1].text == "in"
      }
    }
    let places = here.filter { tokens[$0].text == variable.name }
    func symbol(_ index: Int) -> String? { tokens.indices.contains(index) ? tokens[index].text : nil }
    return places.first { index in
      let isMember = [".", ":"].contains(symbol(index - 1))
      guard isMember == ["field", "method"].contains(variable.kind) else { return false }
      switch variable.use {
      case .called: return ["(", "{", ""].contains(symbol(index + 1))
      case .indexed: return [".", "[", ":"].contains(symbol(index + 1))
      case .other: return true
      }
    } ?? places.first
  }

  /// What the host's words name: a parameter or a member that stands in the row, else the operation's function.
  private static func named(
    in message: String, _ function: String?, _ tokens: [LuaToken], _ here: [Int]
  ) -> Int? {
    func words(_ text: Substring) -> [String] {
      text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }
    let places = Dictionary(here.map { (tokens[$0].text, $0) }, uniquingKeysWith: { first, _ in first })
    // "output has no csvv", "there is no help for 'get_gatwy'".
    let missing = [" has no ", "no help for "].lazy.compactMap { message.firstRange(of: $0)?.upperBound }
      .first
    if let place = missing.flatMap({ words(message[$0...]).first }).flatMap({ places[$0] }) { return place }
    let all = words(message[...])
    let names = all.filter { $0 != function && ($0.first?.isUppercase == true || $0.contains("_")) }
    return names.lazy.compactMap { places[$0] }.first ?? function.flatMap { places[$0] }
      ?? all.first.flatMap { places[$0] }
  }
}

/// A variable that one of Lua's own messages names.
struct LuaVariable {
  enum Use { case called, indexed, other }

  /// `global`, `local`, `upvalue`, `field`, `method`, or `function` for one that refused an argument.
  var kind: String
  var name: String
  var use: Use

  init?(in message: String) {
    if message.hasPrefix("bad argument #"), let start = message.firstRange(of: " to '")?.upperBound,
      let end = message[start...].firstIndex(of: "'")
    {
      kind = "function"
      name = String(message[start..<end].split(separator: ".").last ?? "")
      use = .called
      return
    }
    guard let start = message.firstRange(of: " value (")?.upperBound,
      let end = message[start...].firstRange(of: "')")?.lowerBound,
      let quote = message[start..<end].firstRange(of: " '")
    else { return nil }
    kind = String(message[start..<quote.lowerBound])
    name = String(message[quote.upperBound..<end])
    use =
      message.hasPrefix("attempt to call ")
      ? .called : message.hasPrefix("attempt to index ") ? .indexed : .other
  }
}

extension ArraySlice<UInt8> {
  /// Where the bytes stand, in order.
  fileprivate func places(of bytes: [UInt8]) -> [Int] {
    guard !bytes.isEmpty, count >= bytes.count else { return [] }
    return (startIndex...endIndex - bytes.count).filter { self[$0...].starts(with: bytes) }
  }
}
