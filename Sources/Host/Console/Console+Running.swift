// Runs: what happens from the start of a script, or of a typed line, until nothing of it is left, and how that is told.
import AWSCore
import BackupGateway
import Glibc
import LuaRuntime

extension Console {
  /// Runs a script. `arguments` become `arg[1]…` and `…`, `name` becomes `arg[0]`; `chunkName` stands in error
  /// messages. `given` is what the script has as `args`; nil for one whose header declares none. `author` is whose it is, for
  /// permissions; by default the operator's own, without a list of operations.
  public func run(
    _ source: [UInt8], name: String, chunkName: String, arguments: [String], given: GivenArguments? = nil,
    author: Author? = nil
  ) -> Ending {
    self.author = author ?? Author(.script, name: name, source: source)
    self.source = source
    let task = vm.task()
    do throws(LuaError) { try task.load(source, name: chunkName) } catch { return .failed(report(error)) }
    guard task.stack.reserve(arguments.count + 8) else {
      return .failed(Report(message: "too many arguments for a script", exitCode: ExitCode.usage))
    }
    setArguments(name, arguments)
    self.chunkName = chunkName
    do throws(Report) { try setArgs(given) } catch { return .failed(error) }
    scriptFolder = Self.folder(ofScript: name, chunkName: chunkName)
    for argument in arguments { task.stack.push(argument) }
    let ending = finish(task, arguments: Int32(clamping: arguments.count))
    return outputProblem.map { lost(ending, $0) } ?? ending
  }

  /// A report that could not be written must not look like one that was, whatever the script ended with.
  private func lost(_ ending: Ending, _ problem: String) -> Ending {
    let message = "cannot write to stdout: \(problem)"
    switch ending {
    case .finished: break
    case .exit(_, let said): if let said { Self.write(said + "\n", toStandardError: true) }
    case .failed(let report):
      guard ExitCode.ofScripts.contains(report.exitCode) else { return ending }
      // `print` itself may have failed by it.
      guard !report.message.contains(message) else { break }
      Self.write("moongate: \(report.message)\n", toStandardError: true)
    }
    return .failed(Report(message: message, exitCode: ExitCode.network))
  }

  /// Runs a script for the value that it returns.
  func result(of source: [UInt8], name: String, chunkName: String) throws(Report) -> LuaValue {
    author = Author(.script, name: name, source: source)
    let task = vm.task()
    do throws(LuaError) { try task.load(source, name: chunkName) } catch { throw report(error) }
    setArguments(name, [])
    var result = Result<LuaValue, LuaRaise>.success(.nil)
    let ending = finish(task, arguments: 0) { count in
      guard count > 0 else { return }
      result = Result { () throws(LuaRaise) in try task.stack.value(at: -count) }
    }
    switch (ending, result) {
    case (.failed(let report), _): throw report
    case (.exit(let code, let message), _):
      throw Report(
        message: "\(name) called exit(\(code)): \(message ?? "")", exitCode: ExitCode.configuration)
    case (.finished, .failure(let raise)):
      throw Report(message: "\(name): \(raise.text)", exitCode: ExitCode.configuration)
    case (.finished, .success(let value)): return value
    }
  }

  /// Runs a typed line and shows its values, or its error.
  public func evaluate(_ line: String) -> Evaluation {
    author = .typed
    gate?.noteTyped(line)
    source = Array(line.utf8)
    typedSecrets += SensitiveText.secrets(in: line)
    let task = vm.task()
    let question = Question(line)
    calledOperations = []
    var values: [Int?] = []
    do throws(LuaError) {
      let asked = question.map { Array($0.lua.utf8) }
      try prompt.load(asked ?? source, name: typed.add(source), on: task)
    } catch {
      return tell(.failed(report(error)))
    }
    if question != nil { pushHelp(on: task.stack) }
    var isShown = true
    let ending = finish(
      task, arguments: question == nil ? 0 : 1,
      then: { [self] count in
        values = numbers(of: task.stack, count)
        results.add(task.stack, count)
        guard !PromptLine.isSilent(source) else { return }
        if count == 1, task.stack.isNil(at: -1) {
          if question == nil { showNil(of: source) }
        } else {
          isShown = show(task.stack, count)
        }
      })
    if case .finished = ending { prompt.note(source) }
    let evaluation = tell(ending)
    guard evaluation == .done, isShown else { return evaluation == .done ? .failed : evaluation }
    typedLine = TypedLine(
      source: line, isExpression: isExpression(line), values: values, operations: calledOperations,
      isQuestion: question != nil)
    return evaluation
  }

  /// The numbers that the topmost values of a stack are going to have among the results.
  private func numbers(of stack: LuaStack, _ count: Int32) -> [Int?] {
    var last = results.count
    return (0..<count).map { index in
      guard !stack.isNil(at: stack.top - count + 1 + index) else { return nil }
      last += 1
      return last
    }
  }

  private func isExpression(_ source: String) -> Bool {
    (try? vm.task().load(Array("return \(source)".utf8), name: "=prompt")) != nil
  }

  /// True when the text is the beginning of a chunk, or of an expression, so that the shell goes on asking.
  public func isIncomplete(_ source: String) -> Bool {
    guard Question(source) == nil else { return false }
    var isIncomplete = false
    for text in ["return \(source)", source] {
      do throws(LuaError) {
        // With the line end that Enter would bring: it ends a string that has no quote yet, which no row can mend.
        try vm.task().load(Array("\(text)\n".utf8), name: "=stdin")
        return false
      } catch {
        // What calls a method without its () will not get them on the next line.
        if case .syntax(let message, true) = error, !message.contains("function arguments expected") {
          isIncomplete = true
        }
      }
    }
    return isIncomplete
  }

  /// Runs a task, and those it starts, to their end. `then` is given the number of its results, which are on its
  /// stack, as part of the same run: Ctrl-C reaches it too.
  func finish(_ task: LuaTask, arguments: Int32, then: (Int32) -> Void = { _ in }) -> Ending {
    exitRequest = nil
    stopped = nil
    // What was pressed between two lines is over; what came while a script was loaded is not.
    if LuaVM.takeSignals() > 0, !isInteractive { return .failed(Self.interrupted) }
    vm.beginRun()
    defer {
      calls.values.forEach { $0.cancel() }
      calls = [:]
      vm.endRun()
      output.endRun()
      // What the script printed comes before what is said of its end.
      outputProblem = LuaVM.takeOutputProblem()
    }
    let main = scheduler.start(task, arguments: arguments)
    main.wasWaitedFor = true
    let outcome = scheduler.run(until: main)
    switch outcome {
    case .success(let count): then(count)
    // What the script began is of no use without it.
    case .failure: scheduler.cancelAll(.failedElsewhere)
    }
    scheduler.runToEnd()
    // Begun and not fetched, as by a list of changes that was ended: what writes is waited for here too.
    let writes = calls.values.filter { $0.settle(.interrupted) }
    scheduler.turn(patientlyUntil: { writes.allSatisfy { $0.result != nil } })
    return ending(outcome, forgotten: scheduler.takeForgottenErrors())
  }

  /// - Parameter forgotten: the errors of tasks that nobody waited for: they are told, and the run has failed.
  private func ending(_ outcome: ScriptTask.Outcome, forgotten: [LuaError]) -> Ending {
    var reports = forgotten.map { error in
      var report = report(error)
      report.message = "a task that nobody waited for failed: \(report.message)"
      return report
    }
    if vm.isUnwinding {
      reports.append(report(.unwound))
    } else if case .failure(let error) = outcome {
      reports.append(report(error))
    }
    guard let last = reports.popLast() else { return .finished }
    _ = LuaVM.flush()
    for report in reports { Self.write("moongate: \(report.message)\n", toStandardError: true) }
    if vm.unwinding == .exit, let stopped { return .failed(stopped) }
    if vm.unwinding == .exit, let exitRequest {
      return .exit(code: exitRequest.code, message: exitRequest.message)
    }
    return .failed(last)
  }

  /// Ends the run, past every pcall, because the operator said so when a call was asked about.
  /// - Returns: what is to be thrown.
  func stopRun(at operation: String) -> LuaRaise {
    stopped = Report(message: "ended by the operator, before \(operation)", exitCode: ExitCode.refused)
    vm.unwindForExit()
    return LuaRaise(text: "ended by the operator")
  }

  /// Waits until a descriptor can be read, with transfers and timers going on; no task is resumed meanwhile, and the
  /// clocks of the run stand still.
  /// - Returns: false when the run is to be unwound.
  public func waitUntilReadable(_ descriptor: Int32) -> Bool {
    loop.wakeDescriptors.append(descriptor)
    vm.pauseClocks()
    defer {
      loop.wakeDescriptors.removeAll { $0 == descriptor }
      vm.resumeClocks()
    }
    while !vm.isUnwinding {
      var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&state, 1, 0) > 0 { return true }
      // Between two runs there is nothing to unwind.
      if LuaVM.takeSignals() > 0 { return false }
      loop.turn()
    }
    return false
  }

  func report(_ error: LuaError) -> Report {
    if case .unwound = error { return unwindingReport }
    var report = Report(error, names: names, profile: profile)
    report.cause = error
    // Lua repeats what it stumbled over: "unfinished string near '"hunter2'".
    report.message = masked(
      report.message, besides: SensitiveText.secrets(in: String(decoding: source, as: UTF8.self)))
    return report
  }

  /// Why everything was unwound, for people.
  private var unwindingReport: Report {
    let place = vm.unwindingPlace.isEmpty ? "" : "; it was at \(vm.unwindingPlace)"
    func seconds(_ limit: Double?) -> String {
      limit.map { "\(($0 * 1_000).rounded() / 1_000) s" } ?? "it may"
    }
    switch vm.unwinding {
    case .timedOut:
      return Report(
        message: "Timeout: the run took longer than \(seconds(clocks.run))\(place)", exitCode: ExitCode.limit)
    case .ranTooLong:
      return Report(
        message: "Limit: the script ran longer than \(seconds(clocks.withoutWaiting)) without waiting for "
          + "anything\(place)", exitCode: ExitCode.limit)
    default: return Self.interrupted
    }
  }

  private static let interrupted = Report(message: "interrupted", exitCode: ExitCode.interrupted)

  /// What the shell does about an ending: tells of an error and goes on, or leaves.
  func tell(_ ending: Ending) -> Evaluation {
    switch ending {
    case .finished: return .done
    case .exit(let code, let message):
      if let message { LuaVM.write(message + "\n", toStandardError: true) }
      return .leave(code: code)
    case .failed(let report):
      tellTyped(report)
      if let stop = gate?.takeStop() { Self.write(stop + "\n", toStandardError: true) }
      return .failed
    }
  }

  private func setArguments(_ name: String, _ arguments: [String]) {
    let main = vm.main
    main.push(.table(LuaTable(items: arguments.map(LuaValue.string))))
    main.push(name)
    main.setItem(0)
    main.setGlobal("arg")
  }
}
