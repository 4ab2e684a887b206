// Source that looks like something else than what runs.
import Testing

@testable import Scripts

@Suite struct SourceTricksTests {
  @Test(arguments: ["", "print(1)", "print(1)\r\nprint(2)\r\n", "-- ümlaut, 日本, 😀\n\tprint('é')"])
  func plainTextIsFine(_ source: String) throws {
    try SourceTricks.check(Array(source.utf8))
  }

  @Test(arguments: [
    ("-- a\nprint(1) -- \u{202E}x", 2), ("a = '\u{200B}'", 1), ("\n\nx = '\u{1B}[2K'", 3), ("x = 'a\0b'", 1),
    ("-- a\rprint(1)", 1), ("print(1)\r", 1), ("print(1)\n\r", 2), ("-- \u{2028}print(1)", 1), ("\u{7F}", 1),
    ("\u{9B}2K", 1), ("\u{2066}", 1), ("\u{FEFF}", 1), ("\u{FE0F}", 1), ("\u{E0141}", 1), ("\u{3164}", 1),
    ("\u{2800}", 1),
  ])
  func whatDrivesOrHidesIsFound(_ source: String, _ line: Int) {
    #expect { try SourceTricks.check(Array(source.utf8)) } throws: {
      ($0 as? SourceTricks.Finding)?.line == line
    }
  }

  @Test func bytesThatAreNoTextAreFound() {
    #expect {
      try SourceTricks.check(Array("print(1)\n-- ".utf8) + [0xFF] + Array("\n".utf8))
    } throws: {
      let finding = $0 as? SourceTricks.Finding
      return finding?.line == 2 && finding?.message == "this is not UTF-8 text"
    }
  }
}
