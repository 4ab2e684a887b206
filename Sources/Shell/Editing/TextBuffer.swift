// TextBuffer: a text with a cursor, and where its rows and words begin and end.

/// The text being edited, as a value. Positions count Unicode scalars, as libedit does.
struct TextBuffer: Equatable {
  var scalars: [Unicode.Scalar]
  var cursor: Int

  var isEmpty: Bool { scalars.isEmpty }
  var beforeCursor: ArraySlice<Unicode.Scalar> { scalars[..<cursor] }
  var afterCursor: ArraySlice<Unicode.Scalar> { scalars[cursor...] }
  var string: String { TextBuffer.string(scalars) }

  /// Where the row that holds the cursor begins.
  var rowStart: Int { beforeCursor.lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
  /// Where it ends: at its line end, or at the end of the text.
  var rowEnd: Int { afterCursor.firstIndex(of: "\n") ?? scalars.count }

  /// The same distance from the start of the row above, or its end when it is shorter. Nil in the first row.
  var above: Int? {
    let start = rowStart
    guard start > 0 else { return nil }
    let row = TextBuffer(scalars: scalars, cursor: start - 1)
    return min(row.rowStart + (cursor - start), row.cursor)
  }

  /// The same distance from the start of the row below. Nil in the last row.
  var below: Int? {
    let end = rowEnd
    guard end < scalars.count else { return nil }
    let row = TextBuffer(scalars: scalars, cursor: end + 1)
    return min(row.cursor + (cursor - rowStart), row.rowEnd)
  }

  /// The start of the word before the cursor.
  var wordStart: Int {
    var place = cursor
    while place > 0, !TextBuffer.isWord(scalars[place - 1]) { place -= 1 }
    while place > 0, TextBuffer.isWord(scalars[place - 1]) { place -= 1 }
    return place
  }

  /// The end of the word after the cursor.
  var wordEnd: Int {
    var place = cursor
    while place < scalars.count, !TextBuffer.isWord(scalars[place]) { place += 1 }
    while place < scalars.count, TextBuffer.isWord(scalars[place]) { place += 1 }
    return place
  }

  /// The spaces a new row begins with: those of the row before the cursor, and two more when it opens a
  /// block.
  var indentation: Int {
    let row = scalars[rowStart..<cursor]
    let spaces = row.prefix { $0 == " " }.count
    let word = TextBuffer.string(row).split { $0 == " " || $0 == "\t" }.last ?? ""
    let openers: Set<Substring> = ["do", "then", "else", "repeat"]
    let opens = openers.contains(word) || word.hasSuffix("{") || word.hasSuffix("(") || isFunctionHead(row)
    return spaces + (opens ? 2 : 0)
  }

  /// The spaces to take from the row before the cursor when it closes a block and stands as deep as the
  /// block.
  var outdent: Range<Int>? {
    let row = scalars[rowStart..<cursor]
    let spaces = row.prefix { $0 == " " }.count
    let text = TextBuffer.string(row.dropFirst(spaces))
    let word = text.prefix { $0.isLetter }
    let closers: Set<Substring> = ["end", "else", "elseif", "until"]
    guard rowStart > 0, spaces >= 2, closers.contains(word) || text.hasPrefix("}") || text.hasPrefix(")"),
      spaces == TextBuffer(scalars: scalars, cursor: rowStart - 1).indentation
    else { return nil }
    return rowStart..<rowStart + 2
  }

  /// `function f(a, b)` and `x(function()`: a row that ends with a parameter list.
  private func isFunctionHead(_ row: ArraySlice<Unicode.Scalar>) -> Bool {
    let text = TextBuffer.string(row)
    guard text.last == ")", let open = text.lastIndex(of: "(") else { return false }
    let words = text[..<open].split { !$0.isLetter && !$0.isNumber && !"_.:".contains($0) }
    return words.suffix(2).contains("function")
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
