// Console: one Lua universe with a session, ready to run scripts and typed lines.
import AWSCore
import BackupGateway
import Glibc
import LuaRuntime

public final class Console {
  /// How a script ended.
  public enum Ending: Sendable {
    case finished
    /// It called `exit`.
    case exit(code: Int32, message: String?)
    case failed(Report)
  }

  /// What a typed line came to.
  public enum Evaluation: Sendable, Equatable {
    case done
    case failed
    /// It called `exit`.
    case leave(code: Int32)
  }

  /// Whose code a console runs, which decides what it finds (`LuaVM.Profile`).
  public enum Profile: Sendable {
    case own, snippet, trusted

    fileprivate var universe: LuaVM.Profile {
      switch self {
      case .own: .own
      case .snippet: .snippet
      case .trusted: .trusted
      }
    }
  }

  public struct Options {
    /// Bytes that scripts may use.
    public var memoryLimit = 1 << 30
    /// Decides what may be sent; nil where whoever is behind the session's door decides.
    public var gate: PermissionGate?
    /// What `gateway_lab` does; nil: there is none.
    public var lab: Lab?
    /// What code may reach beyond the service.
    public var grants = Grants()
    public var profile = Profile.own
    /// What code can learn beyond the service.
    public var surroundings = Surroundings()
    /// The form of what `show` writes; nil for a table on a terminal, JSON elsewhere.
    public var output: OutputForm?
    public init() {}
  }

  /// The current session, which operations act on.
  public internal(set) var session: Session
  /// For tests, which hand values over by functions of their own.
  package let vm: LuaVM
  let loop: EventLoop
  let records: Records
  let gate: PermissionGate?
  let lab: Lab?
  let grants: Grants
  private let profile: Profile
  let surroundings: Surroundings
  let zones: ZoneDatabase
  let secrets = SecretStore()
  /// Rows, pictures and bars under way.
  let output: OutputState
  /// Whose code runs.
  private(set) var author = Author.typed
  /// What the operator's prompt reads; nil where no signal pipe could be had.
  public private(set) var wakeDescriptor: Int32?
  /// Why the last run's output could not be written; nil when it was.
  private var outputProblem: String?
  /// Why the operator ended the run instead of answering a question.
  private var stopped: Report?
  var exitRequest: (code: Int32, message: String?)?
  /// Opens the sessions that scripts ask for; nil where there is only the one.
  let sessions: (any SessionSource)?
  /// Calls that `host.start` began and `host.await` has not fetched, by handle.
  var calls: [UInt64: Call] = [:]
  /// Sessions that scripts hold, by handle.
  var openSessions: [UInt64: Session] = [:]
  private var lastHandle: UInt64 = 0
  /// The prelude's function that says what to show of a value, and the table behind the globals.
  private var displayable: LuaReference?
  private var api: LuaReference?

  /// Opens a universe and runs the prelude in it.
  /// - Throws: a report when memory is short.
  public init(
    session: Session, sessions: (any SessionSource)? = nil, loop: EventLoop, options: Options = Options()
  ) throws(Report) {
    guard let vm = LuaVM(profile: options.profile.universe, memoryLimit: options.memoryLimit) else {
      throw Report(message: "not enough memory to start", exitCode: ExitCode.limit)
    }
    self.session = session
    self.sessions = sessions
    self.loop = loop
    self.vm = vm
    gate = options.gate
    lab = options.lab
    grants = options.grants
    profile = options.profile
    surroundings = options.surroundings
    zones = ZoneDatabase(options.surroundings.readZone)
    output = OutputState(form: options.output, loop: loop)
    let missing = LateBound()
    records = Records(vm, missing: vm.register { call throws(LuaRaise) in try missing.body(call) })
    missing.body = { [records] call throws(LuaRaise) in try records.refuse(call) }
    vm.waitInPlace = { [unowned self] operation in wait(for: operation) }
    try runPrelude()
  }

  /// Takes over SIGINT for this console.
  public func listenForSignals() {
    wakeDescriptor = vm.listenForSignals()
    loop.wakeDescriptors = wakeDescriptor.map { [$0] } ?? []
  }

  /// How many SIGINTs came since the last call.
  public static func takeSignals() -> Int { LuaVM.takeSignals() }

  /// Writes for people; on a terminal, control characters are made visible.
  public static func write(_ text: String, toStandardError: Bool = false) {
    LuaVM.write(text, toStandardError: toStandardError)
  }

  /// The text on one line, with everything that drives a terminal made visible.
  public static func visible(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: String(scalar)
      }
    }.joined()
  }

  // MARK: Running

  /// Runs a script. `arguments` become `arg[1]…` and `…`, `name` becomes `arg[0]`; `chunkName` stands in error
  /// messages. `author` is whose it is, for permissions; by default the operator's own, without a list of operations.
  public func run(
    _ source: [UInt8], name: String, chunkName: String, arguments: [String], author: Author? = nil
  ) -> Ending {
    self.author = author ?? Author(.script, name: name, source: source)
    let task = vm.task()
    do throws(LuaError) { try task.load(source, name: chunkName) } catch { return .failed(report(error)) }
    guard task.stack.reserve(arguments.count + 8) else {
      return .failed(Report(message: "too many arguments for a script", exitCode: ExitCode.usage))
    }
    setArguments(name, arguments)
    for argument in arguments { task.stack.push(argument) }
    switch finish(task, arguments: Int32(clamping: arguments.count)) {
    case .success:
      // A report that could not be written must not look like one that was.
      guard let problem = outputProblem else { return .finished }
      return .failed(Report(message: "cannot write to stdout: \(problem)", exitCode: ExitCode.network))
    case .failure(let error): return ending(error)
    }
  }

  /// Runs a typed line and shows its values, or its error.
  public func evaluate(_ line: String) -> Evaluation {
    author = .typed
    gate?.noteTyped(line)
    let task = vm.task()
    do throws(LuaError) {
      try load(line, on: task)
    } catch {
      return tell(.failed(report(error)))
    }
    switch finish(task, arguments: 0, then: { [self] count in show(task.stack, count) }) {
    case .success: return .done
    case .failure(let error): return tell(ending(error))
    }
  }

  /// As an expression if it is one, else as a chunk.
  private func load(_ line: String, on task: LuaTask) throws(LuaError) {
    if (try? task.load(Array("return \(line)".utf8), name: "=stdin")) != nil { return }
    try task.load(Array(line.utf8), name: "=stdin")
  }

  /// True when the text is the beginning of a chunk, or of an expression, so that the shell goes on asking.
  public func isIncomplete(_ source: String) -> Bool {
    var isIncomplete = false
    for text in ["return \(source)", source] {
      do throws(LuaError) {
        try vm.task().load(Array(text.utf8), name: "=stdin")
        return false
      } catch {
        if case .syntax(_, true) = error { isIncomplete = true }
      }
    }
    return isIncomplete
  }

  /// Runs a task to its end, waiting for what it waits for. `then` is given the number of its results, which are on
  /// its stack, as part of the same run: Ctrl-C reaches it too.
  private func finish(
    _ task: LuaTask, arguments: Int32, then: (Int32) -> Void = { _ in }
  ) -> Result<Void, LuaError> {
    exitRequest = nil
    stopped = nil
    _ = LuaVM.takeSignals()
    vm.beginRun()
    defer {
      calls.values.forEach { $0.cancel() }
      calls = [:]
      vm.endRun()
      output.endRun()
      // What the script printed comes before what is said of its end.
      outputProblem = LuaVM.flush()
    }
    var step = task.resume(arguments: arguments)
    while true {
      switch step {
      case .finished(let count):
        then(count)
        return vm.isUnwinding ? .failure(.unwound) : .success(())
      case .failed(let error): return .failure(error)
      case .parked(let operation):
        wait(for: operation)
        step = task.resume()
      }
    }
  }

  /// Turns the loop until an operation is complete, or the run is to be unwound.
  private func wait(for operation: ParkedOperation) {
    while !operation.isComplete && !vm.isUnwinding { loop.turn() }
  }

  /// Ends the run, past every pcall, because the operator said so when a call was asked about.
  /// - Returns: what is to be thrown.
  func stopRun(at operation: String) -> LuaRaise {
    stopped = Report(message: "ended by the operator, before \(operation)", exitCode: ExitCode.refused)
    vm.unwindForExit()
    return LuaRaise(text: "ended by the operator")
  }

  /// Waits until a descriptor can be read, with transfers and timers going on; no task is resumed meanwhile.
  /// - Returns: false when the run is to be unwound.
  public func waitUntilReadable(_ descriptor: Int32) -> Bool {
    loop.wakeDescriptors.append(descriptor)
    defer { loop.wakeDescriptors.removeAll { $0 == descriptor } }
    while !vm.isUnwinding {
      var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&state, 1, 0) > 0 { return true }
      loop.turn()
    }
    return false
  }

  private func ending(_ error: LuaError) -> Ending {
    if case .unwound = error, let stopped { return .failed(stopped) }
    if case .unwound = error, let exitRequest {
      return .exit(code: exitRequest.code, message: exitRequest.message)
    }
    return .failed(report(error))
  }

  private func report(_ error: LuaError) -> Report { Report(error, names: names) }

  /// What the shell does about an ending: tells of an error and goes on, or leaves.
  private func tell(_ ending: Ending) -> Evaluation {
    switch ending {
    case .finished: return .done
    case .exit(let code, let message):
      if let message { LuaVM.write(message + "\n", toStandardError: true) }
      return .leave(code: code)
    case .failed(let report):
      LuaVM.write(report.message + "\n", toStandardError: true)
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

  // MARK: Showing

  /// Shows each value of an expression, and keeps the first as `_`.
  private func show(_ stack: LuaStack, _ count: Int32) {
    guard count > 0, stack.reserve(8) else { return }
    let first = stack.top - count + 1
    for index in first...stack.top where !(count == 1 && stack.isNil(at: index)) {
      showListing(stack, index)
    }
    stack.pushCopy(of: first)
    stack.setGlobal("_")
  }

  /// Shows a value; of a listing one page, so that looking at it costs one request.
  private func showListing(_ stack: LuaStack, _ index: Int32) {
    let task = vm.task()
    guard let displayable else { return }
    task.stack.push(displayable)
    stack.pushCopy(of: index)
    stack.move(1, to: task.stack)
    showResults(of: task)
  }

  private func showResults(of task: LuaTask) {
    var step = task.resume(arguments: 1)
    while case .parked(let operation) = step {
      wait(for: operation)
      step = task.resume()
    }
    switch step {
    case .failed(let error):
      if case .unwound = error { return }
      _ = tell(.failed(report(error)))
    default:
      guard task.stack.top >= 2 else { return }
      let hasMore = task.stack.boolean(at: -1)
      LuaVM.write(display(task.stack, at: -2))
      if hasMore { LuaVM.write("… there are more; `for item in listing do` takes them all\n") }
    }
  }

  /// The text that shows a value on the standard output.
  func display(_ stack: LuaStack, at index: Int32) -> String {
    do throws(LuaRaise) {
      let value = try stack.value(at: index)
      return Display(order: order, width: Terminal.width).text(value)
    } catch {
      return error.text + "\n"
    }
  }

  // MARK: The prelude

  /// The prelude's chunks, in the order they run.
  private static let prelude: [[UInt8]] = [
    PackageResources.time_lua, PackageResources.records_lua, PackageResources.listings_lua,
    PackageResources.sessions_lua, PackageResources.helpers_lua, PackageResources.lab_lua,
    PackageResources.prelude_lua, PackageResources.output_lua, PackageResources.chart_lua,
  ]

  private func runPrelude() throws(Report) {
    let main = vm.main
    main.pushTable()
    definePrimitives(on: main)
    main.pushTable()
    vm.beginRun()
    defer { vm.endRun() }
    // Shared code has no such names, and --trust brings Lua's own.
    for chunk in Self.prelude + (profile == .own ? [PackageResources.files_lua] : []) {
      let task = vm.task()
      do throws(LuaError) { try task.load(chunk, name: "=moongate") } catch { throw report(error) }
      // On main stand host and api; each chunk gets both.
      for index in [Int32(-2), -1] {
        main.pushCopy(of: index)
        main.move(1, to: task.stack)
      }
      if case .failed(let error) = task.resume(arguments: 2) { throw report(error) }
    }
    main.pushCopy(of: -1)
    api = vm.keep(main)
    main.setGlobalFallback()
    main.pushField("displayable", of: -1)
    displayable = vm.keep(main)
    main.pop()
    guard vm.seal() else { throw report(.memory) }
  }

  /// A number for what a script holds by handle.
  func newHandle() -> UInt64 {
    lastHandle += 1
    return lastHandle
  }

  /// Every name of the host, for suggestions.
  var names: [String] {
    guard let api else { return [] }
    let main = vm.main
    main.push(api)
    defer { main.pop() }
    guard case .table(let table)? = try? main.value(at: -1) else { return [] }
    return table.fields.map(\.name)
  }
}

/// A host function that is known only after what needs it.
private final class LateBound {
  var body: LuaVM.HostFunction = { _ throws(LuaRaise) in .results(0) }
}
