// What the boundary promises: values cross whole, errors cross as values, no Swift frame is skipped, and a script that
// runs out of memory harms nobody.
import LuaRuntime
import Testing

@Suite struct BoundaryTests {
  @Test func valuesCrossWhole() throws {
    let harness = try Harness()
    let same = """
      local t = copy{ 1, "zwei", 3.5, true, { deep = { er = "ja" } }, name = "ü\\0x" }
      return t[1] == 1 and math.type(t[1]) == "integer" and t[2] == "zwei" and t[3] == 3.5 and t[4] == true
        and t[5].deep.er == "ja" and t.name == "ü\\0x" and copy("\\xff") == "\\xff" and copy(nil) == nil
      """
    #expect(try harness.run(same) == "true")
    #expect(try harness.run("return copy(math.maxinteger) == math.maxinteger and copy(-0.0) == 0") == "true")
  }

  @Test func readingATableRunsNoneOfItsMetamethods() throws {
    let harness = try Harness()
    let source = """
      local ran = false
      local trap = function() ran = true error("trapped") end
      copy(setmetatable({ 1, a = 2 }, { __index = trap, __len = trap, __pairs = trap, __tostring = trap }))
      return ran
      """
    #expect(try harness.run(source) == "false")
  }

  @Test func aTableThatContainsItselfIsAnError() throws {
    let harness = try Harness()
    #expect(harness.failure("local t = {} t.t = t copy(t)").contains("contains itself"))
  }

  /// Lua's length of a table with holes may be 2^62; the copy went on that long.
  @Test func aTableWithHolesIsCopiedUpToTheFirst() throws {
    let harness = try Harness()
    #expect(try harness.run("local t = {} for i = 62, 0, -1 do t[1 << i] = true end return #copy(t)") == "2")
  }

  @Test func sharedTablesDoNotMultiplyWithoutEnd() throws {
    let harness = try Harness()
    #expect(
      harness.failure("local t = {} for i = 1, 30 do t = { t, t } end copy(t)").contains("more than 1000000"))
    // An error value of that kind must not hang its report either.
    #expect(harness.failure("local t = {} for i = 1, 30 do t = { t, t } end error(t)").hasPrefix("table: "))
  }

  @Test func anErrorNamesTheLineThatCalled() throws {
    let harness = try Harness()
    #expect(harness.failure("\n\nfail()") == "test:3: failed")
    #expect(try harness.run("return select(2, pcall(shout))") == "test:1: shout takes a string")
  }

  @Test func noFrameOfSwiftIsSkipped() throws {
    let harness = try Harness()
    for _ in 0..<1000 {
      _ = try? harness.run("fail()")
      _ = try? harness.run("pcall(fail) local s = shout('a') error(s)")
      _ = try? harness.run("coroutine.wrap(function() fetch() fail() end)()")
    }
    #expect(harness.canaries.alive == 0)
  }

  @Test func aHostThatPushesPastTheLimitRaisesWhenItsFrameIsGone() throws {
    let harness = try Harness(memoryLimit: 2 << 20)
    harness.define("flood") { [canaries = harness.canaries] call throws(LuaRaise) in
      let canary = canaries.canary()
      defer { withExtendedLifetime(canary) {} }
      return call.returning(.string(String(repeating: "x", count: 8 << 20)))
    }
    #expect(
      harness.failsForMemory("return #flood()"), "it is Lua's own memory error, which decides the exit code")
    #expect(harness.canaries.alive == 0)
    #expect(try harness.run("return 1") == "1", "the universe lives on")
  }

  /// Fails allocation 1, 2, 3, … of one script, and expects each time a memory error, no skipped frame and a universe
  /// that still works. Lua's own testamem, with Swift frames in between.
  @Test func everyAllocationMayFail() throws {
    let script = """
      local t = {}
      for i = 1, 20 do t[i] = shout(("k"):rep(i)) .. i end
      local ok, e = pcall(fail)
      local co = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(fetch("co") .. i) end end)
      local s = "" for v in co do s = s .. v end
      local m = setmetatable({}, { __index = function(_, k) return shout(k) end })
      assert(m.abc == "ABC" and #table.concat(t, ",") > 0 and string.format("%s %d", s, 3) and load("return 1")() == 1)
      return "done"
      """
    var memoryErrors = 0
    var n = 0
    while true {
      n += 1
      let harness = try Harness()
      harness.vm.failAllocations(from: n)
      var finished = false
      do throws(LuaError) { finished = try harness.run(script) == "done" } catch {
        if case .memory = error { memoryErrors += 1 }
      }
      harness.vm.failAllocations(from: 0)
      #expect(harness.canaries.alive == 0, "a Swift frame was skipped at allocation \(n)")
      #expect(try harness.run(script) == "done", "the universe is unusable after failing allocation \(n)")
      if finished { break }
      try #require(n < 5000, "the sweep does not end")
    }
    #expect(memoryErrors > 50)
  }

  /// To stop the collector makes Lua forget its debt: what the host pushed was not worked for, and 200 pages of rows, of
  /// which a script had one at a time, came to 94 MB. Lua's own code takes nothing here.
  @Test func whatTheHostPushesIsCollectedAsWhatLuaTakes() throws {
    let harness = try Harness()
    var most = 0
    harness.define("page") { [unowned vm = harness.vm] call throws(LuaRaise) in
      most = max(most, vm.memoryInUse)
      return call.returning(.string(String(repeating: "x", count: 100_000)))
    }
    #expect(try harness.run("for i = 1, 500 do page() end return 'done'") == "done")
    #expect(most < 2_000_000)
    // Little by little too.
    harness.define("row") { [unowned vm = harness.vm] call throws(LuaRaise) in
      most = max(most, vm.memoryInUse)
      return call.returning(.string(String(repeating: "y", count: 500)))
    }
    #expect(try harness.run("for i = 1, 50000 do row() end return 'done'") == "done")
    #expect(most < 2_000_000)
  }

  @Test func memoryIsGivenBack() throws {
    let harness = try Harness(memoryLimit: 32 << 20)
    harness.vm.collect()
    let before = harness.vm.memoryInUse
    #expect(harness.failure("local s = 'x' while true do s = s .. s end") == "not enough memory")
    #expect(harness.failure("local t = {} while true do t[#t + 1] = {} end") == "not enough memory")
    harness.vm.collect()
    #expect(harness.vm.memoryInUse < before + 100_000)
  }

  @Test func bytecodeIsRefusedAtEveryDoor() throws {
    let harness = try Harness()
    let task = harness.vm.task()
    #expect(throws: LuaError.self) { try task.load([0x1B, 0x4C, 0x75, 0x61, 0x54, 0x00], name: "=b") }
    #expect(try harness.run(#"return load("\27Lua")"#) == "nil")
    #expect(try harness.run(#"return load("\27Lua", "x", "b")"#) == "nil")
    #expect(try harness.run(#"return load("return 7", "x", "b", {})()"#) == "7")
    #expect(try harness.run("return string.dump") == "nil")
  }

  @Test func loadKeepsItsManual() throws {
    let harness = try Harness()
    #expect(try harness.run("return load('x = 1; return x', 'c', 't', {})()") == "1")
    #expect(
      try harness.run("local i = 0 return load(function() i = i + 1 return ({'return ', '4'})[i] end)()")
        == "4")
    #expect(try harness.run("return select(2, load('x =', '=c'))").contains("near <eof>"))
  }

  @Test func metatablesThatWouldHarmAreRefused() throws {
    let harness = try Harness()
    #expect(harness.failure("setmetatable({}, { __gc = print })").contains("__gc is not available"))
    #expect(harness.failure("setmetatable({}, { __concat = print })").contains("__concat is not available"))
    #expect(try harness.run("return getmetatable('')") == "false")
    #expect(harness.failure("setmetatable(setmetatable({}, { __metatable = 1 }), {})").contains("protected"))
    #expect(try harness.run("return getmetatable(setmetatable({}, nil))") == "nil")
  }

  @Test func aSyntaxErrorKnowsWhetherMoreTextWouldHelp() throws {
    let harness = try Harness()
    func isIncomplete(_ text: String) -> Bool? {
      do throws(LuaError) {
        try harness.vm.task().load(Array(text.utf8), name: "=t")
        return nil
      } catch {
        guard case .syntax(_, let incomplete) = error else { return nil }
        return incomplete
      }
    }
    #expect(isIncomplete("for i = 1, 2 do") == true)
    #expect(isIncomplete("x = [[") == true)
    #expect(isIncomplete("for for") == false)
    #expect(isIncomplete("x = 1") == nil)
  }
}
