// What headers declare beside permissions: arguments, secrets, requirements; and every problem of a header at once.
import AWSCore
import Host
import Testing

@testable import Scripts

@Suite struct ScriptArgumentTests {
  private func arguments(_ lines: String...) throws -> [ScriptArgument] {
    try ScriptHeader(Array(lines.map { "-- @arg \($0)\n" }.joined().utf8)).arguments
  }

  private func problems(_ text: String) -> [ScriptHeader.Problem] {
    ScriptHeader.read(Array(text.utf8)).problems
  }

  @Test func theDesignsArgumentsAreRead() throws {
    let found = try arguments(
      "age duration=7d        Age of the last backup", "hypervisor hypervisor? Only this hypervisor",
      "report output?", "state ONLINE|OFFLINE*\tWhich", "title string=\"All of them\" A title",
      "max_age duration")
    #expect(found.map(\.name) == ["age", "hypervisor", "report", "state", "title", "max_age"])
    #expect(found.map(\.option).last == "max-age")
    #expect(
      found.map(\.kind) == [
        .duration, .resource(.hypervisor), .output, .choice(["ONLINE", "OFFLINE"]), .string, .duration,
      ])
    #expect(
      found.map(\.need) == [
        .byDefault("7d"), .optional, .optional, .repeated, .byDefault("All of them"), .required,
      ])
    #expect(
      found[0].text == "Age of the last backup" && found[3].text == "Which" && found[4].text == "A title")
  }

  /// Twenty thousand arguments, each compared with all others, had kept the host busy for minutes before a script of
  /// somebody else's was even refused.
  @Test func aHeaderHasABoundedNumberOfTags() throws {
    let text = (0..<20_000).map { "-- @arg a\($0) string?\n" }.joined()
    let (header, problems) = ScriptHeader.read(Array(text.utf8))
    #expect(header.arguments.count == 500)
    #expect(problems.map(\.message) == ["a header has at most 500 tags"] && problems.first?.line == 501)
  }

  @Test func theFirstLineIsTheSummaryAndTheOthersTheDescription() throws {
    let header = try ScriptHeader(Array("--- One.\n--\n-- Two.\n--\n-- Three.\n-- @name x\n-- Four.".utf8))
    #expect(header.summary == "One.")
    #expect(header.description == "Two.\n\nThree.")
  }

  @Test func otherTagsAreTyped() throws {
    let header = try ScriptHeader(
      Array(
        """
        -- @author Ada
        -- @author Ben
        -- @secret password The vCenter's password
        -- @require table@1.2.3
        -- @requires moongate >= 0.0.1
        -- @example moongate run x --age 7d
        -- @example moongate run x
        """.utf8))
    #expect(header.authors == ["Ada", "Ben"])
    #expect(header.secrets == [ScriptHeader.Secret(name: "password", text: "The vCenter's password")])
    #expect(header.requirements.map(\.name) == ["table"])
    #expect(header.requirements.first?.version == SemanticVersion("1.2.3"))
    #expect(header.minimum == SemanticVersion("0.0.1"))
    #expect(header.examples.count == 2)
  }

  @Test(arguments: [
    (
      "Age duration",
      "@arg takes a name of small letters, digits and _, a type and a text, as in @arg max_age duration=7d Oldest backup; did you mean age?"
    ),
    (
      "max-age duration",
      "@arg takes a name of small letters, digits and _, a type and a text, as in @arg max_age duration=7d Oldest backup; did you mean max_age?"
    ),
    ("end string", "@arg end: that name is taken"), ("dry_run boolean", "@arg dry_run: that name is taken"),
    (
      "a durration",
      "@arg a: there is no type durration; there is boolean, csv, duration, gateway, hypervisor, integer, json, lines, number, output, string, timestamp, vm, and a|b|c for a choice; did you mean duration?"
    ),
    (
      "a",
      "@arg a needs a type; there is boolean, csv, duration, gateway, hypervisor, integer, json, lines, number, output, string, timestamp, vm, and a|b|c for a choice"
    ),
    ("a x|x", "@arg a: a choice is words between |, none of them twice, as in red|green"),
    ("a x|", "@arg a: a choice is words between |, none of them twice, as in red|green"),
    ("a integer?*", "@arg a: behind its type stands ?, * or =DEFAULT, and one of them only"),
    ("a integer=x", "@arg a: the default must be a whole number, not 'x'"),
    ("a red|green=blue", "@arg a: the default must be one of red, green, not 'blue'"),
    ("a boolean*", "@arg a: a boolean is given once"), ("a output*", "@arg a: a output is given once"),
    (
      "a csv=x.csv",
      "@arg a: a file has no default: it is opened because the command line names it; write csv?"
    ),
    ("a string=\"x", "the default has no closing quote"),
  ])
  func aSlipInAnArgumentIsToldWithItsPlace(_ text: String, _ message: String) {
    let found = problems("-- x\n-- @arg \(text)")
    #expect(found.map(\.message) == [message])
    #expect(found.first?.line == 2)
    #expect((found.first?.column ?? 0) >= 9)
  }

  @Test func twoArgumentsAreNotGivenByTheSameOption() {
    #expect(
      problems("-- @arg a string\n-- @arg a integer").first?.message == "@arg a stands in line 1 already")
    #expect(
      problems("-- @arg cache boolean\n-- @arg no_cache string").first?.message
        == "@arg no_cache and cache are given by the same option")
  }

  @Test func allProblemsAreFoundWithColumnsAndSuggestions() {
    let found = problems(
      "-- @alow read\n--   @allow GetGateways, ListGateways\n-- @version 1\n-- @limit calls=1 memry=3")
    #expect(found.map(\.line) == [1, 2, 3, 4])
    #expect(found.map(\.column) == [4, 13, 13, 19])
    #expect(found.map(\.suggestion) == ["@allow", "GetGateway", nil, "memory"])
  }

  @Test func ofAScriptForANewerProgramOnlyThatIsSaid() {
    let found = problems("-- @newtag x\n-- @requires moongate >= 99.1.0\n-- @arg a newtype")
    #expect(
      found.map(\.message) == [
        "this script needs moongate 99.1.0 or newer, and this is moongate \(Version.current)"
      ])
  }

  // MARK: The words of a command line

  private func read(_ words: String..., declared: String) throws -> ReadArguments {
    try ScriptHeader(Array(declared.utf8)).read(words)
  }

  @Test func helpIsAnsweredHoweverWrongTheRestIs() throws {
    let declared = "-- @arg a integer"
    #expect(try read("--nothing", "--help", declared: declared).wantsHelp)
    #expect(try read("-h", declared: declared).wantsHelp)
    #expect(try !read("--a", "1", "--", "--help", declared: declared).wantsHelp)
    #expect(try read("--help", declared: "-- @name x").wantsHelp)
    #expect(try !read("--help", declared: "-- a remark").wantsHelp)
  }

  // MARK: Bytes that mean nothing

  /// Numbers that are the same in every run.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  @Test func randomBytesAreAHeaderOrAProblemAndNeverTrap() {
    var dice = Dice(state: 1)
    let pieces = [
      "-- ", "@arg ", "@allow ", "@limit ", "@secret ", "@require ", "@requires moongate >= ", "@version ",
      "@name ", "age",
      " duration", "=7d", "=\"", "?", "*", "|", "a|b|c", " integer=", "99999999999999999999", "1.2.3", "@",
      "\n", "\r", "\t",
      "\u{202E}", "\u{0}", "read", "time=", "1e999h", "é", "--[[", "\"", "-", "output", "boolean=true",
      "timestamp=0000-00-00",
      "timestamp=9999-12-31", "duration=99999999999999w", "number=1e400", "vm=x", "_", "Z",
    ]
    for _ in 0..<3_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<30, using: &dice) {
        if Int.random(in: 0..<8, using: &dice) == 0 {
          bytes.append(UInt8.random(in: 0...255, using: &dice))
        } else if let piece = pieces.randomElement(using: &dice) {
          bytes += piece.utf8
        }
      }
      let (header, problems) = ScriptHeader.read(Array("-- ".utf8) + bytes)
      _ = ScriptHelp.text(header, name: "x")
      #expect(problems.allSatisfy { $0.line >= 1 && ($0.column ?? 1) >= 1 && !$0.message.isEmpty })
      let words = (0..<4).compactMap { _ in pieces.randomElement(using: &dice) }
      _ = try? header.read(words.map { "--" + $0 } + words)
      _ = ScriptCompletion(header).wanted(after: words.map { "--" + $0 }, "--a=")
    }
  }

  @Test func randomBytesAreAFileOrAProblemAndNeverTrap() {
    var dice = Dice(state: 2)
    for _ in 0..<3_000 {
      let bytes = (0..<Int.random(in: 0..<20, using: &dice)).map { _ -> UInt8 in
        Int.random(in: 0..<3, using: &dice) == 0
          ? UInt8.random(in: 0...255, using: &dice)
          : Array("\",\n\r a{}[]:1".utf8).randomElement(using: &dice) ?? 0
      }
      for form in [ScriptArgument.FileForm.lines, .json, .csv] { _ = try? FileArgument.item(bytes, form) }
    }
  }

  @Test func whatIsGivenArrivesInAWorkerAsItWas() throws {
    let items: [GivenArguments.Item] = [
      .nothing, .boolean(true), .integer(.min), .number(0.5), .number(3), .string("a\n•"), .timestamp(-1),
      .list([.string("i"), .list([])]), .rows(names: ["a", "b"], records: [["1", ""], ["2"]]),
      .document(Array("{\"a\":[]}".utf8)), .output(3),
    ]
    let given = GivenArguments(
      named: items.enumerated().map { ("n\($0.offset)", $0.element) }, words: ["-", "é"])
    guard case .arguments(let arrived?) = try HostMessage(HostMessage.arguments(given).frame) else {
      Issue.record("no arguments arrived")
      return
    }
    #expect(arrived.named.map(\.item) == items)
    #expect(arrived.words == given.words)
  }
}
