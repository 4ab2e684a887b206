// SnippetText: what is shown of a snippet before anybody trusts it. Everything in it may be written by an attacker: what would
// drive a terminal, or hide, is shown as what it is.
import AWSCore
import Glibc
import Host
import Scripts

enum SnippetText {
  /// A source as a reader must see it: every hidden character by its number, and bytes that are no text too. Tabs and ends of
  /// lines are themselves.
  static func source(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      text += self.line(line) + "\n"
    }
    return text
  }

  /// With its name and hash above it, each line behind a bar: nothing in it looks like what is said of it.
  static func source(_ part: SnippetPart) -> String {
    let lines = source(part.code.bytes).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    return "\(part.code.title), sha256:\(part.code.sha256)\n" + lines.map { "| \($0)\n" }.joined()
  }

  private static func line(_ bytes: ArraySlice<UInt8>) -> String {
    // The CR of a Windows line is no trick.
    let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
    guard let text = String(validating: line, as: UTF8.self) else {
      return line.map { byte in
        (0x20...0x7E).contains(byte) || byte == 0x09
          ? String(UnicodeScalar(byte))
          : "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
      }.joined()
    }
    return text.unicodeScalars.map { scalar in
      // A carriage return too, where no end of a line stands behind it.
      scalar != "\r" && !SourceTricks.isTrick(scalar)
        ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }.joined()
  }

  /// All that there is to know of code before its source.
  static func facts(_ candidate: SnippetCandidate) -> String {
    let part = candidate.part
    let place =
      part.registry == BundledRegistry.itsName ? "the library of moongate" : "\(part.registry), \(part.place)"
    return facts(
      candidate.code, place,
      [("signed by", [part.signer == .unsigned ? "nobody: it is unsigned" : part.signer.text])],
      requires: candidate.requirements.map {
        ["\($0.code.title), \($0.signer.short)", "sha256:\($0.code.sha256)"]
      })
  }

  /// The same of code that something is wrong with, and what.
  static func facts(_ look: SnippetLook, _ problem: Report) -> String {
    var rows: [(String, [String])] = []
    if let key = look.key { rows.append(("key", [key])) }
    switch look.verdict {
    case .refused(.unknownKey):
      rows.append(
        (
          "VERDICT",
          [
            "NOT VERIFIED, UNKNOWN KEY. Compare the fingerprint with what its owner tells you; then:"
              + " moongate snippet trust FINGERPRINT --as NAME", problem.message,
          ]
        ))
    case .refused(.revokedKey), .refused(.revokedSnippet):
      rows.append(("VERDICT", ["REVOKED", problem.message]))
    case .refused: rows.append(("VERDICT", ["NOT VERIFIED", problem.message]))
    case .verified, .unsigned: rows.append(("VERDICT", ["NOT USABLE", problem.message]))
    }
    return facts(look.code, look.place, rows, requires: look.code.requirements.map { ["\($0)"] })
  }

  private static func facts(
    _ code: SnippetCode, _ place: String, _ signature: [(String, [String])], requires: [[String]]
  ) -> String {
    var rows: [(String, [String])] = [("from", [place]), ("hash", ["sha256:\(code.sha256)"])]
    rows += signature
    rows += [("author", code.header.authors.map(words)), ("may", code.permissions.lines)]
    rows += requires.map { ("requires", $0) }
    let column = (rows.map { $0.0.count }.max() ?? 0) + 4
    let lines = rows.flatMap { name, values in
      values.enumerated().map { index, value in
        "  \(Terminal.padded(index == 0 ? name : "", to: column - 2))"
          + row(value, from: column, indent: column)
      }
    }
    let title = "\(code.title): "
    return title + row(words(code.header.summary), from: title.count, indent: column) + lines.joined()
  }

  /// A text, no word of which begins a row of the screen: there an author's could pass for one of ours.
  private static func row(_ text: String, from first: Int, indent: Int) -> String {
    let width = Terminal.width ?? Terminal.size(of: STDERR_FILENO)?.columns
    let words = Console.visible(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return Wrapping.lines(words, width: width, first: first, indent: indent).joined(separator: "\n") + "\n"
  }

  /// Words of an author's, none of which is as wide as a screen.
  private static func words(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).map { Terminal.cut(String($0), to: 60) }.joined(separator: " ")
  }

  /// A line for each permission that an update adds or gives up.
  static func changes(_ changes: [SnippetPermissions.Change]) -> String {
    guard !changes.isEmpty else { return "  permissions  as before\n" }
    let lines = changes.map { "\($0.grows ? "+" : "-") \(Console.visible($0.text))" }
    return lines.enumerated().map { index, line in
      "  \(index == 0 ? "permissions" : "           ")  \(line)\n"
    }.joined()
  }

  /// A difference, coloured where it is written to a terminal that has colours.
  static func coloured(_ difference: String, on descriptor: Int32) -> String {
    let ink = Ink(for: descriptor)
    let lines = source(Array(difference.utf8)).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in
      switch line.first {
      case "+": ink.green(String(line))
      case "-": ink.red(String(line))
      case "@": ink.cyan(String(line))
      default: String(line)
      }
    }.joined(separator: "\n")
  }
}
