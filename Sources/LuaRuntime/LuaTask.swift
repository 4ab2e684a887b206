// LuaTask: one script under way, on a coroutine of its own.
import CLuaVM

public final class LuaTask {
  public enum Step {
    /// Its results are on the task's stack, as many.
    case finished(Int32)
    /// It waits; resume it when the operation is complete.
    case parked(ParkedOperation)
    case failed(LuaError)
  }

  /// Arguments before it runs, results when it has ended.
  public let stack: LuaStack
  private let vm: LuaVM

  init(_ vm: LuaVM) {
    self.vm = vm
    stack = unsafe LuaStack(lvm_task(vm.handle))
  }

  deinit { unsafe lvm_discard(stack.state) }

  /// What compiled Lua begins with. It is not verified when it runs, so it is not run.
  private static let bytecodeMark: UInt8 = 0x1B

  /// Loads a text chunk; `name` as Lua has it: `@file`, or `=name`.
  public func load(_ source: [UInt8], name: String) throws(LuaError) {
    guard source.first != Self.bytecodeMark else {
      throw .syntax(
        message: "\(name.dropFirst()): binary chunks are not allowed; give the script's text",
        isIncomplete: false)
    }
    let status: lvm_status = unsafe source.withUnsafeBytes { raw in
      unsafe raw.withMemoryRebound(to: CChar.self) { bytes in
        // An empty array may have no address.
        guard let start = bytes.baseAddress else { return unsafe lvm_load(stack.state, "", 0, name) }
        return unsafe lvm_load(stack.state, start, bytes.count, name)
      }
    }
    guard status != LVM_FINISHED else { return }
    defer { stack.pop() }
    guard status == LVM_SYNTAX_ERROR else { throw .memory }
    let message = stack.text(at: -1) ?? ""
    throw .syntax(message: message, isIncomplete: message.hasSuffix("<eof>"))
  }

  /// Calls the chunk that was loaded with a kept table of variables, and runs in its place the function that it returns,
  /// whose variables are those of the table; see PromptLocals.swift of the host.
  public func joinLocals(_ locals: LuaReference) throws(LuaError) {
    guard unsafe lvm_join_locals(stack.state, locals.number) else {
      stack.pop()
      throw .memory
    }
  }

  /// Starts it with the `arguments` on its stack, or goes on after a wait.
  public func resume(arguments: Int32 = 0) -> Step {
    var results: Int32 = 0
    let status = unsafe lvm_resume(stack.state, arguments, &results)
    switch status {
    case LVM_FINISHED: return vm.isUnwinding ? .failed(.unwound) : .finished(results)
    case LVM_PARKED:
      guard let operation = vm.parkedOperation() else { return .failed(.unwound) }
      return .parked(operation)
    case _ where vm.isUnwinding || isUnwound: return .failed(.unwound)
    case LVM_NO_MEMORY: return .failed(.memory)
    default:
      // Showing the error may run the script's __tostring, which may be interrupted, or exit.
      let failure = failure()
      return .failed(vm.isUnwinding ? .unwound : .runtime(failure))
    }
  }

  /// True once its unwinding has begun.
  public var isUnwound: Bool { unsafe lvm_is_unwound(stack.state) }

  /// Whatever it waits for, it is unwound when it goes on.
  public func unwindOnResume() { unsafe lvm_cancel(stack.state) }

  /// The error value on top, as text and, when it is the host's, as its fields.
  private func failure() -> LuaError.Failure {
    unsafe lvm_push_traceback(stack.state)
    let traceback = stack.text(at: -1) ?? ""
    stack.pop()
    let main = vm.main
    stack.pushCopy(of: -1)
    stack.move(1, to: main)
    defer { main.pop() }
    let text = main.describe(at: -1) ?? "(the error object could not be shown)"
    let isHostError = main.isHostError(at: -1)
    var table: LuaTable?
    // "table: 0x55…", or "table" where no addresses are shown, tells nobody anything; its fields do.
    if isHostError || text == "table" || text.hasPrefix("table: 0x"),
      case .table(let fields)? = try? main.value(at: -1)
    {
      table = fields
    }
    return LuaError.Failure(message: text, table: table, isHostError: isHostError, traceback: traceback)
  }
}

@available(*, unavailable) extension LuaTask: Sendable {}
