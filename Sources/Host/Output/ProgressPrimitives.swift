// ProgressPrimitives: the bar as the prelude has it. One is drawn at a time, the one that began last.
import LuaRuntime

extension Console {
  /// Keeps the bar of `progress` away while a question is on the terminal.
  public static func holdProgress(_ held: Bool) { LuaVM.holdBar(held) }

  func defineProgress(_ define: Define) {
    // (label or nil, total or nil) → number
    define("progress_begin") { [output] call throws(LuaRaise) in
      let total = call.stack.integer(at: 2).flatMap(Int.init(exactly:))
      return call.returning(
        .integer(output.progress.begin(call.stack.string(at: 1) ?? "", total: total)))
    }
    // (number, how many more)
    define("progress_advance") { [output] call throws(LuaRaise) in
      guard let id = call.stack.integer(at: 1) else { return .results(0) }
      output.progress.advance(id, by: call.stack.integer(at: 2).flatMap(Int.init(exactly:)) ?? 1)
      return .results(0)
    }
    define("progress_end") { [output] call throws(LuaRaise) in
      if let id = call.stack.integer(at: 1) { output.progress.end(id) }
      return .results(0)
    }
  }
}
