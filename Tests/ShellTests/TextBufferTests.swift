// Rows, words and indentation of the text being edited; chips.
import Testing

@testable import Shell

/// A text whose cursor is written as `|`.
private func text(_ marked: String) -> TextBuffer {
  let parts = marked.split(separator: "|", omittingEmptySubsequences: false)
  let before = Array(parts[0].unicodeScalars)
  return TextBuffer(scalars: before + parts.dropFirst().joined().unicodeScalars, cursor: before.count)
}

@Suite struct TextBufferTests {
  @Test func upAndDownKeepTheDistanceFromTheStartOfTheRow() {
    #expect(text("abc\nde|f").above == 2)
    #expect(text("a\ndef|").above == 1)
    #expect(text("ab|c").above == nil)
    #expect(text("ab|c\ndef").below == 6)
    #expect(text("abc|\nd\ne").below == 5)
    #expect(text("abc\nd|").below == nil)
    #expect(text("\n|").above == 0)
    #expect(text("|\n").below == 1)
  }

  @Test func homeAndEndAreThoseOfTheRow() {
    #expect(text("ab\ncd|e\nf").rowStart == 3)
    #expect(text("ab\ncd|e\nf").rowEnd == 6)
  }

  @Test func wordsAreThoseOfLua() {
    #expect(text("foo.list_gateways |").wordStart == 4)
    #expect(text("foo|.list_gateways()").wordEnd == 17)
    #expect(text("|").wordStart == 0)
    #expect(text("|").wordEnd == 0)
  }

  @Test(arguments: [
    ("for g in list() do|", 2), ("  if x then|", 4), ("function f(a, b)|", 2), ("t.each(function()|", 2),
    ("x = {|", 2), ("f(|", 2), ("repeat|", 2), ("  x = 1|", 2), ("print(x)|", 0), ("undo|", 0),
    ("do\n  x|", 2), ("|", 0),
  ])
  func aNewRowIsIndented(_ marked: String, _ spaces: Int) { #expect(text(marked).indentation == spaces) }

  @Test(arguments: [
    ("do\n  x\n  end|", 7..<9), ("x = {\n  1\n  }|", 10..<12), ("if a then\n  b\n  else|", 14..<16),
  ])
  func aRowThatClosesABlockGoesBack(_ marked: String, _ spaces: Range<Int>) {
    #expect(text(marked).outdent == spaces)
  }

  @Test(arguments: ["end|", "do\n  x\nend|", "do\n  ending|", "do\n  x|"])
  func otherRowsStay(_ marked: String) { #expect(text(marked).outdent == nil) }
}

@Suite struct ChipsTests {
  @Test func aMarkStandsForItsText() {
    var chips = Chips()
    #expect(chips.collapse("a\nb\nc") == "⟦text 1: 3 lines⟧")
    #expect(chips.collapse("xxxx") == "⟦text 2: 4 characters⟧")
    #expect(chips.expand("do ⟦text 1: 3 lines⟧ end⟦text 2: 4 characters⟧") == "do a\nb\nc endxxxx")
    #expect(chips.expand("⟦text 3: 1 lines⟧") == "⟦text 3: 1 lines⟧")
  }

  @Test func aTextWithAMarkCollapsesWhole() {
    var chips = Chips()
    let first = chips.collapse("a\nb")
    let second = chips.collapse(first + "\nc")
    #expect(second == "⟦text 2: 3 lines⟧")
    #expect(chips.expand(second) == "a\nb\nc")
  }

  @Test(arguments: [(0..<1, 0..<1), (2..<3, 2..<21), (20..<21, 2..<21), (1..<4, 1..<21), (21..<22, 21..<22)])
  func whatTouchesAMarkTakesItWhole(_ range: Range<Int>, _ whole: Range<Int>) {
    var chips = Chips()
    let mark = chips.collapse(String(repeating: "\n", count: 99))
    #expect(mark == "⟦text 1: 100 lines⟧")
    #expect(chips.covering(range, in: Array("do\(mark)end".unicodeScalars)) == whole)
  }

  @Test func theSameTextHasOneMark() {
    var chips = Chips()
    #expect(chips.collapse("a\nb") == chips.collapse("a\nb"))
  }
}
