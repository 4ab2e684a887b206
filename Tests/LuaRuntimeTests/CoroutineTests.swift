// Calls that wait: they park where Lua can yield, through the script's own coroutines, and wait in place elsewhere.
// And interruption: nothing that a script does swallows it.
import LuaRuntime
import Testing

@Suite struct CoroutineTests {
  struct Case: CustomTestStringConvertible {
    var testDescription: String
    var source: String
    var result: String
    var parked: Int
    var inPlace: Int
  }

  @Test(arguments: [
    Case(testDescription: "plain", source: "return fetch('a')", result: "<a>", parked: 1, inPlace: 0),
    Case(
      testDescription: "in pcall", source: "return select(2, pcall(fetch, 'a'))", result: "<a>", parked: 1,
      inPlace: 0),
    Case(
      testDescription: "in xpcall", source: "return select(2, xpcall(fetch, print, 'a'))", result: "<a>",
      parked: 1,
      inPlace: 0),
    Case(
      testDescription: "in __index",
      source: "return setmetatable({}, { __index = function(_, k) return fetch(k) end }).a", result: "<a>",
      parked: 1,
      inPlace: 0),
    Case(
      testDescription: "a coroutine that fetches, yields, fetches",
      source: """
        local co = coroutine.create(function(a) coroutine.yield(a .. fetch('1')) return fetch('2') end)
        local _, a = coroutine.resume(co, 'A')
        local _, b = coroutine.resume(co)
        return a .. b .. coroutine.status(co)
        """, result: "A<1><2>dead", parked: 2, inPlace: 0),
    Case(
      testDescription: "a generator in a loop",
      source: """
        local s = ''
        for v in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(fetch('' .. i)) end end) do s = s .. v end
        return s
        """, result: "<1><2><3>", parked: 3, inPlace: 0),
    Case(
      testDescription: "wrap in wrap",
      source: """
        return coroutine.wrap(function() return coroutine.wrap(function() return fetch('a') end)() .. '!' end)()
        """, result: "<a>!", parked: 1, inPlace: 0),
    Case(
      testDescription: "in a sort",
      source:
        "local t = { 3, 1, 2 } table.sort(t, function(a, b) fetch() return a < b end) return table.concat(t)",
      result: "123", parked: 0, inPlace: 2),
    Case(
      testDescription: "in a coroutine in a sort",
      source: """
        local t = { 2, 1 }
        table.sort(t, function(a, b) return coroutine.wrap(function() fetch() return a < b end)() end)
        return table.concat(t)
        """, result: "12", parked: 0, inPlace: 1),
    Case(
      testDescription: "in gsub", source: "return (('ab'):gsub('.', function(c) return fetch(c) end))",
      result: "<a><b>", parked: 0, inPlace: 2),
    Case(
      testDescription: "in a <close> variable at the end of a block",
      source: """
        local s
        do local c <close> = setmetatable({}, { __close = function() s = fetch('a') end }) end
        return s
        """, result: "<a>", parked: 1, inPlace: 0),
    Case(
      testDescription: "in coroutine.close",
      source: """
        local s
        local co = coroutine.create(function()
          local c <close> = setmetatable({}, { __close = function() s = fetch('a') end })
          coroutine.yield()
        end)
        coroutine.resume(co)
        coroutine.close(co)
        return s
        """, result: "<a>", parked: 0, inPlace: 1),
  ])
  func aCallWaits(_ example: Case) throws {
    let harness = try Harness()
    #expect(try harness.run(example.source) == example.result)
    #expect(harness.parked == example.parked)
    #expect(harness.waitedInPlace == example.inPlace)
    #expect(harness.canaries.alive == 0)
  }

  @Test func theMainChunkIsNoCoroutineToTheScript() throws {
    let harness = try Harness()
    #expect(harness.failure("coroutine.yield(1)").contains("outside a coroutine"))
    #expect(try harness.run("return select(2, coroutine.running())") == "true")
    #expect(try harness.run("return coroutine.isyieldable()") == "false")
    #expect(
      try harness.run("return coroutine.wrap(function() return coroutine.isyieldable() end)()") == "true")
    #expect(
      try harness.run("return select(2, coroutine.resume((coroutine.running())))").contains("non-suspended"))
  }

  @Test func coroutinesKeepTheirManual() throws {
    let harness = try Harness()
    #expect(try harness.run("return select(2, coroutine.resume(coroutine.create(error), 'e'))") == "e")
    #expect(
      try harness.run("local w = coroutine.wrap(function() end) w() return select(2, pcall(w))").contains(
        "dead"))
    #expect(try harness.run("local co = coroutine.create(print) return coroutine.close(co)") == "true")
    #expect(
      try harness.run(
        """
        local co
        co = coroutine.create(function() return coroutine.resume(co) end)
        return select(3, coroutine.resume(co))
        """
      ).contains("non-suspended"))
    #expect(
      try harness.run(
        "return select('#', coroutine.resume(coroutine.create(function(...) return ... end), 1, nil, nil))")
        == "4")
    #expect(harness.failure("coroutine.resume(1)").contains("coroutine expected"))
  }

  /// 20,000 coroutines that close each other overflow the C stack of Lua 5.4.4.
  @Test func closingTooDeeplyIsAnError() throws {
    let harness = try Harness()
    let source = """
      local function chain(n)
        local inner
        local co = coroutine.create(function()
          local c <close> = setmetatable({}, { __close = function() if inner then assert(coroutine.close(inner)) end end })
          coroutine.yield()
        end)
        coroutine.resume(co)
        if n > 0 then inner = chain(n - 1) end
        return co
      end
      local co
      co = chain(5)
      assert(coroutine.close(co))
      co = nil
      local top = chain(30)
      return select(2, coroutine.close(top))
      """
    #expect(try harness.run(source).contains("too deeply"))
  }

  /// 140 coroutines that close each other from 80 levels of gsub each: bounded by their number alone they overflowed
  /// the C stack, because every closed coroutine counts its levels anew.
  @Test func closingFromDeepInCIsBoundedToo() throws {
    let harness = try Harness()
    let source = """
      local function nest(n, f) if n == 0 then return f() end return (("x"):gsub("x", function() nest(n - 1, f) end)) end
      local inner
      for i = 1, 140 do
        local below = inner
        inner = coroutine.create(function()
          local c <close> = setmetatable({}, { __close = function()
            if below then nest(80, function() coroutine.close(below) end) end
          end })
          coroutine.yield()
        end)
        coroutine.resume(inner)
      end
      return (coroutine.close(inner))
      """
    #expect(try harness.run(source) == "true")
  }

  /// lua_resume refuses at 200 C levels and leaves the coroutine at its yield; closing it then emptied its stack, and
  /// the next call read below it.
  @Test func aWrapThatTheStackRefusesIsStillWhole() throws {
    let harness = try Harness()
    let source = """
      local gen = coroutine.wrap(function() while true do coroutine.yield(1) end end)
      gen()
      local deepest
      local function nest(n)
        local ok, e = pcall(gen)
        if not ok then deepest = e return end
        if n < 400 then local _ = ("x"):gsub("x", function() nest(n + 1) end) end
      end
      pcall(nest, 1)
      return tostring(gen())
      """
    #expect(try harness.run(source) == "1")
  }

  @Test func aHandlerThatFailsIsNoWayOutOfXpcall() throws {
    let harness = try Harness()
    #expect(try harness.run("return select(2, xpcall(error, function() error('inner', 0) end))") == "inner")
    #expect(try harness.run("return (xpcall(error, function() error('inner', 0) end))") == "false")
  }

  static let swallowers = [
    "while true do end",
    "coroutine.wrap(function() while true do end end)()",
    "while true do pcall(function() while true do end end) end",
    "while true do xpcall(error, function() while true do end end) end",
    "local f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end",
    "while true do local co = coroutine.create(function() while true do pcall(function() while true do end end) end end) coroutine.resume(co) end",
    "local c <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
    "while true do pcall(fetch) end",
    "local co = coroutine.create(function() local c <close> = setmetatable({}, { __close = function() while true do end end }) coroutine.yield() end) coroutine.resume(co) pcall(coroutine.close, co) while true do end",
    "while true do table.sort({ 3, 2, 1 }, function(a, b) fetch() return a < b end) end",
  ]

  @Test(arguments: swallowers) func nothingSwallowsAnInterruption(_ source: String) throws {
    let harness = try Harness()
    // A host function interrupts, as the signal handler would, from within the run.
    harness.define("interrupt") { [unowned harness] call throws(LuaRaise) in
      harness.vm.interrupt()
      return .results(0)
    }
    // The interruption comes while the loop runs: the first statement of each function of the script counts.
    let armed = source.replacing("while true do", with: "while true do interrupt()")
    #expect(harness.failure(armed) == "unwound")
    #expect(try harness.run("return fetch('alive')") == "<alive>")
    #expect(harness.canaries.alive == 0)
  }

  /// A <close> variable may yield while its coroutine is unwound, and then whoever had resumed it went on as if nothing had
  /// happened. So did, with --trust, whoever compiled what a function gave piece by piece.
  @Test(arguments: [
    (
      LuaVM.Profile.own,
      """
      coroutine.resume(coroutine.create(function()
        pcall(function()
          local c <close> = setmetatable({}, { __close = function() closed = fetch("a") coroutine.yield() end })
          while true do interrupt() end
        end)
      end))
      """
    ),
    (.trusted, "closed = '<a>' load(function() while true do interrupt() end end)"),
  ])
  func whoeverIsOnTheWayOutDoesNotGoOn(_ profile: LuaVM.Profile, _ source: String) throws {
    let harness = try Harness(profile: profile)
    harness.define("interrupt") { [unowned harness] call throws(LuaRaise) in
      harness.vm.interrupt()
      return .results(0)
    }
    #expect(harness.failure(source + " went_on = true") == "unwound")
    #expect(try harness.run("return closed") == "<a>")
    #expect(try harness.run("return went_on") == "nil")
  }

  @Test func anInterruptionDuringAWaitCancelsIt() throws {
    let harness = try Harness()
    harness.onWait = { [unowned harness] in harness.vm.interrupt() }
    #expect(harness.failure("while true do pcall(fetch) end") == "unwound")
    harness.onWait = {}
    #expect(try harness.run("return 1") == "1")
    #expect(harness.canaries.alive == 0)
  }

  @Test func aCoroutineThatOutlivesAnInterruptionWorksAgain() throws {
    let harness = try Harness()
    harness.define("interrupt") { [unowned harness] call throws(LuaRaise) in
      harness.vm.interrupt()
      return .results(0)
    }
    let source =
      "kept = coroutine.create(function() coroutine.yield(1) return 2 end) coroutine.resume(kept) interrupt() while true do end"
    #expect(harness.failure(source) == "unwound")
    #expect(try harness.run("return select(2, coroutine.resume(kept))") == "2")
  }
}
