// Listings: queries that page themselves, lazily, one page ahead and never more.
import Host
import TestSupport
import Testing

@Suite struct ListingTests {
  /// A script that must finish, and the requests that it may cost.
  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var script: String
    var requests: Int
  }

  @Test(arguments: [
    Case(
      testDescription: "a loop takes every page",
      script:
        "local n = 0 for vm in list_virtual_machines() do n = n + 1 assert(vm.Name == 'vm ' .. n) end assert(n == 10)",
      requests: 4),
    Case(
      testDescription: "a listing that nobody runs asks nothing", script: "list_virtual_machines()",
      requests: 0),
    Case(
      testDescription: "the first item costs one page",
      script: "assert(list_virtual_machines():first().Name == 'vm 1')",
      requests: 1),
    Case(
      testDescription: "a loop left at the first item costs one page",
      script: "for vm in list_virtual_machines() do break end", requests: 1),
    Case(
      testDescription: "the second item asks one page ahead",
      script: "local n = 0 for vm in list_virtual_machines() do n = n + 1 if n == 2 then break end end",
      requests: 2),
    Case(
      testDescription: "and not two",
      script: "local n = 0 for vm in list_virtual_machines() do n = n + 1 if n == 4 then break end end",
      requests: 2),
    Case(testDescription: "count", script: "assert(list_virtual_machines():count() == 10)", requests: 4),
    Case(
      testDescription: "the page size is the script's",
      script: "assert(#list_virtual_machines{ MaxResults = 10 }:collect() == 10)",
      requests: 1),
    Case(
      testDescription: "take asks for pages no larger than it needs",
      script: "assert(#list_virtual_machines():take(2):collect() == 2)", requests: 1),
    Case(
      testDescription: "take never asks ahead",
      script: "assert(#list_virtual_machines{ MaxResults = 3 }:take(3):collect() == 3)",
      requests: 1),
    Case(
      testDescription: "filter and map",
      script: """
        local names = list_virtual_machines():filter(function(vm) return vm.HypervisorId == "h0" end)
          :map(function(vm) if vm.Name ~= "vm 4" then return vm.Name end end):collect()
        assert(table.concat(names, ",") == "vm 2,vm 6,vm 8,vm 10")
        """, requests: 4),
    Case(
      testDescription: "each loop begins again",
      script: """
        local l = list_virtual_machines{ MaxResults = 10 }
        for i = 1, 2 do local n = 0 for _ in l do n = n + 1 end assert(n == 10) end
        """, requests: 2),
    Case(
      testDescription: "loops over one listing nest",
      script: """
        local l, pairs_seen = list_virtual_machines{ MaxResults = 10 }:map(function(vm) return vm.HypervisorId end), 0
        for a in l do for b in l do pairs_seen = pairs_seen + 1 end end
        assert(pairs_seen == 100)
        """, requests: 11),
    Case(
      testDescription: "loops over the records of one listing nest, and the outer ones go on where they were",
      script: """
        local l, seen = list_virtual_machines{ MaxResults = 10 }, {}
        for a in l do
          for b in l do
            for c in l do if c.Name == "vm 2" then break end end
            if b.Name == "vm 3" then break end
          end
          seen[#seen + 1] = a.Name
        end
        assert(#seen == 10 and seen[1] == "vm 1" and seen[10] == "vm 10")
        """, requests: 41),
    Case(
      testDescription: "tasks loop over one listing side by side, each for itself",
      script: """
        local l = list_virtual_machines()
        local counts = parallel({ 1, 2, 3 }, function()
          local n = 0
          for vm in l do n = n + 1 assert(vm.Name == "vm " .. n) if n % 2 == 0 then sleep(0.001) end end
          return n
        end)
        assert(table.concat(counts, " ") == "10 10 10")
        """, requests: 12),
    Case(
      testDescription: "a loop is begun by for",
      script: """
        local l = list_virtual_machines{ MaxResults = 10 }
        local first = l:first()
        local ok, e = pcall(l, nil, first)
        assert(not ok and tostring(e):find("was not begun by `for`", 1, true))
        local last
        for vm in l do last = vm end
        assert(not pcall(l, nil, last), "nor does it go on after its end")
        """, requests: 2),
    Case(
      testDescription: "loops over plain values nest, left early too",
      script: """
        local l, seen = items{ "b", "a", "c", "a", "d" }, {}
        for a in l do
          for b in l do
            if a == b then break end
          end
          seen[#seen + 1] = a
        end
        assert(table.concat(seen) == "bacad")
        """, requests: 0),
    Case(
      testDescription: "a page that failed is asked for again",
      script: """
        local next_page = list_virtual_machines{ NextToken = "bad" }:pages()
        assert(not pcall(next_page))
        local ok, e = pcall(next_page)
        assert(not ok and type(e) == "table" and e.code == "ValidationException", e)
        """, requests: 2),
    Case(
      testDescription: "sort, group, index",
      script: """
        local l = list_virtual_machines{ MaxResults = 10 }
        assert(l:sort("Name"):collect()[2].Name == "vm 10")
        assert(l:sort(function(vm) return -vm.LastBackupDate.epoch end):take(3):first().Name == "vm 10")
        local groups = l:group("HypervisorId")
        assert(groups[1].key == "h1" and #groups[1].items == 5 and groups[2].key == "h0")
        assert(l:index("Name")["vm 7"].HypervisorId == "h1")
        """, requests: 4),
    Case(
      testDescription: "absent sorts first",
      script:
        "local s = items{ { k = 2 }, {}, { k = 1 } }:sort('k'):collect() assert(s[1].k == nil and s[2].k == 1 and s[3].k == 2)",
      requests: 0),
    Case(
      testDescription: "find wants exactly one",
      script: """
        local l = list_virtual_machines{ MaxResults = 10 }
        assert(l:find{ Name = "vm 3" }.Name == "vm 3")
        local ok, e = pcall(l.find, l, { HypervisorId = "h1" })
        assert(not ok and e.message:find("found 5 items"), e)
        ok, e = pcall(l.find, l, { Name = "x" })
        assert(not ok and e.message:find("found no items"), e)
        """, requests: 3),
    Case(
      testDescription: "pages, and going on from a token",
      script: """
        local next_page = list_virtual_machines{ MaxResults = 4 }:pages()
        local page = next_page()
        assert(#page.VirtualMachines == 4 and page.NextToken == "5")
        local rest = list_virtual_machines{ MaxResults = 4, NextToken = page.NextToken }:collect()
        assert(#rest == 6 and rest[1].Name == "vm 5")
        """, requests: 3),
    Case(
      testDescription: "in a coroutine",
      script: """
        local n = 0
        for name in coroutine.wrap(function() for vm in list_virtual_machines() do coroutine.yield(vm.Name) end end) do n = n + 1 end
        assert(n == 10)
        """, requests: 4),
    Case(
      testDescription: "in a comparison that cannot yield",
      script:
        "local t = { 2, 1 } table.sort(t, function(a, b) list_virtual_machines():first() return a < b end) assert(t[1] == 1)",
      requests: 1),
  ])
  func aListing(_ example: Case) throws {
    let bench = try Bench()
    #expect(bench.run(example.script)?.message == nil)
    #expect(bench.service.requests.count == example.requests)
  }

  @Test func aTokenSeenBeforeIsAnErrorAndNoLoop() throws {
    let bench = try Bench()
    bench.service.answer = { _ in FakeService.json(#"{"VirtualMachines":[{"Name":"a"}],"NextToken":"again"}"#)
    }
    let report = bench.run("for vm in list_virtual_machines() do end")
    #expect(report?.message.contains("same NextToken twice") == true)
    #expect(bench.service.requests.count == 2)
  }

  @Test func aPageMayBeEmptyOrAbsent() throws {
    let bench = try Bench()
    var bodies = [
      #"{"VirtualMachines":[],"NextToken":"a"}"#, #"{"VirtualMachines":null,"NextToken":"b"}"#,
      #"{"VirtualMachines":[{"Name":"x"}]}"#,
    ]
    bench.service.answer = { _ in FakeService.json(bodies.removeFirst()) }
    #expect(bench.run("assert(list_virtual_machines():count() == 1)")?.message == nil)
  }

  /// Two tasks step one run by hand, and wait in it: while one holds its last row, the other's answer, a page without rows,
  /// takes the array of that row away. What was noted of the row then was read out of memory that was free.
  @Test func aRunThatTwoTasksWaitInGoesOnWithoutItsArray() throws {
    let bench = try Bench()
    var asked = 0
    bench.service.answer = { request in
      asked += 1
      switch asked {
      case 1: return FakeService.json(#"{"VirtualMachines":[{"Name":"a"},{"Name":"b"}],"NextToken":"t"}"#)
      case 2: return FakeService.json(#"{"VirtualMachines":[{"Name":"c"},{"Name":"d"}]}"#)
      case 3..<9: return FakeService.json("{\"VirtualMachines\":[],\"NextToken\":\"u\(asked)\"}")
      default: return FakeService.json(#"{"VirtualMachines":[]}"#)
      }
    }
    let report = bench.run(
      """
      local list = list_virtual_machines()
      local b = list(nil, list(nil, nil))
      local given = {}
      parallel({ 1, 2 }, function()
        local row = list(nil, b)
        if not row then return end
        given[#given + 1] = row.Name
        row = list(nil, row)
        given[#given + 1] = row.Name
        for i = 1, 3 do
          sleep(0)
          collectgarbage()
          -- As long as a table, so that they come to lie where one was.
          local others = {}
          for k = 1, 50000 do others[k] = ("A"):rep(24) .. ("%07d"):format(k) end
          pcall(list, nil, row)
        end
      end)
      assert(table.concat(given) == "cd", table.concat(given))
      """)
    #expect(report?.message == nil)
  }

  @Test func whatALeftLoopAskedAheadIsCancelledAtTheEnd() throws {
    let bench = try Bench()
    _ = bench.run("local n = 0 for vm in list_virtual_machines() do n = n + 1 if n == 2 then break end end")
    #expect(bench.service.cancelled == 1)
  }

  @Test(arguments: [
    ("for i, vm in ipairs(list_virtual_machines()) do end", "no item [1]; write :first()"),
    ("print(#list_virtual_machines())", "write :count()"),
    ("print(list_virtual_machines()[1])", "write :first()"),
    ("print(list_virtual_machines().Name)", "has no Name"),
    ("for vm in pairs(list_virtual_machines()) do end", "without pairs"),
    ("list_virtual_machines().x = 1", "cannot be changed"),
    ("list_virtual_machines():take(0)", "at least 1"),
    ("list_virtual_machines():filter('x')", "takes a function"),
    ("list_virtual_machines():find{}", "as in :find{"),
    ("list_virtual_machines().count()", "with a colon"),
    ("list_virtual_machines():filter(print):pages()", ":pages comes first"),
  ])
  func misuseIsAnErrorThatSaysWhatToWrite(_ script: String, _ words: String) throws {
    let bench = try Bench()
    let report = bench.run(script)
    #expect(report?.message.contains(words) == true, "\(report?.message ?? "no error")")
    #expect(report?.message.hasPrefix("test:1: ") == true, "it names the script's line")
    #expect(bench.service.requests.isEmpty)
  }
}
