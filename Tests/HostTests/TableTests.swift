// Table: columns that fit the screen, whatever the cells hold.
import LuaRuntime
import Testing

@testable import Host

@Suite struct TableTests {
  private func table(_ titles: [String], _ rows: [[LuaValue]], width: Int?) -> String {
    let display = Display(order: MemberOrder(), width: width)
    return Table(
      titles.map { Table.Column(title: $0) }, rows.map { $0.map(display.cell) }, glyphs: .unicode
    ).text(width: width)
  }

  @Test func numbersStandOnTheRightAndTheRestOnTheLeft() {
    let rows: [[LuaValue]] = [
      [.string("a"), .integer(5), .string("x")], [.string("bb"), .number(10.5), .nil],
    ]
    #expect(
      table(["name", "n", "note"], rows, width: nil) == """
        name     n  note
        a        5  x
        bb    10.5

        """)
  }

  @Test func wideAndCombiningCharactersTakeTheirColumns() {
    let rows: [[LuaValue]] = [
      [.string("東京"), .integer(1)], [.string("e\u{301}"), .integer(2)], [.string("🙂"), .integer(3)],
    ]
    #expect(
      table(["name", "n"], rows, width: 40) == """
        name  n
        東京  1
        e\u{301}     2
        🙂    3

        """)
  }

  @Test func anArnKeepsItsEnd() {
    let arn = "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-0000ABCDEFGIJKL"
    let text = table(["arn", "name"], [[.string(arn), .string("web-01")]], width: 40)
    #expect(text.hasSuffix("…456789012:vm/vm-0000ABCDEFGIJKL  web-01\n"), "\(text)")
    #expect(text.split(separator: "\n").allSatisfy { Terminal.columns(String($0)) <= 40 })
  }

  /// At 80 columns all that was left of a machine's name was ten characters, as of its path.
  @Test func aNameIsCutLast() {
    let long = LuaValue.string(String(repeating: "x", count: 40))
    let name = LuaValue.string("web-81 (Production)")
    let text = table(["Name", "HostName", "Path"], [[name, long, long]], width: 50)
    #expect(text.contains("web-81 (Production)  x"), "\(text)")
  }

  @Test func aNumberOrATimeIsNeverCut() {
    let rows: [[LuaValue]] = [
      [.integer(1_234_567_890_123), .timestamp(0), .string(String(repeating: "x", count: 99))]
    ]
    let text = table(["n", "at", "text"], rows, width: 45)
    #expect(text.contains("1234567890123  1970-01-01T00:00:00Z  xxxxx"), "\(text)")
    #expect(text.contains("…"))
  }

  @Test func whatCannotFitIsOneRecordBelowAnother() {
    let long = LuaValue.string(String(repeating: "x", count: 30))
    #expect(
      table(["first", "second", "third"], [[long, long, long], [long, .nil, long]], width: 24) == """
        first   xxxxxxxxxxxxxxx…
        second  xxxxxxxxxxxxxxx…
        third   xxxxxxxxxxxxxxx…

        first   xxxxxxxxxxxxxxx…
        third   xxxxxxxxxxxxxxx…

        """)
  }

  @Test(arguments: 1...60) func noLineIsWiderThanTheScreen(_ width: Int) {
    let rows = (0..<5).map { n in
      (0..<4).map { LuaValue.string(String(repeating: "é東x"[$0 % 2 == 0], count: n * 7 + $0)) }
    }
    let text = table(["a", "b", "c", "d"], rows, width: width)
    // Below this not even a name and eight columns fit.
    let bound = max(width, 11)
    for line in text.split(separator: "\n") { #expect(Terminal.columns(String(line)) <= bound, "\(line)") }
  }

  @Test func whatWouldDriveATerminalIsSeenInstead() {
    let text = table(["a"], [[.string("\u{1B}[2J\nb\tc\u{9B}\u{202E}\u{200F}\u{7F}")]], width: 80)
    #expect(text == "a\n␛[2J\\nb\\tc\\u{9B}\\u{202E}\\u{200F}\\u{7F}\n")
  }

  @Test func aCutNeverEndsWithHalfACharacter() {
    #expect(Terminal.cut("東京都", to: 4) == "東…")
    #expect(Terminal.cut("arn:e\u{301}e\u{301}", to: 2) == "…e\u{301}")
    #expect(Terminal.cut("abcdef", to: 1) == "…")
    #expect(Terminal.cut("👩\u{200D}🚀 lift-off", to: 4, mark: "~") == "👩~")
  }

  @Test func aHundredThousandRowsTakeNoLongerThanTheyMust() {
    let rows = (0..<100_000).map { [LuaValue.integer(Int64($0)), .string("vm-\($0)")] }
    let text = table(["n", "name"], rows, width: 80)
    #expect(text.utf8.count(where: { $0 == 10 }) == 100_001)
  }
}

extension String {
  /// One of two letters, for texts of different widths.
  fileprivate subscript(isWide: Bool) -> String { isWide ? "東" : "é" }
}
