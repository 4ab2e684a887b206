// LuaToken: the words of Lua 5.4 (manual, section 3.1), as its compiler tells them apart. Host's LuaTokens are for text that
// is being typed, where nothing is an error; these are exact, and small: a source of 4 MiB may be nothing but brackets.

struct LuaToken: Sendable, Equatable {
  enum Kind: String, Sendable, CaseIterable {
    case end = "<eof>"
    case name = "<name>"
    case string = "<string>"
    case number = "<number>"
    /// A byte that begins no token.
    case stray = "<stray>"

    case and, `break`, `do`, `else`, `elseif`, endWord = "end", `false`, `for`, function, goto, `if`, `in`
    case local, `nil`, not, or, `repeat`, `return`, then, `true`, until, `while`

    case plus = "+"
    case minus = "-"
    case times = "*"
    case divided = "/"
    case wholes = "//"
    case modulo = "%"
    case power = "^"
    case length = "#"
    case bitAnd = "&"
    case tilde = "~"
    case bitOr = "|"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    case equal = "=="
    case unequal = "~="
    case atMost = "<="
    case atLeast = ">="
    case less = "<"
    case greater = ">"
    case assign = "="
    case open = "("
    case close = ")"
    case openBrace = "{"
    case closeBrace = "}"
    case openBracket = "["
    case closeBracket = "]"
    case label = "::"
    case semicolon = ";"
    case colon = ":"
    case comma = ","
    case dot = "."
    case concatenate = ".."
    case dots = "..."

    /// Nothing of a block follows it.
    var endsBlock: Bool { [.end, .endWord, .else, .elseif, .until].contains(self) }
  }

  var kind: Kind
  private var first: Int32
  private var last: Int32

  init(_ kind: Kind, _ range: Range<Int>) {
    self.kind = kind
    // Sources are no larger than ScriptSource reads.
    first = Int32(clamping: range.lowerBound)
    last = Int32(clamping: range.upperBound)
  }

  /// Bytes of the source.
  var range: Range<Int> { Int(first)..<Int(last) }

  static let keywords: [String: Kind] = {
    let words: [Kind] = [
      .and, .break, .do, .else, .elseif, .endWord, .false, .for, .function, .goto, .if, .in, .local, .nil,
      .not, .or,
      .repeat, .return, .then, .true, .until, .while,
    ]
    return Dictionary(words.map { ($0.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
  }()
}
