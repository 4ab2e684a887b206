// Locals at the prompt: what a line declares, and that later lines have the very same variables.
import Host
import LuaRuntime
import TestSupport
import Testing

@testable import Host

@Suite struct PromptLocalsTests {
  @Test(arguments: [
    ("local x = 1", ["x"]), ("local x", ["x"]), ("local x, y = 1, 2", ["x", "y"]),
    ("local x <const> = 5", ["x const"]),
    ("local a <const>, b = 1, 2", ["a const", "b"]), ("local f <close> = g()", []),
    ("local function f() local y = 1 end", ["f"]),
    ("do local x = 1 end", []), ("for i = 1, 2 do local x = i end local y = 3", ["y"]),
    ("while true do local x break end local z", ["z"]),
    ("if a then local b elseif c then local d else local e end local g", ["g"]),
    ("repeat local x until x local y", ["y"]),
    ("f(function() local x end) local y = function() local z end", ["y"]), ("-- local x\nlocal y", ["y"]),
    ("--[[ local x\nlocal z ]] local y", ["y"]), ("--[==[ ]] local x ]==] local y", ["y"]),
    ("s = 'local x' local y", ["y"]),
    ("s = \"a\\\" local x\" local y", ["y"]), ("s = [[ local x ]] local y = t[ [[k]] ]", ["y"]),
    ("local x = 1 local x = 2", ["x"]),
    ("x.local_ = 1 mylocal = 2", []), ("local _ENV = {}", []), ("local", []), ("local 5", []),
    ("local x = 0x1p-4 local y = 1e+5", ["x", "y"]),
    ("local x = 1..2 local y", ["x", "y"]), ("local é", []), ("", []), ("\"unfinished local x", []),
    ("[[ unfinished local x", []),
  ])
  func whatALineDeclares(_ source: String, _ names: [String]) {
    let declared = PromptLine(Array(source.utf8)).declared.map { $0.name + ($0.isConstant ? " const" : "") }
    #expect(declared == names)
  }

  @Test(arguments: [
    ("return 1", 0), ("local x = 1 return x", 12), ("if a then return end", nil),
    ("f = function() return 1 end", nil),
    ("do return end", nil), ("-- return\nx = 1", nil),
  ])
  func whereALastReturnStands(_ source: String, _ offset: Int?) {
    #expect(PromptLine(Array(source.utf8)).returnOffset == offset)
  }

  struct Session: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var lines: [String]
    /// An expression that holds after them.
    var holds: String
  }

  @Test(arguments: [
    Session(testDescription: "is there", lines: ["local x = 1"], holds: "x == 1"),
    Session(testDescription: "is no global", lines: ["local x = 1"], holds: "_G.x == nil"),
    Session(
      testDescription: "can be set", lines: ["local x = 1", "x = x + 1"], holds: "x == 2 and _G.x == nil"),
    Session(
      testDescription: "a closure has it",
      lines: ["local n = 0", "function count() n = n + 1 return n end", "count()"],
      holds: "count() == 2 and n == 2"),
    Session(
      testDescription: "two closures of two lines share it",
      lines: ["local n = 0", "function up() n = n + 1 end", "function get() return n end", "up() up()"],
      holds: "get() == 2"),
    Session(
      testDescription: "a second local is another variable",
      lines: [
        "local x = 1", "function old() return x end", "local x = 2", "function new() return x end", "x = 3",
      ],
      holds: "old() == 1 and new() == 3 and x == 3"),
    Session(
      testDescription: "a local function",
      lines: ["local function fact(n) return n < 2 and 1 or n * fact(n - 1) end"],
      holds: "fact(5) == 120 and _G.fact == nil"),
    Session(
      testDescription: "one declared by another",
      lines: ["local x = 2", "local y = x * 3", "local x = x + y"], holds: "x == 8"),
    Session(testDescription: "a constant", lines: ["local x <const> = 5"], holds: "x == 5"),
    Session(
      testDescription: "a constant table", lines: ["local t <const> = {}", "t.a = 1"], holds: "t.a == 1"),
    Session(testDescription: "nil is a value", lines: ["x = 1", "local x"], holds: "x == nil and _G.x == 1"),
    Session(
      testDescription: "several", lines: ["local a, b, c = 1, 2"], holds: "a == 1 and b == 2 and c == nil"),
    Session(testDescription: "before a return", lines: ["local x = 7 return x"], holds: "x == 7"),
    Session(
      testDescription: "before a comment", lines: ["local x = 7 -- seven", "x = 8 -- eight"], holds: "x == 8"),
    Session(testDescription: "not from within a block", lines: ["do local x = 1 end"], holds: "x == nil"),
    Session(testDescription: "not after an error", lines: ["local x = 1 error('no')"], holds: "x == nil"),
    Session(
      testDescription: "the old one after an error", lines: ["local x = 1", "local x = error('no')"],
      holds: "x == 1"),
    Session(
      testDescription: "a name of ours", lines: ["local now = 5"], holds: "now == 5 and moongate.now ~= 5"),
    Session(
      testDescription: "a name like the keeper's", lines: ["local _keep = 1", "local x = _keep"],
      holds: "x == 1 and _keep == 1"),
    Session(
      testDescription: "in coroutines", lines: ["local x = 1", "coroutine.wrap(function() x = 2 end)()"],
      holds: "x == 2"),
    Session(
      testDescription: "across calls of the service",
      lines: ["local vm = list_virtual_machines():first()", "local name = vm.Name"], holds: "name == 'vm 1'"),
    Session(
      testDescription: "a goto over nothing",
      lines: ["local x = 1", "for i = 1, 3 do if i == 2 then goto on end x = x + 1 ::on:: end"],
      holds: "x == 3"),
  ])
  func aLocal(_ session: Session) throws {
    let bench = try Bench()
    for line in session.lines { _ = bench.console.evaluate(line) }
    #expect(bench.console.evaluate("assert(\(session.holds))") == .done)
  }

  @Test func aConstantStaysOne() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate("local x <const> = 5") == .done)
    #expect(bench.console.evaluate("x = 6") == .failed)
    #expect(bench.console.evaluate("assert(x == 5)") == .done)
    #expect(bench.console.evaluate("local x = 7") == .done)
    #expect(bench.console.evaluate("x = 8 assert(x == 8)") == .done)
  }

  @Test func whatIsClosedIsClosedAtTheEndOfItsLine() throws {
    let bench = try Bench()
    #expect(
      bench.console.evaluate(
        "n = 0 local c <close> = setmetatable({}, { __close = function() n = n + 1 end })") == .done)
    #expect(bench.console.evaluate("assert(n == 1 and c == nil)") == .done)
  }

  /// A function of Lua has at most 200 locals and 255 upvalues; a long session has more.
  @Test func aThousandLocals() throws {
    let bench = try Bench()
    for i in 1...1_000 { #expect(bench.console.evaluate("local v\(i) = \(i)") == .done) }
    #expect(bench.console.evaluate("assert(v1 + v500 + v1000 == 1501)") == .done)
  }

  @Test func aScriptHasNoneOfThem() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate("local x = 1") == .done)
    #expect(bench.run("assert(x == nil)") == nil)
    #expect(bench.console.evaluate("assert(load('return x')() == nil)") == .done)
  }

  @Test func whatIsTypedNeverTraps() {
    let pieces = [
      "local", "x", "=", "function", "(", ")", "end", "[[", "]]", "[=[", "\"", "'", "\\", "--", "\n", "<",
      "const", ">", ",", "return", "0x", "1e", ".", "é", "\u{0}",
    ]
    var state: UInt64 = 1
    for _ in 0..<20_000 {
      var text = ""
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count] + (state & 1 == 0 ? " " : "")
      }
      _ = PromptLine(Array(text.utf8))
    }
  }
}
