// TestTools: what a test of scripts has beyond every other script: a clock to set, and a way to run scripts as a user would.
import AWSCore
import LuaRuntime

/// A script that a test runs, as on a command line.
public struct ScriptCall: Sendable {
  /// The script, beside the test file unless its path begins with a slash, and its arguments.
  public var words: [String]
  /// The folder of the test file, where the relative names of files to read lead.
  public var folder = "."
  /// What `--allow` would say.
  public var allowed: [String] = []
  /// What `--grant` would say; of the operator's own scripts only.
  public var grants: [String] = []
  /// Secrets by name, instead of `--secret`.
  public var secrets: [(name: String, text: String)] = []
  /// What `--output` would say; empty for nothing.
  public var output = ""
  public var isDryRun = false
  /// It runs as the operator's own file, not as shared code.
  public var isOwn = false
}

/// How such a script ended, and what it printed.
public struct ScriptOutcome: Sendable {
  public var code: Int32
  public var output: [UInt8]
  public var errors: [UInt8]
  /// The files that scripts of the test have written, by name.
  public var files: [(name: String, bytes: [UInt8])]

  public init(
    code: Int32, output: [UInt8], errors: [UInt8], files: [(name: String, bytes: [UInt8])] = []
  ) {
    self.files = files
    self.code = code
    self.output = output
    self.errors = errors
  }
}

public struct TestTools {
  /// The clock of the test's world, and of everything that runs in it.
  public var clock: any CodeClock
  /// Runs a script to its end.
  /// - Throws: a report for a call that cannot be made as it is described.
  public var run: (ScriptCall) throws(Report) -> ScriptOutcome

  public init(clock: any CodeClock, run: @escaping (ScriptCall) throws(Report) -> ScriptOutcome) {
    self.clock = clock
    self.run = run
  }
}

extension Console {
  /// The primitives of testing.lua.
  func defineTesting(_ define: Define, _ tools: TestTools) {
    define("set_clock") { call throws(LuaRaise) in
      let time = Timestamp(microseconds: call.stack.timestamp(at: 1) ?? 0)
      tools.clock.now = time
      guard tools.clock.now == time else {
        throw LuaRaise.refused("the clock of a world shows the years 1970 to 9999, not \(time.iso8601)")
      }
      return .results(0)
    }
    define("note_assertion") { [unowned self] call throws(LuaRaise) in
      assertion = FailedAssertion(call, source: source, order: order, lastRunErrors: lastRunErrors)
      return .results(0)
    }
    define("run_script") { [unowned self] call throws(LuaRaise) in
      var script = ScriptCall(words: Self.words(call, 1), allowed: Self.words(call, 2))
      script.grants = Self.words(call, 3)
      script.secrets = zip(Self.words(call, 4), Self.words(call, 5)).map { (name: $0, text: $1) }
      script.output = call.stack.string(at: 6) ?? ""
      script.isDryRun = call.stack.boolean(at: 7)
      script.isOwn = call.stack.boolean(at: 8)
      script.folder = scriptFolder ?? "."
      if let folder = scriptFolder, let name = script.words.first, !name.hasPrefix("/") {
        script.words[0] = "\(folder)/\(name)"
      }
      let outcome = try run(script, tools)
      call.stack.push(.integer(Int64(outcome.code)))
      call.stack.push(Self.text(outcome.output))
      call.stack.push(Self.text(outcome.errors))
      call.stack.push(.table(LuaTable(fields: outcome.files.map { ($0.name, Self.text($0.bytes)) })))
      lastRunErrors = outcome.errors
      return .results(4)
    }
  }

  private static func text(_ bytes: [UInt8]) -> LuaValue {
    String(validating: bytes, as: UTF8.self).map(LuaValue.string) ?? .bytes(bytes)
  }

  /// The script has the signals and clocks of its own; those of the test stand still meanwhile.
  private func run(_ script: ScriptCall, _ tools: TestTools) throws(LuaRaise) -> ScriptOutcome {
    vm.pauseClocks()
    defer { vm.resumeClocks() }
    let before = loop.wakeDescriptors
    defer {
      loop.wakeDescriptors = before
      if wakeDescriptor != nil { listenForSignals() }
    }
    do throws(Report) {
      let outcome = try tools.run(script)
      if outcome.code == ExitCode.interrupted { vm.interrupt() }
      return outcome
    } catch {
      throw LuaRaise.refused("run: \(error.message)")
    }
  }

  private static func words(_ call: borrowing LuaCall, _ index: Int32) -> [String] {
    guard case .table(let table)? = try? call.stack.value(at: index) else { return [] }
    return table.items.compactMap(\.string)
  }
}
