// Syntax: the reader of sources behind `moongate check`, which must say of each whether it is Lua as Lua's own compiler does.
import LuaRuntime

@testable import Scripts

extension FuzzTarget {
  static let syntax = FuzzTarget(name: "syntax") { bytes in
    let tree = LuaParser.parse(bytes)
    // A zero ends what the compiler is given of a text in some places, and the first byte tells bytecode.
    if !bytes.starts(with: [0x1B]) {
      let refusal = compiler.refusal(of: bytes)
      check(
        tree.errors.isEmpty == (refusal == nil),
        "Lua: \(refusal ?? "it compiles"); we: \(tree.errors.first?.message ?? "it is Lua")")
    }
    for error in tree.errors { check(error.range.upperBound <= bytes.count, "an error beyond the end") }
    for kind in [Check.Kind.own, .snippet] {
      for finding in Check.findings(bytes, name: "script.lua", as: kind) {
        check(finding.start.line >= 1 && finding.start.column >= 1, "a finding before the beginning")
      }
    }
  }

  private static let compiler = Compiler()
}

/// Lua's own compiler.
private final class Compiler {
  private let vm: LuaVM

  init() {
    guard let vm = LuaVM(profile: .own, memoryLimit: 256 << 20), vm.seal() else {
      fail("there is no universe")
    }
    self.vm = vm
  }

  /// Why a source does not compile; nil when it does.
  func refusal(of source: [UInt8]) -> String? {
    let task = vm.task()
    do throws(LuaError) { try task.load(source, name: "=fuzz") } catch {
      return if case .syntax(let message, _) = error { message } else { "\(error)" }
    }
    return nil
  }
}
