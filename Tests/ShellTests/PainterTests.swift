// What the painter writes, and that it writes no more than it must.
import Testing

@testable import Shell

@Suite struct PainterTests {
  private let layout = Layout(rows: 6, columns: 10, promptWidth: 2)
  private var painter = Painter(isColoured: true)

  init() { Terminal.useLocale() }

  /// A text whose cursor is written as `|`.
  private func text(_ marked: String) -> TextBuffer {
    let parts = marked.split(separator: "|", omittingEmptySubsequences: false)
    let before = Array(parts[0].unicodeScalars)
    return TextBuffer(scalars: before + parts.dropFirst().joined().unicodeScalars, cursor: before.count)
  }

  /// What is written for a text in which digits are numbers.
  private mutating func paint(_ marked: String, ghost: String = "") -> String {
    let text = text(marked)
    let looks = text.scalars.map { ("0"..."9").contains($0) ? Look.number : .plain }
    let written = painter.painting(text, looks, ghost: Array(ghost.unicodeScalars), in: layout)
    let frame = (start: "\u{1B}[?2026h\u{1B}[?25l", end: "\u{1B}[?25h\u{1B}[?2026l")
    guard written.hasPrefix(frame.start), written.hasSuffix(frame.end) else { return written }
    return String(written.dropFirst(frame.start.count).dropLast(frame.end.count)).replacing(
      "\u{1B}[", with: "^")
  }

  @Test mutating func nothingIsWrittenForNothing() {
    #expect(paint("|") == "")
    #expect(paint("ab|") == "")
    #expect(paint("abc|") == "")
  }

  @Test mutating func aRowIsWrittenInItsPlaceAndTheCursorPutBack() {
    _ = paint("|")
    #expect(paint("a1|") == "^3Ga^0;36m1^0m")
    #expect(paint("a1b|") == "^3Ga^0;36m1^0mb")
    #expect(paint("|a1b") == "a^0;36m1^0mb^3G")
  }

  @Test mutating func aRowThatLibeditDoesNotTouchIsNotWrittenAgain() {
    _ = paint("1\n2\n3|")
    #expect(paint("1\n2\n34|") == "^1G^0;36m34^0m")
    // Libedit moves within the rows of the old cursor and the new.
    #expect(paint("|1\n2\n34") == "^0;36m1^2B^1G34^0m^2A^3G")
  }

  @Test mutating func whatWasDrawnAnewIsPaintedAnew() {
    _ = paint("1\n2\n3|")
    painter.forget()
    #expect(paint("1\n2\n3|") == "^2A^3G^0;36m1^1B^1G2^1B^1G3^0m")
  }

  @Test mutating func theTerminalWrapsWhatGoesOnInTheNextRow() {
    _ = paint("|")
    #expect(paint("123456789|") == "^1A^3G^0;36m123456789^0m")
  }

  /// Which libedit does not: a terminal that becomes wider would not join the rows.
  @Test mutating func aSpaceAtTheEndOfARowIsWrittenAndWraps() {
    _ = paint("|")
    #expect(paint("abcdefg h|") == "^1A^3Gabcdefg h")
    #expect(paint("abcdefg\nh|") == "")
  }

  @Test mutating func behindTheLastColumnThePlaceIsGivenAnew() {
    _ = paint("|")
    #expect(paint("1234567|8") == "^3G^0;36m12345678^0m^10G")
  }

  @Test mutating func withoutColoursOnlyRowsWithWideCharactersAreDrawn() {
    painter = Painter(isColoured: false)
    #expect(paint("a1|") == "")
    #expect(paint("漢1|") == "^3G漢1")
  }

  @Test mutating func aGhostStandsBehindTheTextAndGoes() {
    _ = paint("|")
    #expect(paint("ab|", ghost: "cd") == "^0;2mcd^0m^5G")
    #expect(painter.hasGhost)
    #expect(painter.erasingGhost() == "\u{1B}[J")
    #expect(painter.erasingGhost() == "")
  }

  @Test mutating func aGhostTakesTwoRowsMoreAndNoMore() {
    _ = paint("|")
    let written = paint("ab|", ghost: String(repeating: "x", count: 40))
    #expect(written.filter { $0 == "x" }.count == 6 + 10 + 9)
    #expect(written.contains("\r\n"))
    #expect(written.contains("x…^0m^2A^5G"))
  }

  @Test mutating func aGhostThatFitsIsWhole() {
    _ = paint("|")
    let written = paint("ab|", ghost: String(repeating: "x", count: 26))
    #expect(written.filter { $0 == "x" }.count == 26)
    #expect(!written.contains("…"))
  }
}

@Suite struct BracketTests {
  private func brackets(_ text: String, cursor: Int, plain: Bool = true) -> Brackets {
    let scalars = Array(text.unicodeScalars)
    let looks = [Look](repeating: plain ? .plain : .string, count: scalars.count)
    return Brackets(TextBuffer(scalars: scalars, cursor: cursor), looks)
  }

  @Test func theOneAtTheCursorOrElseTheOneBefore() {
    #expect(brackets("f(a[1])", cursor: 1).pair == [1, 6])
    #expect(brackets("f(a[1])", cursor: 6).pair == [6, 1])
    #expect(brackets("f(a[1])", cursor: 7).pair == [6, 1])
    #expect(brackets("f(a[1])", cursor: 3).pair == [3, 5])
    #expect(brackets("f(a[1])", cursor: 0).pair == [])
  }

  @Test func whatClosesNothing() {
    #expect(brackets("(])", cursor: 0).unmatched == [1])
    #expect(brackets(")", cursor: 0).unmatched == [0])
    #expect(brackets(")", cursor: 0, plain: false).unmatched == [])
    #expect(brackets("(", cursor: 0).unmatched == [])
  }
}

@Suite struct SuggestionTests {
  private func suggestion(_ typed: String, _ entries: [String]) -> Suggestion? {
    let scalars = Array(typed.unicodeScalars)
    return Suggestion(for: TextBuffer(scalars: scalars, cursor: scalars.count), from: entries) {
      $0.contains("secret")
    }
  }

  @Test func theNewestThatBeginsWithWhatIsTyped() {
    #expect(suggestion("a", ["ab", "abc", "b"]).map { TextBuffer.string($0.rest) } == "bc")
    #expect(suggestion("a", ["ab", "a secret"]).map { TextBuffer.string($0.rest) } == "b")
    #expect(suggestion("ab", ["ab"]) == nil)
    #expect(suggestion("", ["ab"]) == nil)
  }

  @Test func whatAKeyTakesOfIt() throws {
    let typed = TextBuffer(scalars: Array("a".unicodeScalars), cursor: 1)
    let suggestion = try #require(self.suggestion("a", ["a bc de"]))
    #expect(suggestion.accepted(by: .right, in: typed).map(TextBuffer.string) == " bc de")
    #expect(suggestion.accepted(by: .wordRight, in: typed).map(TextBuffer.string) == " bc")
    #expect(suggestion.accepted(by: .left, in: typed) == nil)
    #expect(suggestion.accepted(by: .right, in: TextBuffer(scalars: typed.scalars, cursor: 0)) == nil)
  }
}

@Suite struct UndoTests {
  private func text(_ string: String) -> TextBuffer {
    TextBuffer(scalars: Array(string.unicodeScalars), cursor: string.unicodeScalars.count)
  }

  @Test func aWordThatWasTypedGoesBackAtOnce() {
    var undo = Undo()
    for typed in ["a", "ab", "ab ", "ab c", "ab cd"] { undo.note(text(typed)) }
    #expect(undo.takeBack() == text("ab"))
    #expect(undo.takeBack() == text(""))
    #expect(undo.takeBack() == nil)
  }

  @Test func everyOtherChangeGoesBackByItself() {
    var undo = Undo()
    for typed in ["pasted", "", "x = 1"] { undo.note(text(typed)) }
    #expect(undo.takeBack() == text(""))
    #expect(undo.takeBack() == text("pasted"))
    #expect(undo.takeBack() == text(""))
  }
}
