// What .history is asked for, and what Ctrl-R finds.
import Testing

@testable import Shell

@Suite struct HistoryQueryTests {
  private static let entries = [
    HistoryEntry(time: 1, label: "prod/eu-west-1", succeeded: true, text: "list_gateways()"),
    HistoryEntry(time: 2, label: "prod/eu-west-1", succeeded: false, text: "get_gateway('x')"),
    HistoryEntry(time: 3, label: "local/us-east-1", succeeded: false, text: "for g in x do\n  Привет()\nend"),
    HistoryEntry(time: 4, label: "local/us-east-1", succeeded: true, text: "x = 1"),
  ]

  @Test(arguments: [
    ("", [1, 2, 3, 4]), ("2", [3, 4]), ("failed", [2, 3]), ("ok", [1, 4]), ("PROD", [1, 2]),
    ("failed prod", [2]), ("eu-west us", []), ("/gate.ay/", [1, 2]), ("/^LIST/", [1]), ("/привет/", [3]),
    ("1 /gateway/ failed", [2]), ("/^end$/", [3]), ("/(x+)+y/", []), ("// 1", [4]),
  ])
  func conditionsNarrowTheList(_ argument: String, _ numbers: [Int]) throws {
    #expect(try HistoryQuery(argument).select(from: Self.entries).map(\.number) == numbers)
  }

  @Test(arguments: [
    ("/(/", "/(/ is no regular expression: missing closing parenthesis (at character 2)"),
    ("/abc", "a pattern ends with a slash, as in .history /tag_/"),
  ])
  func aBadPatternIsExplained(_ argument: String, _ message: String) {
    #expect(throws: SearchPattern.Problem(description: message)) { try HistoryQuery(argument) }
  }

  @Test func aPatternThatTakesForEverDoesNotMatch() throws {
    let pattern = try SearchPattern("(a+)+$")
    #expect(!pattern.matches(String(repeating: "a", count: 40) + "b"))
  }
}

@Suite struct HistorySearchTests {
  private var search = HistorySearch(["привет()", "get_a()", "print('Привет')", "get_b()"])

  @Test mutating func aLongerPatternGoesOnFromTheEntryShown() {
    search.append("get_")
    #expect(search.entry == "get_b()")
    search.append("a")
    #expect(search.entry == "get_a()")
    search.append("z")
    #expect(!search.isFound)
    #expect(search.entry == "get_a()")
    search.removeLast()
    #expect(search.isFound)
    #expect(search.entry == "get_a()")
  }

  @Test mutating func olderAndNewerWalkBetweenWhatMatches() {
    search.append("ПРИ")
    #expect(search.entry == "print('Привет')")
    #expect(search.entry.flatMap { search.place(in: $0) } == 7)
    search.older()
    #expect(search.entry == "привет()")
    search.older()
    #expect(!search.isFound)
    search.newer()
    #expect(search.entry == "print('Привет')")
  }

  @Test(arguments: [(80, "(search) 'get_': "), (20, "'get_': "), (12, "'get_': "), (2, "'get_': ")])
  mutating func thePromptTakesHalfTheWindowAtMost(_ columns: Int, _ prompt: String) {
    search.append("get_")
    #expect(search.isFound)
    #expect(search.prompt(columns: columns) == prompt)
  }
}
