// Lazy rows: whatever is asked of a row, and in whatever order, it answers as the table that has all members from the start.
// The trusted get such tables and everybody else lazy rows (CLuaVM/lazy.c); both are asked the same here.
import LuaRuntime
import Testing

@Suite struct LazyRowTests {
  /// A page: rows as they mostly are; in another order and not whole; with an escape, a number where a text is expected, a
  /// member that is not modelled, and an empty one. All but the third, the fourth and the fifth can be lazy.
  private static let document = #"""
    {"VirtualMachines":[
    {"ResourceArn":"arn:1","Name":"db-01","HostName":"esxi-01","HypervisorId":"hype-1","Path":"/a/Łódź","LastBackupDate":1.7E9},
    {"Name":"","LastBackupDate":1663835400.25,"ResourceArn":"arn:2"},
    {"ResourceArn":"arn:3","Name":"caf\u00e9","LastBackupDate":1.7E9},
    {"ResourceArn":"arn:4","Name":7,"Path":null,"LastBackupDate":1e300},
    {"ResourceArn":"arn:5","Name":"db-05","Tags":[{"Key":"a"}]},
    {}
    ]}
    """#

  /// A universe with the rows of a page as the global `rows`.
  private struct Page {
    let harness: Harness
    private let page: Int32

    init(_ profile: LuaVM.Profile, _ document: String = LazyRowTests.document) throws {
      harness = try Harness(profile: profile)
      let vm = harness.vm
      let missing = vm.register { call throws(LuaRaise) in
        throw LuaRaise(text: "VirtualMachine has no \(call.stack.string(at: 2) ?? "?")")
      }
      let time = try #require(vm.shape(.timestamp, name: "Time"))
      let row = try #require(vm.shape(.record, name: "VirtualMachine", missing: missing))
      for name in ["ResourceArn", "Name", "HostName", "HypervisorId", "Path"] {
        try #require(vm.addMember(name, shape: -1, to: row))
      }
      try #require(vm.addMember("LastBackupDate", shape: time, to: row))
      let rows = try #require(vm.shape(.list, name: "VirtualMachines", item: row))
      page = try #require(vm.shape(.record, name: "Page"))
      try #require(vm.addMember("VirtualMachines", shape: rows, to: page))
      try come(document)
    }

    /// Another page, in the place of the one before.
    func come(_ document: String) throws {
      let stack = harness.vm.main
      try #require(stack.pushJSON(Array(document.utf8), shape: page, isChecked: true) == nil)
      stack.pushField("VirtualMachines", of: stack.top)
      stack.setGlobal("rows")
      stack.pop()
    }

    /// What a script that is asked about a row returns, or how it fails.
    func answer(_ script: String, row: Int) -> String {
      let source = """
        local row, other = rows[\(row)], rows[\(row % 6 + 1)]
        local function text(value) return type(value) == "table" and "a table" or tostring(value) end
        local function all(t)
          local members = {}
          for key, value in pairs(t) do members[#members + 1] = tostring(key) .. "=" .. text(value) end
          table.sort(members)
          return table.concat(members, " ")
        end
        \(script)
        """
      do throws(LuaError) { return try harness.run(source) } catch { return harness.failure(source) }
    }
  }

  static let questions = [
    // As a value.
    "return type(row)", "return tostring(row):match('^VirtualMachine: ') ~= nil",
    "return row == row, row == other",
    "return tostring(row == row) .. tostring(row == other) .. tostring(rawequal(row, rows[1]))",
    "local set = {[row] = 1} row.x = 1 return set[row]", "return row < other", "return row + 1",
    "return row .. ''",
    "return row()", "return tostring(getmetatable(row))", "return setmetatable(row, {})",
    "return select('#', row)",
    "return tostring(pcall(next, row))", "return string.format('%s', row):match('^VirtualMachine') ",
    // Members.
    "return row.Name", "return row.LastBackupDate", "return row.HostName", "return row.Path",
    "return text(row.Tags)",
    "return row.Nmae", "return row.name", "return row.lastBackupDate", "return row.mine", "return row.target",
    "return row['']",
    "return row[1]", "return row[1.5]", "return row[true]", "return row[0/0]", "return row[nil]",
    "return row[row]",
    "return tostring(row.LastBackupDate == row.LastBackupDate)",
    "local seen = {} if row.LastBackupDate then seen[row.LastBackupDate] = 1 return seen[row.LastBackupDate] end",
    "for i = 1, 40 do local x = row.Name, row.Path end return all(row)",
    "local key, fallback = 'Name', setmetatable({}, {__index = row}) return fallback[key]",
    "return ('$Name'):gsub('%$(%w+)', row)",
    // Raw.
    "return rawget(row, 'Name')", "return rawget(row, 'HostName')", "return rawget(row, 'Nmae')",
    "return rawget(row, 1)",
    "return rawget(row, 'LastBackupDate')", "return rawget(row)", "return rawget('row', 1)",
    "return rawlen(row)", "return #row",
    "rawset(row, 'Name', 'new') return all(row)", "rawset(row, 'mine', 1) return all(row) .. row.mine",
    "rawset(row, 'HostName', nil) return all(row)", "return rawset(row, nil, 1)", "return rawset(row, 'a')",
    "for i = 1, 40 do local x = rawget(row, 'Name') end return all(row)",
    // All members.
    "return all(row)", "local n = 0 for _ in pairs(row) do n = n + 1 end return n",
    "local n = 0 for _ in next, row do n = n + 1 end return n", "return (next(row)) == nil",
    "return next(row, 'Nmae')",
    "local key = next(row) return type(key)", "local key = next(row) return key and row[key] ~= nil",
    "for key in pairs(row) do row[key] = nil end return all(row) .. tostring(next(row))",
    "local copy = {} for k, v in pairs(row) do copy[k] = v end return all(copy)",
    "return #table.pack(table.unpack(row, 1, 3))",
    "local n = 0 for _ in ipairs(row) do n = n + 1 end return n", "return pairs(row) == next",
    "return pairs({}) == next",
    "return next()", "return next(1)", "return type(pairs(nil))", "return pairs()",
    "for _ in pairs(nil) do end", "for _ in next, nil do end",
    "return copy(row).Name", "return all(copy(row))",
    // Changes.
    "row.Name = 'new' return all(row)", "row.Name = nil return tostring(row.Name) .. all(row)",
    "row.HostName = nil return all(row)", "row.mine = 1 return all(row) .. row.mine",
    "row.Nmae = 1 return row.Nmae",
    "row[1] = 'a' return #row .. row[1] .. all(row)", "row[nil] = 1", "row[0/0] = 1",
    "row[true] = 1 return all(row)",
    "row.LastBackupDate = nil return tostring(row.LastBackupDate)",
    "table.insert(row, 'x') return #row .. row[1] .. row.Name",
    "row.Name = row.ResourceArn other.Name = row.Name return all(other)", "row.x = row return row.x.x == row",
    "local t = setmetatable({}, {__newindex = row}) t.x = 5 return rawget(row, 'x') .. tostring(rawget(t, 'x'))",
    "rows[1] = nil collectgarbage() return all(row)", "rows = nil collectgarbage() return all(row)",
    // Together with others.
    "local names = {} for i, r in ipairs(rows) do names[i] = tostring(r.ResourceArn) end return table.concat(names, ' ')",
    "table.sort(rows, function(a, b) return (a.ResourceArn or '') > (b.ResourceArn or '') end) return tostring(rows[1].Name)",
    "local t = {} for _, r in ipairs(rows) do t[r.Name or 0] = r end return all(t[row.Name or 0])",
    "local co = coroutine.wrap(function() for k, v in pairs(row) do coroutine.yield(k) end end) return type(co())",
    "row.x = fetch('1') return row.x .. all(row)",
  ]

  @Test(arguments: questions)
  func aLazyRowAnswersAsATable(_ question: String) throws {
    for row in 1...6 {
      let expected = try Page(.trusted).answer(question, row: row)
      #expect(try Page(.own).answer(question, row: row) == expected, "row \(row)")
    }
  }

  /// Steps in any order, each of which says something of the row: what one leaves behind shows in the next.
  @Test func aLazyRowAnswersAsATableAfterAnything() throws {
    let steps = [
      "say(row.Name)", "say(row.LastBackupDate)", "say(row.HostName)", "say(rawget(row, 'Path'))",
      "say(rawget(row, 'x'))",
      "row.Name = 'new'", "row.Name = nil", "row.x = 1", "row.HostName = nil", "rawset(row, 'Path', 'p')",
      "row[1] = 2",
      "rawset(row, 'Name', nil)", "say(#row)", "say(all(row))", "say(next(row) == nil)",
      "row.LastBackupDate = 5",
      "for k in pairs(row) do if k ~= 'Path' then row[k] = nil end end",
      "for i = 1, 6 do say(row.ResourceArn) end",
      "say(pcall(function() return row.Nmae end))", "collectgarbage()", "say(all(copy(row)))",
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      let script =
        "local said = {} local function say(...) said[#said + 1] = tostring((select(select('#', ...), ...))) end\n"
        + (0..<8).map { _ in steps.randomElement(using: &random) ?? "" }.joined(separator: "\n")
        + "\nsay(all(row)) return table.concat(said, '; ')"
      let row = Int.random(in: 1...6, using: &random)
      let expected = try Page(.trusted).answer(script, row: row)
      #expect(try Page(.own).answer(script, row: row) == expected, "row \(row) after\n\(script)")
    }
  }

  /// What becomes of the rows of one page decides how those of the next are made: from the second on, rows of which all is
  /// wanted are tables at once. Nobody sees a difference.
  @Test(arguments: [
    "all(r)", "tostring(r.Name) .. tostring(r.HostName) .. tostring(r.Path)", "tostring(r.LastBackupDate)",
    "'-'",
  ])
  func rowsOfLaterPagesAnswerAsTables(_ read: String) throws {
    let pages = (0..<6).map { page in
      let rows = (0..<30).map { i in
        i % 7 == 3
          ? #"{"Name":"\u0041\#(i)","ResourceArn":"arn:\#(page)/\#(i)"}"#
          : #"{"ResourceArn":"arn:\#(page)/\#(i)","Name":"n\#(i)","HostName":"h","LastBackupDate":1.\#(i)E9}"#
      }
      return #"{"VirtualMachines":[\#(rows.joined(separator: ","))]}"#
    }
    let lazy = try Page(.own)
    let whole = try Page(.trusted)
    for (number, page) in pages.enumerated() {
      try lazy.come(page)
      try whole.come(page)
      // Half of the pages are looked at in another way.
      let question = """
        local read = {} for i, r in ipairs(rows) do read[i] = \(number < 3 ? read : "all(r)") end
        for i, r in ipairs(rows) do r.mine = i read[#read + 1] = all(r) end
        return table.concat(read, "; ")
        """
      #expect(lazy.answer(question, row: 1) == whole.answer(question, row: 1), "page \(number)")
    }
  }

  /// To fill a row takes memory, to read one too; whichever allocation fails, the row answers as before.
  @Test(arguments: ["row.Name", "row.Name .. row.ResourceArn .. row.Path", "all(row)", "rawget(row, 'Path')"])
  func aRowSurvivesEveryAllocationThatFails(_ expression: String) throws {
    let expected = try Page(.own).answer("return all(row)", row: 1)
    var failures = 0
    for n in 1...40 {
      let page = try Page(.own)
      let vm = page.harness.vm
      page.harness.define("arm") { [unowned vm] call throws(LuaRaise) in
        vm.failAllocations(from: Int(call.stack.integer(at: 1) ?? 0))
        return call.returning(.nil)
      }
      let answer = page.answer("arm(\(n)) local asked = \(expression) return 'fine'", row: 1)
      vm.failAllocations(from: 0)
      if answer != "fine" { failures += 1 }
      #expect(page.answer("return all(row)", row: 1) == expected, "the \(n)th")
    }
    #expect((1..<40).contains(failures), "\(failures) failed")
  }
}
