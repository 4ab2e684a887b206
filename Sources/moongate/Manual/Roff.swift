// Roff: text in the language of man(7), which groff and mandoc both set. A page is put together from these pieces, so that no
// character of a help text is taken for a command of theirs.

/// A piece of a manual page: whole lines, each ended.
struct Roff {
  private(set) var text = ""
  /// A heading begins a paragraph by itself.
  private var isBelowHeading = false

  // MARK: Lines

  mutating func section(_ title: String) { heading(".SH \(Self.argument(title.uppercased()))") }
  mutating func subsection(_ title: String) { heading(".SS \(Self.argument(title))") }

  private mutating func heading(_ line: String) {
    text += line + "\n"
    isBelowHeading = true
  }

  /// Sets a paragraph of text that `plain`, `bold` and `italic` made.
  mutating func paragraph(_ words: String) { beginParagraph(Self.line(words) + "\n") }

  /// A term, and indented below it what it is.
  mutating func row(_ term: String, _ meaning: String) {
    isBelowHeading = false
    text += ".TP\n\(Self.line(term))\n\(Self.line(meaning))\n"
  }

  /// Lines as they are, for who types them.
  mutating func example(_ lines: String) {
    let rows = lines.split(separator: "\n", omittingEmptySubsequences: false).map {
      Self.line(Self.plain($0)) + "\n"
    }
    beginParagraph(".nf\n.RS 4\n\(rows.joined()).RE\n.fi\n")
  }

  private mutating func beginParagraph(_ lines: String) {
    text += (isBelowHeading ? "" : ".PP\n") + lines
    isBelowHeading = false
  }

  // MARK: Words

  /// Words as they are typed; no line breaks within one.
  static func bold(_ text: some StringProtocol) -> String { "\\fB\(unbroken(text))\\fR" }
  /// Words that stand for others.
  static func italic(_ text: some StringProtocol) -> String { "\\fI\(unbroken(text))\\fR" }

  private static func unbroken(_ text: some StringProtocol) -> String {
    text.split(separator: " ").map { "\\%\(plain($0))" }.joined(separator: " ")
  }

  /// A text whose every character means itself. Hyphens and quotes are ASCII's: what is copied from the page runs.
  static func plain(_ text: some StringProtocol) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\e"
      case "-": "\\-"
      case "'": "\\(aq"
      case "`": "\\(ga"
      case "^": "\\(ha"
      case "~": "\\(ti"
      case "…": "..."
      case _ where scalar.isASCII: String(scalar)
      default: "\\[u\(hex(scalar))]"
      }
    }.joined()
  }

  private static func hex(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// A line that begins with a point would be a command.
  private static func line(_ words: String) -> String { words.hasPrefix(".") ? "\\&\(words)" : words }

  private static func argument(_ text: String) -> String {
    "\"\(plain(text).replacing("\"", with: "\\(dq"))\""
  }
}
