// ErrorDisplay: an error of a typed text as the operator sees it: what happened, the row with the culprit underlined, what a
// failed call brought back, what to do, and who called it.
//
//   error: attempt to call a nil value (global 'get_gatway')
//     1 | get_gatway(_)
//         ^^^^^^^^^^
//   hint: did you mean get_gateway?
//
// Everything in it is made visible before it is coloured: messages come from services and scripts.
import AWSCore
import BackupGateway
import LuaRuntime

struct ErrorDisplay {
  /// Longest text of an error that is told whole; `.error` has the rest.
  private static let longest = 4096
  /// Calls that are told of a traceback.
  private static let mostCalls = 10

  private var headline: String
  private var spot: ErrorSpot?
  private var source: [UInt8] = []
  /// Whether texts in the source may be secrets.
  private var isMasked = false
  /// What a failed call brought back, on one line.
  private var facts: [String] = []
  private(set) var hint: String?
  private var calls: [String] = []

  /// - Parameters:
  ///   - suggest: what else the message may have meant; it is given Lua's own words.
  ///   - fails: whether the compiler refuses a text for another reason than its end.
  ///   - mayHoldSecrets: whether what stands in the texts of a source must not be shown.
  ///   - mask: takes the secrets out of a text; later they would be broken into lines.
  init(
    _ error: LuaError, message: String, sources: PromptSources, suggest: (String) -> String?,
    fails: ([UInt8]) -> Bool, mayHoldSecrets: ([UInt8]) -> Bool, mask: (String) -> String
  ) {
    headline = message
    switch error {
    case .syntax(let text, _):
      let (place, words) = Self.split(text)
      headline = words
      hint = ErrorHints.hint(forLua: words)
      locate(place, sources) { source, row in
        ErrorSpot(row: row, of: source, syntaxMessage: words) { fails(Array(source.prefix($0))) }
      }
      nameForeignCharacter()
    case .runtime(let failure):
      if let table = failure.table, failure.isHostError {
        tell(table, sources)
      } else if failure.table == nil {
        let (place, words) = Self.split(failure.message)
        // To Lua a light userdata has no name of its own; here it is a timestamp.
        headline = words.replacing("a userdata value", with: "a timestamp value")
        hint = suggest(words) ?? ErrorHints.hint(forLua: words)
        locate(place, sources) { source, row in
          ErrorSpot(row: row, of: source, message: words, function: nil)
        }
      } else {
        headline = message.split(separator: "\nstack traceback:").first.map(String.init) ?? message
      }
      calls = Self.calls(of: failure.traceback)
    case .memory, .unwound: break
    }
    isMasked = mayHoldSecrets(source)
    if isMasked {
      for secret in Self.texts(in: source) {
        headline = headline.replacing(secret, with: Secrets.shown)
        hint = hint?.replacing(secret, with: Secrets.shown)
      }
    }
    headline = mask(headline)
    hint = hint.map(mask)
    facts = facts.map(mask)
    calls = calls.map(mask)
  }

  /// Lua tells the first byte of a character that it does not know: `near '<\226>'`.
  private mutating func nameForeignCharacter() {
    guard let start = headline.firstRange(of: "'<\\")?.lowerBound, headline.hasSuffix(">'"),
      let marked = spot?.marked
    else { return }
    let character = String(decoding: source[marked], as: UTF8.self)
    headline = "\(headline[..<start])'\(character)'"
    hint = ErrorHints.hint(forForeign: character)
  }

  private static func split(_ message: String) -> (ErrorPlace?, String) {
    var place: ErrorPlace?
    var words = message
    // coroutine.wrap puts a place before that of the error itself, which is the one that tells.
    while let (inner, rest) = ErrorPlace.read(words), !rest.isEmpty { (place, words) = (inner, rest) }
    return (place, words)
  }

  /// An error table of the host's.
  private mutating func tell(_ table: LuaTable, _ sources: PromptSources) {
    let call = ErrorHints.FailedCall(table)
    hint = ErrorHints.hint(for: call)
    var message = call.message
    // What the client says at the end of its explanation is the hint itself.
    if let run = message.firstRange(of: " Run: ") {
      hint = String(message[run.upperBound...].drop { $0 == " " })
      if hint?.hasSuffix(".") == true { hint?.removeLast() }
      message = String(message[..<run.lowerBound])
    }
    let isPlain = ["ParamValidation", "Network", "Configuration"].contains(call.code)
    let operation = table["operation"]?.string
    headline = message
    if !isPlain { headline = "\(call.code): \(headline)" }
    if call.code != "ParamValidation", let operation { headline = "\(operation): \(headline)" }
    facts = [("http_status", "HTTP "), ("request_id", "request id "), ("host", "from ")].compactMap {
      name, words in
      guard call.hasStatus, let value = table[name] else { return nil }
      return words + Display(order: MemberOrder(), width: nil).text(value).dropLast()
    }
    if case .integer(let attempts)? = table["attempts"], attempts > 1 { facts.append("\(attempts) attempts") }
    let told = table["where"]?.string ?? ""
    // A call that is the whole of a line leaves no trace of it: Lua calls it in the line's place.
    let place = ErrorPlace.read(told)?.place ?? (told.isEmpty ? sources.onlyRow : nil)
    let function = operation.flatMap(Service.operation(_:))?.luaName
    locate(place, sources) { source, row in
      ErrorSpot(
        row: row, of: source, message: call.hasStatus ? "" : message, function: function)
    }
    if place == nil, !told.isEmpty { headline = "\(told): \(headline)" }
  }

  private mutating func locate(
    _ place: ErrorPlace?, _ sources: PromptSources, _ find: ([UInt8], Int) -> ErrorSpot?
  ) {
    guard let place, let source = sources.source(named: place.chunk) else { return }
    self.source = source
    spot = find(source, place.row)
  }

  /// The calls that say more than the row itself: those of functions, with where they stand; none of the host's.
  private static func calls(of traceback: String) -> [String] {
    let lines = LuaError.scriptCalls(of: traceback).split(separator: "\n").dropFirst().map {
      $0.drop { $0.isWhitespace }
    }
    // C's own levels have no row of the operator's.
    var calls = lines.filter { !$0.hasPrefix("[C]") && !$0.hasPrefix("(...tail") }.map(String.init)
    // All in one row, which is shown already.
    let places = Set(calls.map { $0.prefix { $0 != " " } })
    guard calls.count > 1, places.count > 1 else { return [] }
    for (index, call) in calls.enumerated() {
      guard
        let end = call.firstRange(of: ": in function <prompt[")?.lowerBound
          ?? call.firstRange(of: ": in main chunk")?.lowerBound
      else { continue }
      calls[index] =
        "\(call[..<end]): \(index == calls.count - 1 ? "what was typed" : "in a function without a name")"
    }
    return calls.count <= mostCalls ? calls : calls.prefix(mostCalls) + [Glyphs.ofLocale.ellipsis]
  }

  // MARK: Text

  /// The lines, each with its newline.
  /// - Parameters:
  ///   - width: columns of the screen; nil for no bound.
  ///   - ink: how it is coloured.
  func text(width: Int?, ink: Ink) -> String {
    func titled(_ title: String, _ text: String) -> [String] {
      let parts = Self.shown(text).flatMap { Wrapping.lines($0, width: width, first: 7, indent: 2) }
      return [title + " " + parts[0]] + parts.dropFirst().map { $0.hasPrefix(" ") ? $0 : "  " + $0 }
    }
    var lines = titled(ink.bold(ink.red("error:")), headline)
    if let spot { lines += row(spot, width: width ?? 200, ink: ink) }
    if !facts.isEmpty {
      lines += Self.shown(facts.joined(separator: ", ")).flatMap {
        Wrapping.lines($0, width: width, first: 2, indent: 2)
      }.map { ink.faint($0.hasPrefix(" ") ? $0 : "  " + $0) }
    }
    if let hint { lines += titled(ink.cyan("hint:"), hint) }
    if !calls.isEmpty { lines.append("called from") }
    lines += calls.flatMap(Self.shown).map { "  " + $0 }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Its lines: they must neither drive the terminal nor flood it.
  private static func shown(_ text: String) -> [String] {
    let start = text.unicodeScalars.prefix(longest)
    var lines = String(String.UnicodeScalarView(start)).split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map { Visible.line(String($0).replacing("\t", with: "  ")) }
    if start.endIndex < text.unicodeScalars.endIndex {
      lines.append("\(Glyphs.ofLocale.ellipsis) (.error shows it whole)")
    }
    return lines
  }

  /// The row and what underlines it; nothing for a single row in which nothing is marked.
  private func row(_ spot: ErrorSpot, width: Int, ink: Ink) -> [String] {
    guard spot.marked != nil || spot.rowCount > 1 else { return [] }
    let bytes = isMasked ? Self.masked(source, spot.rowRange) : Array(source[spot.rowRange])
    // Masked or not, the row has as many bytes.
    let offset = spot.rowRange.lowerBound
    let marked = spot.marked.map { $0.lowerBound - offset..<$0.upperBound - offset }
    let row = MarkedRow(number: spot.row, bytes: bytes, marked: marked)
    return row.lines(width: width, ink: ink)
  }

  /// The row with what stands in its texts replaced.
  private static func masked(_ source: [UInt8], _ row: Range<Int>) -> [UInt8] {
    var bytes = source
    for range in textRanges(in: source) {
      for place in range where bytes[place] > 0x20 { bytes[place] = UInt8(ascii: "*") }
    }
    return Array(bytes[row])
  }

  /// Where the texts of a source stand, with their quotes and with comments behind them.
  private static func textRanges(in source: [UInt8]) -> [Range<Int>] {
    let tokens = LuaTokens.of(source)
    return tokens.indices.filter { tokens[$0].kind == .string }.map {
      tokens[$0].offset..<($0 + 1 < tokens.count ? tokens[$0 + 1].offset : source.count)
    }
  }

  /// The texts of a source, longest first, as Lua's words may quote them.
  private static func texts(in source: [UInt8]) -> [String] {
    textRanges(in: source).map {
      String(decoding: source[$0], as: UTF8.self).drop { $0.isWhitespace || "\"'".contains($0) }
    }.map { text in
      String(text.prefix { !"\"'\n".contains($0) })
    }.filter { $0.count > 2 }.sorted { $0.count > $1.count }
  }
}
