// The prelude's rows against what its chunks give, and that nobody can tell that it is late.
import BackupGateway
import LuaRuntime
import TestSupport
import Testing

@testable import Host

@Suite struct PreludeTests {
  /// The names in one of the prelude's tables.
  private func names(in table: LuaReference, of console: Console) -> Set<String> {
    let main = console.vm.main
    main.push(table)
    defer { main.pop() }
    var found: Set<String> = []
    main.forEachField(of: -1) { stack in
      if let name = stack.string(at: -2) { found.insert(name) }
      return true
    }
    return found
  }

  @Test func aStartLoadsNothing() throws {
    let console = try Bench().console
    #expect(names(in: console.prelude.api, of: console).isEmpty)
    #expect(names(in: console.prelude.host, of: console).isEmpty)
  }

  @Test func anOperationLoadsNothingElse() throws {
    let bench = try Bench()
    #expect(bench.run("local f = get_gateway") == nil)
    #expect(names(in: bench.console.prelude.api, of: bench.console) == ["get_gateway"])
    #expect(names(in: bench.console.prelude.host, of: bench.console).isEmpty)
  }

  @Test(arguments: PreludeChunk.all.indices) func aChunkGivesTheNamesOfItsRow(_ part: Int) throws {
    let console = try Bench().console
    let chunk = PreludeChunk.all[part]
    // Others are there for some sessions only; the tests of labs and tests have them.
    guard [.always, .own].contains(chunk.condition) else { return }
    #expect(console.vm.provide(part))
    #expect(names(in: console.prelude.api, of: console).isSuperset(of: chunk.api))
    #expect(names(in: console.prelude.host, of: console).isSuperset(of: chunk.host))
  }

  @Test func nothingIsGivenThatNoRowNames() throws {
    let console = try Bench().console
    let main = console.vm.main
    main.pushTable()
    console.definePrimitives(on: main)
    let primitives = console.vm.keep(main)
    console.prelude.loadAll()
    let rows = PreludeChunk.all.filter { [.always, .own].contains($0.condition) }
    #expect(names(in: console.prelude.api, of: console) == Set(console.names))
    #expect(
      names(in: console.prelude.host, of: console)
        == names(in: primitives, of: console).union(rows.flatMap(\.host)))
  }

  @Test func noNameIsInTwoRows() {
    for names in [\PreludeChunk.api, \.host, \.os, \.io] {
      let all = PreludeChunk.all.flatMap { $0[keyPath: names] }
      #expect(all.count == Set(all).count)
    }
  }

  @Test func theRowsOfMetatablesAreWhereLuaAsksForThem() throws {
    let bench = try Bench()
    #expect(bench.run("local ok, e = pcall(get_gateway, 1) assert(tostring(e):find('^test:1: '))") == nil)
    #expect(bench.run("assert(timestamp(0).epoch == 0)") == nil)
    #expect(LuaVM.firstPart == 3)
  }

  @Test func librariesLookWhole() throws {
    let bench = try Bench()
    let script = """
      local names = {}
      for name in pairs(os) do names[#names + 1] = name end
      table.sort(names)
      assert(table.concat(names, " ") == "clock date difftime execute getenv remove rename time tmpname")
      assert(not pcall(function() os.getenv = 1 end) and rawget(os, "date") == nil)
      function os.mine() return os.date end
      assert(os.mine() == os.date)
      """
    #expect(bench.run(script) == nil)
    let other = "assert(not pcall(function() os.getenv = 1 end)) assert(not pcall(rawset, io, 'open', 1))"
    #expect(try Bench().run(other) == nil, "nor may one be set that nobody has read")
  }
}
