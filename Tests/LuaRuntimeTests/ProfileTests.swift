// What each kind of code finds: the operator's own, somebody else's, and the trusted.
import LuaRuntime
import Testing

@Suite struct ProfileTests {
  @Test func aSnippetsMetatableIsCopiedWhenItIsSet() throws {
    let harness = try Harness(profile: .snippet)
    let source = """
      local class = { __index = { a = 1 }, __tostring = function() return "object" end, method = print }
      local object = setmetatable({}, class)
      class.__index, class.__gc, class.__mode = nil, print, "k"
      return object.a == 1 and tostring(object) == "object" and getmetatable(object) == class
      """
    #expect(try harness.run(source) == "true")
  }

  @Test func aSnippetSetsOneMetatableOnce() throws {
    let harness = try Harness(profile: .snippet)
    #expect(harness.failure("setmetatable(setmetatable({}, {}), {})").contains("once"))
    #expect(harness.failure("setmetatable('', {})").contains("table expected"))
    #expect(harness.failure("setmetatable(string, {})").contains("protected"))
  }

  @Test(arguments: ["__gc", "__close", "__mode", "__concat", "__metatable"])
  func aSnippetsMetatableHasNoEventThatHarms(_ event: String) throws {
    let harness = try Harness(profile: .snippet)
    #expect(harness.failure("setmetatable({}, { \(event) = 'k' })").contains("\(event) is not available"))
  }

  @Test func noTextOfASnippetHasAnAddress() throws {
    let harness = try Harness(profile: .snippet)
    for value in ["{}", "print", "coroutine.create(print)", "setmetatable({}, { __name = 'mine' })"] {
      #expect(try !harness.run("return tostring(\(value)) .. string.format('%s', \(value))").contains("0x"))
      #expect(harness.failure("error(\(value))").contains("0x") == false)
    }
    #expect(harness.failure("return ('%-20p'):format({})").contains("shows addresses"))
    #expect(try harness.run("return ('%% %5d%%p'):format(7)") == "%     7%p")
    #expect(harness.failure("return ('\\0%p'):format('a')").contains("shows addresses"), "a 0 ends no format")
    // Lua's own gives back what it seeds with, an address; that of one universe is always the same.
    let seeds = "local _, a = math.randomseed() local _, b = math.randomseed() return a ~= b"
    #expect(try harness.run(seeds) == "true")
  }

  @Test func aSnippetCompilesShortTextsOnly() throws {
    let harness = try Harness(profile: .snippet)
    #expect(try harness.run("return load('return 6 * 7')()") == "42")
    #expect(try harness.run("return load('return x', 'c', 'b', { x = 1 })()") == "1")
    #expect(harness.failure("load(function() end)").contains("string expected"))
    #expect(harness.failure("load((' '):rep(256 * 1024 + 1))").contains("256 KiB"))
  }

  /// A step of less than nothing was a debt that the collector waited for, for a terabyte.
  @Test func noScriptPutsTheCollectorOff() throws {
    let source = """
      collectgarbage("step", -(1 << 30))
      for i = 1, 1000000 do local t = { i, i, i, i } end
      return collectgarbage("count") < 30000
      """
    #expect(try Harness().run(source) == "true")
  }

  @Test func whoIsTrustedHasAllOfLua() throws {
    let harness = try Harness(profile: .trusted)
    let source = """
      local closed = false
      setmetatable({}, { __gc = function() closed = true end })
      collectgarbage()
      return closed and debug.getinfo(1, "l").currentline == 4 and load(string.dump(function() return 1 end))() == 1
        and package.loaded.string == string and io.open and os.getenv and getmetatable("").__index == string
        and not package.path:find("./?.lua", 1, true) and not package.cpath:find("./?.so", 1, true)
      """
    #expect(try harness.run(source) == "true")
  }

  /// In a table that weak values leave at once, Lua's collector missed the second metatable; see guards.c.
  @Test func aMetatableThatReplacesOneIsKept() throws {
    let harness = try Harness()
    let source = """
      local bad = 0
      for r = 1, 300 do
        local t = setmetatable({}, { __mode = "kv" })
        for i = 1, r do collectgarbage("step", 0) end
        setmetatable(t, { __mode = "kv", tag = r })
        repeat until collectgarbage("step", 0)
        local junk = {} for i = 1, 30 do junk[i] = { x = i } end
        local mt = getmetatable(t)
        if type(mt) ~= "table" or rawget(mt, "tag") ~= r then bad = bad + 1 end
        setmetatable(t, nil)
      end
      return bad
      """
    #expect(try harness.run(source) == "0")
  }
}
