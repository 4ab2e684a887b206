// A universe to test with: host functions that hold canaries, an event loop that completes what is parked.
import LuaRuntime
import Testing

/// Counts the objects that a skipped Swift frame would leave alive.
final class Canaries {
  private(set) var alive = 0

  final class Canary {
    private let cage: Canaries
    fileprivate init(_ cage: Canaries) {
      self.cage = cage
      cage.alive += 1
    }
    deinit { cage.alive -= 1 }
  }

  func canary() -> Canary { Canary(self) }
}

final class Harness {
  let vm: LuaVM
  let canaries = Canaries()
  /// Operations that were waited for in place, and by parking.
  private(set) var waitedInPlace = 0
  private(set) var parked = 0
  private(set) var cancelled = 0
  /// What a parked call finds when it goes on.
  var onWait: () -> Void = {}

  init(profile: LuaVM.Profile = .own, memoryLimit: Int = 0) throws {
    vm = try #require(LuaVM(profile: profile, memoryLimit: memoryLimit))
    try #require(vm.seal())
    vm.waitInPlace = { [unowned self] operation in
      waitedInPlace += 1
      onWait()
      operation.complete()
    }
    define("shout") { [canaries] call throws(LuaRaise) in
      let canary = canaries.canary()
      defer { withExtendedLifetime(canary) {} }
      guard let text = call.stack.string(at: 1) else { throw LuaRaise(text: "shout takes a string") }
      return call.returning(.string(text.uppercased()))
    }
    define("fail") { [canaries] call throws(LuaRaise) in
      let canary = canaries.canary()
      defer { withExtendedLifetime(canary) {} }
      throw LuaRaise(text: "failed")
    }
    define("fetch") { [unowned self, canaries] call throws(LuaRaise) in
      let canary = canaries.canary()
      let text = call.stack.string(at: 1) ?? "x"
      return .wait(
        for: ParkedOperation(cancel: { [unowned self] in cancelled += 1 }) { call throws(LuaRaise) in
          withExtendedLifetime(canary) {}
          return call.returning(.string("<\(text)>"))
        })
    }
    define("copy") { call throws(LuaRaise) in call.returning(try call.stack.value(at: 1)) }
  }

  func define(_ name: String, _ function: @escaping LuaVM.HostFunction) {
    vm.main.push(function: vm.register(function))
    vm.main.setGlobal(name)
  }

  /// Runs a script to its end; its first result as text.
  func run(_ source: String) throws(LuaError) -> String {
    let task = vm.task()
    try task.load(Array(source.utf8), name: "=test")
    vm.beginRun()
    defer { vm.endRun() }
    var step = task.resume()
    while case .parked(let operation) = step {
      parked += 1
      onWait()
      operation.complete()
      step = task.resume()
    }
    switch step {
    case .failed(let error): throw error
    case .finished(let count):
      guard count > 0 else { return "" }
      task.stack.pushCopy(of: -count)
      task.stack.move(1, to: vm.main)
      defer { vm.main.pop() }
      return vm.main.describe(at: -1) ?? ""
    case .parked: return ""
    }
  }

  /// Whether a script fails for lack of memory.
  func failsForMemory(_ source: String) -> Bool {
    do throws(LuaError) { _ = try run(source) } catch { if case .memory = error { return true } }
    return false
  }

  /// The message a script fails with.
  func failure(_ source: String) -> String {
    do throws(LuaError) {
      return "no error, but \(try run(source))"
    } catch {
      switch error {
      case .syntax(let message, _): return message
      case .runtime(let failure): return failure.message
      case .memory: return "not enough memory"
      case .unwound: return "unwound"
      }
    }
  }
}
