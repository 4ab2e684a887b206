// Late names: a table whose names are made when they are first read, whole or not at all, wherever that is.
import LuaRuntime
import Testing

@Suite struct LateNameTests {
  /// A harness behind whose globals stand `greet` and `count`, which one chunk gives, and `late`, another's, which reads
  /// `greet` itself. `midway` is called in the middle of the first.
  private final class Late {
    let harness: Harness
    private(set) var loads: [Int] = []
    var midway: () -> Void = {}

    init(profile: LuaVM.Profile = .own, memoryLimit: Int = 0) throws {
      harness = try Harness(profile: profile, memoryLimit: memoryLimit)
      let main = harness.vm.main
      main.pushTable()
      main.pushTable()
      for (name, part) in [("greet", 7), ("count", 7), ("late", 8)] {
        main.push(.integer(Int64(part)))
        main.setField(name)
      }
      main.push(.nil)
      main.setLate()
      main.pushCopy(of: -1)
      let table = harness.vm.keep(main)
      main.setGlobalFallback()
      let midway = harness.vm.register { [unowned self] _ throws(LuaRaise) in
        self.midway()
        return .results(0)
      }
      harness.vm.providePart = { [unowned self] part, stack in
        guard part >= LuaVM.firstPart else { return 0 }
        loads.append(part)
        stack.push(part == 7 ? Self.first : Self.second)
        stack.push(table)
        stack.push(function: midway)
        return 3
      }
    }

    private static let first = """
      local api, midway = ...
      local string, table, pcall = string, table, pcall
      local ballast = {}
      for i = 1, 500 do ballast[i] = string.rep("x", i) end
      function api.greet(name) return ballast and "hello " .. name end
      pcall(midway)
      table.sort(ballast, function(a, b) return #a > #b end)
      api.count = #table.concat(ballast)
      """
    private static let second = "local api = ... api.late = api.greet('late') .. api.count"

    func run(_ source: String) throws -> String { try harness.run(source) }
  }

  @Test func aNameIsMadeWhenItIsRead() throws {
    let late = try Late()
    #expect(try late.run("return 1") == "1" && late.loads.isEmpty)
    #expect(try late.run("return greet('you') .. count") == "hello you125250")
    #expect(try late.run("return tostring(nothing) .. tostring(rawget(_G, 'greet'))") == "nilnil")
    #expect(late.loads == [7], "one chunk gives several names")
    #expect(try late.run("return late") == "hello late125250", "a chunk may read what another gives")
    #expect(late.loads == [7, 8])
  }

  @Test func aChunkSeesLuaAsItWas() throws {
    let late = try Late()
    #expect(
      try late.run("string, table, pcall = nil return greet('you') .. count") == "hello you125250")
  }

  @Test(
    arguments: [
      "in a coroutine": "return coroutine.wrap(function() return greet('a') end)()",
      "in a comparison":
        "local t = {2, 1} table.sort(t, function(a, b) return greet('a') and a < b end) return greet('a')",
      "in a replacement": "return (('x'):gsub('x', function() return greet('a') end))",
      "in a metamethod": "return setmetatable({}, { __index = function() return greet('a') end }).x",
      "in a variable that closes":
        "local r do local c <close> = setmetatable({}, { __close = function() r = greet('a') end }) end return r",
      "in a protected call": "return select(2, pcall(function() return greet('a') end))",
      "in a text that was loaded": "return load('return greet(\"a\")')()",
      "where C calls go no deeper":
        """
      local function deep() local ok, r = pcall(deep) return ok and r or greet end
      return deep()('a')
      """,
      "where the stack ends":
        """
      local best
      local function deep(n) if n % 64 == 0 then best = greet end return 1 + deep(n + 1) end
      pcall(deep, 1)
      return best('a')
      """,
    ].sorted { $0.key < $1.key })
  func aNameIsMadeWherever(_ place: (key: String, value: String)) throws {
    let late = try Late()
    #expect(try late.run(place.value) == "hello a", "\(place.key)")
    #expect(late.loads == [7])
    #expect(try late.run("return count") == "125250", "\(place.key): all of the chunk ran")
  }

  @Test func aFinalizerMayReadOne() throws {
    let late = try Late(profile: .trusted)
    let script = """
      local found
      setmetatable({}, { __gc = function() found = greet('gc') end })
      collectgarbage()
      return found
      """
    #expect(try late.run(script) == "hello gc")
  }

  /// Ctrl-C in the middle of a chunk: the run is unwound, and the chunk is there for the next.
  @Test func anInterruptionWaitsForTheChunk() throws {
    let late = try Late()
    late.midway = { late.harness.vm.interrupt() }
    #expect(throws: LuaError.self) { try late.run("local g = greet while true do end") }
    late.midway = {}
    #expect(try late.run("return greet('you') .. count") == "hello you125250")
    #expect(late.loads == [7])
  }

  @Test func noPcallCatchesWhatInterruptedIt() throws {
    let late = try Late()
    late.midway = {
      late.harness.vm.interrupt()
      late.harness.vm.interrupt()
    }
    #expect(throws: LuaError.self) { try late.run("pcall(function() return greet end) while true do end") }
    late.midway = {}
    #expect(try late.run("return count") == "125250")
  }

  /// Whichever allocation of the script fails: the name is there then, or on the next reading.
  @Test func everyAllocationMayFail() throws {
    let script = "local t = {} for i = 1, 8 do t[i] = ('k'):rep(i) .. greet(i) end return late"
    var n = 0
    while true {
      n += 1
      let late = try Late()
      late.harness.vm.failAllocations(from: n)
      let finished = (try? late.run(script)) != nil
      late.harness.vm.failAllocations(from: 0)
      #expect(try late.run(script) == "hello late125250", "after failing allocation \(n)")
      #expect(late.loads == [7, 8], "after failing allocation \(n)")
      if finished { break }
      try #require(n < 1000, "the sweep does not end")
    }
  }

  /// A chunk is made though it takes more than may be in use; whoever asked for it is told, and who asks again finds it.
  @Test func theLimitOfMemoryHoldsAfterwards() throws {
    let late = try Late(memoryLimit: 1 << 20)
    let filled = """
      local keep = {}
      pcall(function() for i = 1, 1e6 do keep[i] = ('x'):rep(100) .. i end end)
      for i = 1, 200 do keep[#keep] = nil end
      return count
      """
    #expect(late.harness.failsForMemory(filled))
    #expect(try late.run("return count") == "125250")
    #expect(late.loads == [7])
  }
}
