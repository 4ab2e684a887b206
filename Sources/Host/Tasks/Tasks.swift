// Tasks: the scheduler as the prelude sees it. What scripts see is tasks.lua's.
import AWSCore
import BackupGateway
import LuaRuntime

/// Lets one task wait until another has opened it. It stays open until somebody has passed.
final class Gate {
  private var isOpen = false
  private var waiter: ParkedOperation?

  func open() {
    isOpen = true
    waiter?.complete()
  }

  /// Its result: false when there is nobody left to open it.
  func pass() -> ParkedOperation {
    let operation = ParkedOperation(cancel: {}) { [weak self] call throws(LuaRaise) in
      defer { self?.isOpen = false }
      return call.returning(.boolean(self?.isOpen ?? false))
    }
    operation.needsOtherTasks = !isOpen
    if isOpen { operation.complete() }
    waiter = operation
    return operation
  }
}

extension Console {
  func defineTasks(_ define: Define) {
    define("spawn") { [unowned self] call throws(LuaRaise) in
      // The function and its arguments.
      let count = call.argumentCount
      let lua = vm.task()
      guard lua.stack.reserve(Int(count) + 8) else {
        throw LuaRaise.refused("spawn: too many arguments for a task")
      }
      call.stack.move(count, to: lua.stack)
      let handle = newHandle()
      tasks[handle] = scheduler.start(lua, arguments: count - 1)
      call.stack.push(handle: handle)
      return .results(1)
    }
    define("task_wait") { [unowned self] call throws(LuaRaise) in
      let task = try task(call)
      task.wasWaitedFor = true
      return .wait(
        for: scheduler.operation(waitingFor: task) { call throws(LuaRaise) in
          try Self.push(task, on: call)
        })
    }
    // Waits for its end only.
    define("task_join") { [unowned self] call throws(LuaRaise) in
      .wait(for: scheduler.operation(waitingFor: try task(call)) { _ throws(LuaRaise) in .results(0) })
    }
    define("task_cancel") { [unowned self] call throws(LuaRaise) in
      scheduler.cancel(try task(call), .failedElsewhere)
      return .results(0)
    }
    define("gate") { [unowned self] call throws(LuaRaise) in
      let handle = newHandle()
      gates[handle] = Gate()
      call.stack.push(handle: handle)
      return .results(1)
    }
    define("gate_open") { [unowned self] call throws(LuaRaise) in
      call.stack.handle(at: 1).flatMap { gates[$0] }?.open()
      return .results(0)
    }
    define("gate_pass") { [unowned self] call throws(LuaRaise) in
      guard let gate = call.stack.handle(at: 1).flatMap({ gates[$0] }) else { return .results(0) }
      return .wait(for: gate.pass())
    }
    defineWaiting(define)
  }

  private func defineWaiting(_ define: Define) {
    define("monotonic") { [loop] call throws(LuaRaise) in call.returning(.number(loop.codeSeconds)) }
    define("fail") { call throws(LuaRaise) in
      throw LuaRaise.refused(
        call.stack.string(at: 2) ?? "", code: call.stack.string(at: 1) ?? "WaitFailed")
    }
    define("is_dry_run") { [unowned self] call throws(LuaRaise) in
      call.returning(.boolean(gate?.permissions.isDryRun ?? surroundings.isDryRun))
    }
    define("has_withheld") { [unowned self] call throws(LuaRaise) in
      call.returning(.boolean(gate?.hasWithheld ?? surroundings.hasWithheld()))
    }
    define("note") { call throws(LuaRaise) in
      Self.write("moongate: \(call.stack.string(at: 1) ?? "")\n", toStandardError: true)
      return .results(0)
    }
  }

  /// A handle that Lua forgets is of no use any more; what it stands for may be.
  func releaseHandle(_ handle: UInt64) {
    // A write that nobody fetches any more is waited for at the end of the run.
    if calls[handle]?.operation.isReading == true { calls.removeValue(forKey: handle)?.cancel() }
    changeLists[handle] = nil
    openSessions[handle] = nil
    tasks[handle] = nil
    gates[handle] = nil
  }

  private func task(_ call: borrowing LuaCall) throws(LuaRaise) -> ScriptTask {
    guard let task = call.stack.handle(at: 1).flatMap({ tasks[$0] }) else {
      throw LuaRaise.refused("this is no task")
    }
    guard task !== scheduler.current else { throw LuaRaise.refused("a task cannot wait for itself") }
    return task
  }

  /// True and its results, or false and its error.
  private static func push(_ task: ScriptTask, on call: borrowing LuaCall) throws(LuaRaise)
    -> LuaVM.Outcome
  {
    let stack = task.lua.stack
    switch task.outcome {
    case nil:
      throw LuaRaise.refused("this wait would never end: the tasks that are left wait for each other")
    case .success(let count):
      guard stack.reserve(1), call.stack.reserve(Int(count) + 1) else {
        throw LuaRaise.refused("the task returned too many values")
      }
      call.stack.push(.boolean(true))
      // They stay on the task's stack, for whoever asks again.
      let first = stack.top - count
      for index in 0..<count {
        stack.pushCopy(of: first + index + 1)
        stack.move(1, to: call.stack)
      }
      return .results(count + 1)
    case .failure(.runtime):
      call.stack.push(.boolean(false))
      stack.pushCopy(of: -1)
      stack.move(1, to: call.stack)
    case .failure(.memory):
      call.stack.push(.boolean(false))
      call.stack.push("not enough memory")
    case .failure: throw LuaRaise(text: "the task was cancelled")
    }
    return .results(2)
  }
}
