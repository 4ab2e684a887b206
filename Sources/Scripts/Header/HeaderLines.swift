// HeaderLines: which lines of a source are its header, and which of them are tags.
import AWSCore

enum HeaderLines {
  /// A line of the header without its dashes.
  struct Comment {
    let line: Int
    /// Where the text begins in its line, in bytes from 1.
    let column: Int
    let text: ArraySlice<UInt8>
  }

  /// Lines end where Lua ends them: a lone CR does.
  static func comments(_ source: [UInt8]) -> [Comment] {
    let newline = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r"), dash = UInt8(ascii: "-")
    var comments: [Comment] = []
    var rest = source[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    for number in 1... {
      guard !rest.isEmpty else { break }
      let text = rest.prefix { $0 != newline && $0 != carriageReturn }
      rest = rest[text.endIndex...]
      // CR LF and LF CR are one end.
      if let first = rest.popFirst(), let second = rest.first, second != first,
        second == newline || second == carriageReturn
      {
        rest.removeFirst()
      }
      // Line 1 may name an interpreter; ScriptSource has made a comment of it by then.
      if number == 1, text.starts(with: "#!".utf8) || text.starts(with: "--#!".utf8) { continue }
      guard text.starts(with: "--".utf8), !opensLongComment(text.dropFirst(2)) else { break }
      let words = text.drop { $0 == dash }
      comments.append(Comment(line: number, column: words.startIndex - text.startIndex + 1, text: words))
    }
    return comments
  }

  /// After `--`: `[[` or `[==[`, behind which code may stand in the same line.
  private static func opensLongComment(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "[") else { return false }
    return text.dropFirst().drop { $0 == UInt8(ascii: "=") }.first == UInt8(ascii: "[")
  }

  /// The tag that a comment is, if it is one: `@` and a word after spaces.
  /// - Parameter isKnown: which names are tags, whatever else they may be.
  static func tag(
    _ comment: Comment, isKnown: (String) -> Bool
  ) throws(ScriptHeader.Problem) -> ScriptHeader.Tag? {
    let text = comment.text.drop(while: isSpace)
    guard text.first == UInt8(ascii: "@") else { return nil }
    let column = comment.column + text.startIndex - comment.text.startIndex
    let word = text.dropFirst().prefix { $0 > 0x20 }
    let rest = text[word.endIndex...]
    let value = rest.drop(while: isSpace)
    // What is shown and decided by must be text, and the text that people see.
    guard let name = String(validating: word, as: UTF8.self),
      let words = String(validating: value, as: UTF8.self),
      let between = String(validating: rest, as: UTF8.self)
    else {
      throw ScriptHeader.Problem(line: comment.line, column: column, message: "a tag must be UTF-8 text")
    }
    guard !(name + between).unicodeScalars.contains(where: { $0.isHidden && $0 != "\t" }) else {
      throw ScriptHeader.Problem(
        line: comment.line, column: column, message: "a tag must not hold control characters")
    }
    // `---@param x` and its kin are annotations for language servers.
    if !isKnown(name), text.startIndex == comment.text.startIndex, isAnnotation(name) { return nil }
    return ScriptHeader.Tag(
      name: name, text: trimmed(words), line: comment.line, column: column,
      textColumn: column + value.startIndex - text.startIndex)
  }

  /// The annotations of LuaLS that stand at the top of files.
  private static func isAnnotation(_ name: String) -> Bool {
    ["meta", "diagnostic", "module", "class", "field", "alias", "type", "param", "return"].contains(name)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}

extension ScriptHeader.Tag {
  /// A problem with this tag, or with a part of its text.
  func problem(
    _ message: String, at part: Substring? = nil, suggestion: String? = nil
  ) -> ScriptHeader.Problem {
    // A part is a piece of `text`, which has the same bytes as the line.
    let offset = part.map { text.utf8.distance(from: text.startIndex, to: $0.startIndex) } ?? 0
    let hint = suggestion.map { "; did you mean \($0)?" } ?? ""
    return ScriptHeader.Problem(
      line: line, column: textColumn + offset, message: message + hint, suggestion: suggestion)
  }
}
