// What the prompt prints of a value: rows of a screen, literals of Lua, tables in parts, values that have no end.
import LuaRuntime
import Testing

@testable import Host

@Suite struct ResultTests {
  // MARK: Rows of a screen

  private func rows(_ text: String, _ columns: Int) -> [ScreenRows.Row] {
    var reader = ScreenRows(text)
    var rows: [ScreenRows.Row] = []
    while let row = reader.next(columns: columns) { rows.append(row) }
    return rows
  }

  @Test func aLineIsAsManyRowsAsItTakes() {
    #expect(rows("abcdefg\nh\n\n", 3).map(\.text) == ["abc", "def", "g", "h", ""])
    #expect(rows("abcdefg\nh", 3).map(\.endsLine) == [false, false, true, false])
    #expect(rows("abc\n", 3) == [ScreenRows.Row(text: "abc", endsLine: true)])
  }

  @Test func wideCharactersTabsAndControlsTakeTheirColumns() {
    #expect(rows("東京都", 5).map(\.text) == ["東京", "都"])
    #expect(rows("a\tb", 80).map(\.text) == ["a       b"])
    #expect(rows("\u{1B}[31m", 80).map(\.text) == ["␛[31m"])
    #expect(rows("東", 1).map(\.text) == ["東"])
  }

  @Test(arguments: 1...40) func noRowIsWiderThanTheScreen(_ columns: Int) {
    for row in rows("a東\tb\u{9B}c 京é\n" + String(repeating: "x\t東", count: 30), columns) {
      #expect(Terminal.columns(row.text) <= max(columns, 6))
    }
  }

  // MARK: Literals

  private func literal(_ value: LuaValue, indent: Int? = nil) throws -> String {
    try LuaLiteral(order: MemberOrder(), indent: indent).text(value)
  }

  @Test func aLiteralReadsBackInLua() throws {
    #expect(try literal(.integer(.min)) == "math.mininteger")
    #expect(try literal(.number(1)) == "1.0" && literal(.number(-.infinity)) == "-math.huge")
    #expect(try literal(.number(.nan)) == "0/0")
    #expect(try literal(.string("a\"\\\n\u{1B}\u{202E}é")) == #""a\"\\\n\u{1B}\u{202E}é""#)
    #expect(try literal(.bytes([0x61, 0xFF, 0x22])) == #""a\xff\"""#)
    #expect(try literal(.timestamp(1_500_000)) == #"timestamp("1970-01-01T00:00:01.5Z")"#)
    var table = LuaTable(
      items: [.boolean(true)],
      fields: [("end", .nil), ("b c", .integer(1)), ("[2.5]", .integer(2)), ("name", .table(LuaTable()))])
    table.otherKeys = ["[2.5]"]
    #expect(try literal(.table(table)) == #"{ true, [2.5] = 2, ["b c"] = 1, ["end"] = nil, name = {} }"#)
    #expect(try literal(.table(LuaTable(items: [.integer(1)])), indent: 2) == "{\n  1,\n}")
  }

  @Test func whatIsNoDataIsNoLiteral() {
    #expect(throws: NotData.self) { try literal(.opaque("function")) }
    var table = LuaTable(fields: [("[table]", .integer(1))])
    table.otherKeys = ["[table]"]
    #expect(throws: NotData.self) { try literal(.table(table)) }
  }

  // MARK: Tables in parts

  @Test func aTableGoesOnWithTheWidthsItBeganWith() {
    var layout: Table.Layout?
    func part(_ names: String...) -> String {
      Display(order: MemberOrder(), width: 40).text(
        .table(
          LuaTable(items: names.map { .table(LuaTable(fields: [("n", .string($0)), ("z", .integer(1))])) })),
        below: &layout)
    }
    #expect(part("four", "x") == "n     z\nfour  1\nx     1\n")
    #expect(part("y") == "y     1\n")
    #expect(part("longer") == "n       z\nlonger  1\n")
    #expect(part("x") == "x       1\n")
  }

  // MARK: Values without an end

  @Test func aValueInsideItselfIsShown() throws {
    let vm = try #require(LuaVM(profile: .own, memoryLimit: 1 << 26))
    let main = vm.main
    main.pushTable()
    main.pushCopy(of: -1)
    main.setField("t")
    for _ in 0..<300 {
      main.pushTable()
      main.pushCopy(of: -2)
      main.setField("down")
      main.remove(at: -2)
    }
    let value = main.shownValue(at: -1) { _ in nil }
    let text = Display(order: MemberOrder(), width: 80).text(value)
    #expect(text.contains("down = { … }"), "\(text)")
    #expect(throws: LuaRaise.self) { try main.value(at: -1) }
    main.pop()
  }

  @Test func aCopyEndsAtItsBoundAndSaysSo() throws {
    let vm = try #require(LuaVM(profile: .own, memoryLimit: 1 << 26))
    vm.main.push(.table(LuaTable(items: Array(repeating: .integer(1), count: 100))))
    guard case .table(let table) = vm.main.shownValue(at: -1, most: 10, naming: { _ in nil }) else {
      Issue.record("no table")
      return
    }
    #expect(table.items.count <= 11)
    vm.main.pop()
  }

  // MARK: Tables

  /// 500 rows of 10 names each, all different, would be 2.5 million cells.
  @Test func rowsThatHaveNothingInCommonAreNoTable() {
    func text(_ rows: Int, _ name: (Int) -> String) -> String {
      let rows = (1...rows).map { LuaValue.table(LuaTable(fields: [(name($0), .integer(1))])) }
      return Display(order: MemberOrder(), width: 80).text(.table(LuaTable(items: rows)))
    }
    #expect(text(500) { "k\($0)" }.hasPrefix("{\n  { k1 = 1 },\n"))
    #expect(text(2) { "k\($0)" }.hasPrefix("k1  k2\n"))
  }
}
