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
    #expect(
      try bench.value(of: "tostring(select(2, pcall(get_gateway, 1)))").string?.hasPrefix("test:1: ") == true)
    #expect(try bench.value(of: "timestamp(0).epoch") == .integer(0))
    #expect(LuaVM.firstPart == 3)
  }

  @Test func librariesLookWhole() throws {
    let bench = try Bench()
    let names =
      "local n = {} for k in pairs(os) do n[#n + 1] = k end table.sort(n) return table.concat(n, ' ')"
    #expect(
      try bench.value(of: "(function() \(names) end)()")
        == .string("clock date difftime execute getenv remove rename time tmpname"))
    #expect(try bench.value(of: "pcall(function() os.getenv = 1 end)") == .boolean(false))
    #expect(try bench.value(of: "rawget(os, 'date')") == .nil)
    #expect(bench.run("function os.mine() return os.date end assert(os.mine() == os.date)") == nil)
  }
}
