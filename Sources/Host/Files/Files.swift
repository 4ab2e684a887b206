// Files: the primitives behind io and os in own scripts. What grants refuse is raised; what the system refuses is given
// back as Lua's own library does: nil, a message, a number.
import AWSCore
import Glibc
import LuaRuntime

extension Console {
  /// Between looks at a process that a script waits for, in seconds.
  private static let interval = 0.01

  func defineFiles(_ define: Define) {
    define("open_file") { [unowned self] call throws(LuaRaise) in
      let path = call.stack.string(at: 1) ?? ""
      let mode = call.stack.string(at: 2) ?? "r"
      return try system(call, path) { () throws(FileProblem) in
        let (flags, uses) = Self.meaning(of: mode)
        let file = try grants.open(path, flags, for: uses)
        guard call.stack.push(file: file, mode: mode) else {
          let cause = errno
          close(file)
          throw .system(cause)
        }
      }
    }
    define("remove_file") { [unowned self] call throws(LuaRaise) in
      let path = call.stack.string(at: 1) ?? ""
      return try system(call, path) { () throws(FileProblem) in
        try grants.remove(path)
        call.stack.push(.boolean(true))
      }
    }
    define("rename_file") { [unowned self] call throws(LuaRaise) in
      let path = call.stack.string(at: 1) ?? ""
      let target = call.stack.string(at: 2) ?? ""
      return try system(call, path) { () throws(FileProblem) in
        try grants.rename(path, to: target)
        call.stack.push(.boolean(true))
      }
    }
    define("temporary_name") { [unowned self] call throws(LuaRaise) in
      try system(call, "os.tmpname") { () throws(FileProblem) in
        call.stack.push(try grants.temporaryFile())
      }
    }
    define("variable") { [unowned self] call throws(LuaRaise) in
      let name = call.stack.string(at: 1) ?? ""
      return try system(call, name) { () throws(FileProblem) in
        let value = try grants.variable(name, in: Environment.process())
        call.stack.push(value.map(LuaValue.string) ?? .nil)
      }
    }
    defineProcesses(define)
  }

  private func defineProcesses(_ define: Define) {
    define("may_run") { [grants] call throws(LuaRaise) in
      call.returning(.boolean(grants.mayRun || grants.isTrusting))
    }
    define("open_process") { [unowned self] call throws(LuaRaise) in
      let command = call.stack.string(at: 1) ?? ""
      let mode = call.stack.string(at: 2) ?? "r"
      let process = try start(command, mode == "r" ? .output : .input)
      guard call.stack.push(file: process.descriptor, mode: mode, child: process.id) else {
        close(process.descriptor)
        process.stop()
        throw LuaRaise(text: "\(command): there is no memory for its output")
      }
      return .results(1)
    }
    define("run_process") { [unowned self] call throws(LuaRaise) in
      let process = try start(call.stack.string(at: 1) ?? "", .none)
      return wait(for: process)
    }
  }

  private func start(
    _ command: String, _ pipe: ChildProcess.Pipe
  ) throws(LuaRaise) -> ChildProcess {
    guard grants.mayRun || grants.isTrusting else {
      throw LuaRaise.refused(
        "code may not start processes; start moongate with --grant run, which lets it do whatever you may do",
        code: "NotAllowed")
    }
    // What the script printed comes before what the command prints.
    _ = LuaVM.flush()
    do throws(ProcessFailure) {
      return try ChildProcess(command, environment: grants.inheritable(Environment.process()), pipe: pipe)
    } catch {
      throw LuaRaise(text: "/bin/sh cannot be started: \(error.reason)")
    }
  }

  /// Parks until the process has ended; then true or nil, "exit" or "signal", and the number, as os.execute gives them.
  private func wait(for process: ChildProcess) -> LuaVM.Outcome {
    var timer: TimerID?
    var end: (code: Int32, isSignal: Bool)?
    let parked = ParkedOperation(
      cancel: { [loop] in
        timer.map(loop.cancel)
        process.stop()
      }
    ) { call throws(LuaRaise) in
      let end = end ?? (0, false)
      call.stack.push(end.code == 0 && !end.isSignal ? .boolean(true) : .nil)
      call.stack.push(end.isSignal ? "signal" : "exit")
      call.stack.push(.integer(Int64(end.code)))
      return .results(3)
    }
    func look() {
      end = process.end()
      guard end == nil else { return parked.complete() }
      timer = loop.after(Self.interval, look)
    }
    look()
    return .wait(for: parked)
  }

  /// What a mode of io.open asks for: flags of open(2), and the grants it takes.
  private static func meaning(of mode: String) -> (flags: Int32, uses: [Grants.Use]) {
    let isUpdating = mode.contains("+")
    switch (mode.first, isUpdating) {
    case ("w", false): return (O_WRONLY | O_CREAT | O_TRUNC, [.write])
    // It reads what it wrote itself.
    case ("w", true): return (O_RDWR | O_CREAT | O_TRUNC, [.write])
    case ("a", false): return (O_WRONLY | O_CREAT | O_APPEND, [.write])
    case ("a", true): return (O_RDWR | O_CREAT | O_APPEND, [.read, .write])
    case (_, true): return (O_RDWR, [.read, .write])
    default: return (O_RDONLY, [.read])
    }
  }

  /// Runs what pushes one result; a refusal is raised, and an error of the system becomes nil, a message, a number.
  private func system(
    _ call: borrowing LuaCall, _ path: String, _ body: () throws(FileProblem) -> Void
  ) throws(LuaRaise) -> LuaVM.Outcome {
    do throws(FileProblem) {
      try body()
      return .results(1)
    } catch {
      switch error {
      case .refused(let message): throw LuaRaise.refused(message, code: "NotAllowed")
      case .system(let cause):
        call.stack.push(.nil)
        call.stack.push("\(path): \(unsafe String(cString: strerror(cause)))")
        call.stack.push(.integer(Int64(cause)))
        return .results(3)
      }
    }
  }
}
