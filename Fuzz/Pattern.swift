// Pattern: Lua's patterns by Moongate's own matcher, and the other functions of `string` that read a small language.
import LuaRuntime

extension FuzzTarget {
  static let pattern = FuzzTarget(name: "pattern") { bytes in
    script.run(bytes)
  }

  private static let script = PatternScript()
}

/// A function of Lua that gives two texts to everything that takes a pattern, a format or a position.
private final class PatternScript {
  private let vm: LuaVM

  init() {
    guard let vm = LuaVM(profile: .own, memoryLimit: 64 << 20), vm.seal() else {
      fail("there is no universe")
    }
    self.vm = vm
  }

  func run(_ input: [UInt8]) {
    let task = vm.task()
    do throws(LuaError) { try task.load(PackageResources.patterns_lua, name: "=fuzz") } catch {
      fail("\(error)")
    }
    task.stack.push(.bytes(input))
    vm.beginRun()
    defer { vm.endRun() }
    switch task.resume(arguments: 1) {
    case .finished, .failed(.memory): break
    case .failed(let error): fail("\(error)")
    case .parked: fail("something waits")
    }
  }
}
