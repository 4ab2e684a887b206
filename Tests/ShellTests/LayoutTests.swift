// The rows a text takes, counted as libedit counts.
import Testing

@testable import Shell

@Suite struct LayoutTests {
  init() { Terminal.useLocale() }

  private func layout(_ rows: Int = 24, columns: Int = 10, prompt: Int = 2) -> Layout {
    Layout(rows: rows, columns: columns, promptWidth: prompt)
  }

  private func end(_ text: String, columns: Int = 10, prompt: Int = 2) -> Layout.Position {
    layout(columns: columns, prompt: prompt).end(of: text.unicodeScalars)
  }

  @Test func anEmptyLineEndsBehindThePrompt() { #expect(end("") == .init(row: 0, column: 2)) }

  @Test func theLastColumnIsTheNextRow() {
    #expect(end("1234567") == .init(row: 0, column: 9))
    #expect(end("12345678") == .init(row: 1, column: 0))
    #expect(end("12345678\n") == .init(row: 2, column: 0))
  }

  @Test func aLineFeedBeginsARow() { #expect(end("a\nbc") == .init(row: 1, column: 2)) }

  @Test func aTabGoesToTheNextStopOfTheScreen() {
    #expect(end("\t") == .init(row: 0, column: 8))
    #expect(end("\t\t") == .init(row: 1, column: 0))
    #expect(end("a\n\tb") == .init(row: 1, column: 9))
  }

  @Test func aWideCharacterDoesNotBreak() {
    #expect(end("漢") == .init(row: 0, column: 4))
    #expect(end("1234567漢") == .init(row: 1, column: 2))
    #expect(end("123456漢") == .init(row: 1, column: 0))
  }

  @Test func theCursorStandsBeforeAWideCharacterWhereItIsDrawn() {
    let text = TextBuffer(scalars: Array("1234567漢".unicodeScalars), cursor: 7)
    #expect(layout().cursor(in: text) == .init(row: 1, column: 0))
    #expect(layout(columns: 20).cursor(in: text) == .init(row: 0, column: 9))
  }

  @Test func aLongPromptTakesRowsToo() { #expect(end("ab", prompt: 25) == .init(row: 2, column: 7)) }

  @Test func oneRowOfTheWindowStaysFree() {
    let window = layout(3)
    #expect(window.fits("12345678901234567".unicodeScalars))
    #expect(!window.fits("123456789012345678".unicodeScalars))
    #expect(window.fits("a\nb".unicodeScalars))
    #expect(!window.fits("a\nb\nc".unicodeScalars))
    #expect(layout(1).limit == 1)
  }

  @Test(arguments: ["a", "\n", "\t", "é", "漢", "⟦", "🙂"] as [Unicode.Scalar])
  func isShown(_ scalar: Unicode.Scalar) { #expect(Layout.isShown(scalar)) }

  @Test(
    arguments: ["\u{0}", "\u{1B}", "\r", "\u{7F}", "\u{9B}", "\u{301}", "\u{200D}", "\u{200B}"]
      as [Unicode.Scalar])
  func isNotShown(_ scalar: Unicode.Scalar) { #expect(!Layout.isShown(scalar)) }
}

@Suite struct PromptTests {
  init() { Terminal.useLocale() }

  @Test func aLabelCannotDriveTheTerminal() {
    let prompt = Prompt(
      program: "moongate", label: "p\u{1B}[31m\u{1}\n\u{301}ö", isColoured: false, isProduction: false)
    #expect(prompt.text(in: 80) == "moongate p[31mö> ")
    #expect(prompt.width(in: 80) == 17)
  }

  @Test func eachLiteralStandsBeforeAVisibleCharacter() {
    let text = Prompt(program: "moongate", label: "local/us-east-1", isColoured: true, isProduction: false)
      .text(in: 80)
    let parts = text.split(separator: "\u{1}", omittingEmptySubsequences: false)
    #expect(parts.count % 2 == 1)
    #expect(stride(from: 2, to: parts.count, by: 2).allSatisfy { !parts[$0].isEmpty })
    #expect(
      stride(from: 0, to: parts.count, by: 2).map { parts[$0] }.joined() == "moongate local/us-east-1> ")
  }

  /// More than half of a row is for the line.
  @Test func aNarrowWindowHasAShortPrompt() {
    let prompt = Prompt(program: "moongate", label: "local/us-east-1", isColoured: false, isProduction: false)
    #expect(prompt.text(in: 52) == "moongate local/us-east-1> ")
    #expect(prompt.text(in: 51) == "local/us-east-1> ")
    #expect(prompt.text(in: 33) == "> ")
    #expect([33, 51, 52].map(prompt.width) == [2, 17, 26])
  }

  @Test func anAccountGoesBeforeTheRest() {
    let prompt = Prompt(
      program: "moongate", label: "prod/eu-central-1/123456789012", isColoured: false, isProduction: false)
    #expect(prompt.text(in: 82) == "moongate prod/eu-central-1/123456789012> ")
    #expect(prompt.text(in: 80) == "prod/eu-central-1/123456789012> ")
    #expect(prompt.text(in: 60) == "prod/eu-central-1> ")
  }

  /// Red is not enough: there are people and terminals without it.
  @Test func productionIsMarkedInEveryForm() {
    let prompt = Prompt(program: "moongate", label: "prod/eu-west-1", isColoured: false, isProduction: true)
    #expect(prompt.text(in: 80) == "moongate !prod/eu-west-1> ")
    #expect(prompt.text(in: 40) == "!prod/eu-west-1> ")
    #expect(prompt.text(in: 20) == "!> ")
    let coloured = Prompt(program: "moongate", label: "prod/eu-west-1", isColoured: true, isProduction: true)
    #expect(coloured.text(in: 20) == "\u{1}\u{1B}[1;31m\u{1}!>\u{1}\u{1B}[0m\u{1} ")
  }
}
