// Scheduler: the tasks of a run, on one loop. A task runs until it waits; what it waited for puts it back into the
// queue, so tasks go on in the order in which their waits were over.
//
//   start ─► ready ─► step ─┬─► parked ── complete ──► ready …
//                           └─► ended: its waiters go on
//
// Nothing here takes time that grows with the number of tasks, but for the beginning of an unwinding.
import AWSCore
import LuaRuntime

/// One script, or one function of a script, under way.
final class ScriptTask {
  /// How a task ended: with so many results on its stack, or with an error. No `Result`, whose type Swift's runtime makes
  /// at the first use, after a search through every conformance of the program: 0.15 million instructions.
  enum Outcome {
    case success(Int32)
    case failure(LuaError)
  }

  enum State {
    /// Waits for its turn, and has `arguments` on its stack when it has not begun.
    case ready
    case running
    case parked(ParkedOperation)
    case ended(Outcome)
  }

  let number: UInt64
  let lua: LuaTask
  fileprivate(set) var state = State.ready
  fileprivate(set) var arguments: Int32
  fileprivate var hasBegun = false
  /// It is to end without a result: at its next step it is unwound.
  fileprivate(set) var isCancelled = false
  /// Somebody has asked for its outcome, so its error has been told.
  var wasWaitedFor = false
  /// The task whose end it waits for.
  fileprivate(set) weak var waitsFor: ScriptTask?
  fileprivate var waiters: [ParkedOperation] = []

  fileprivate init(_ number: UInt64, _ lua: LuaTask, arguments: Int32) {
    self.number = number
    self.lua = lua
    self.arguments = arguments
  }

  /// How it ended; nil while it has not.
  var outcome: Outcome? { if case .ended(let result) = state { result } else { nil } }
}

final class Scheduler {
  // The universe holds what waits in place, and so this.
  private unowned let vm: LuaVM
  private let loop: EventLoop
  private var ready = Queue<ScriptTask>()
  private var live: [UInt64: ScriptTask] = [:]
  private(set) var current: ScriptTask?
  /// What the current task waits for where it cannot be parked.
  private var inPlace: ParkedOperation?
  /// Ended with an error that nobody has asked for yet.
  private var failed: [ScriptTask] = []
  private var lastNumber: UInt64 = 0
  private var hasBegunUnwinding = false
  private var patience: TimerID?
  private var stepsSinceTurn = 0

  /// A turn looks at every transfer, some 2 µs each.
  private static let stepsPerTurn = 8

  /// How long a write that was sent is waited for when its task is unwound.
  static let writePatience = 5.0

  init(vm: LuaVM, loop: EventLoop) {
    self.vm = vm
    self.loop = loop
  }

  // MARK: Tasks

  /// Puts a task at the end of the queue; its function and `arguments` are on its stack.
  func start(_ lua: LuaTask, arguments: Int32) -> ScriptTask {
    lastNumber += 1
    let task = ScriptTask(lastNumber, lua, arguments: arguments)
    live[lastNumber] = task
    ready.append(task)
    return task
  }

  /// Runs tasks until this one has ended.
  func run(until task: ScriptTask) -> ScriptTask.Outcome {
    while true {
      if let outcome = task.outcome { return outcome }
      turn()
    }
  }

  /// Runs the tasks that are left until all have ended.
  func runToEnd() {
    while !live.isEmpty { turn() }
    hasBegunUnwinding = false
    patience.map(loop.cancel)
    patience = nil
  }

  /// Turns the loop until `isDone`, for as long as a write is waited for when a run has been unwound.
  func turn(patientlyUntil isDone: () -> Bool) {
    let end = loop.monotonicSeconds + Self.writePatience
    while !isDone(), !vm.isMerciless, loop.monotonicSeconds < end {
      _ = LuaVM.takeSignals()
      loop.turn(longest: end - loop.monotonicSeconds)
    }
  }

  /// The errors that nobody asked for, in the order in which they happened.
  func takeForgottenErrors() -> [LuaError] {
    defer { failed = [] }
    return failed.filter { !$0.wasWaitedFor }.compactMap {
      if case .failure(let error)? = $0.outcome { error } else { nil }
    }
  }

  /// What the current task waits for when it asks for the outcome of another.
  func operation(waitingFor task: ScriptTask, finish: @escaping ParkedOperation.Finish) -> ParkedOperation {
    let operation = ParkedOperation(cancel: {}, finish: finish)
    operation.needsOtherTasks = task.outcome == nil
    if task.outcome != nil {
      operation.complete()
    } else {
      task.waiters.append(operation)
      current?.waitsFor = task
    }
    return operation
  }

  // MARK: Steps

  private func turn() {
    if vm.isUnwinding { unwind() }
    if let task = ready.popFirst() {
      step(task)
      return sendMeanwhile()
    }
    if loop.isIdle && releaseStuck() { return }
    loop.turn()
  }

  /// When many answers come together, the requests that follow from the first do not wait until the last is worked
  /// off: 2,000 calls of 20 ms side by side by 64 took 0.80 s instead of 0.66 without this.
  private func sendMeanwhile() {
    stepsSinceTurn += 1
    guard stepsSinceTurn >= Self.stepsPerTurn, !ready.isEmpty else { return }
    stepsSinceTurn = 0
    loop.turn(longest: 0)
  }

  private func step(_ task: ScriptTask) {
    guard case .ready = task.state else { return }
    task.state = .running
    task.hasBegun = true
    current = task
    let step = task.lua.resume(arguments: task.arguments)
    current = nil
    task.arguments = 0
    task.waitsFor = task.waitsFor?.outcome == nil ? task.waitsFor : nil
    switch step {
    case .finished(let count): end(task, .success(count))
    case .failed(let error): end(task, .failure(error))
    case .parked(let operation):
      task.state = .parked(operation)
      operation.whenComplete { [weak self] in self?.wake(task) }
    }
  }

  private func wake(_ task: ScriptTask) {
    guard case .parked = task.state else { return }
    task.state = .ready
    task.waitsFor = nil
    ready.append(task)
  }

  private func end(_ task: ScriptTask, _ outcome: ScriptTask.Outcome) {
    task.state = .ended(outcome)
    live[task.number] = nil
    switch outcome {
    case .failure(.unwound), .success: break
    case .failure: if !task.wasWaitedFor { failed.append(task) }
    }
    let waiters = task.waiters
    task.waiters = []
    for waiter in waiters { waiter.complete() }
  }

  /// Where Lua cannot yield: transfers and timers advance, and no other task is resumed.
  /// - Throws: when it waits for what only another task can bring.
  func wait(inPlace operation: ParkedOperation) throws(LuaRaise) {
    guard !operation.needsOtherTasks || operation.isComplete else {
      throw LuaRaise.refused(
        "a task cannot be waited for here: inside table.sort, string.gsub and the like no other task runs; wait for "
          + "it before")
    }
    inPlace = operation
    defer { inPlace = nil }
    while true {
      if vm.isUnwinding { unwind() }
      if operation.isComplete { return }
      loop.turn()
    }
  }

  /// When nothing is under way any more, tasks that wait for each other would do so for ever: one is told, rather one
  /// that waits for a task than one at a gate, which may only have been left behind.
  private func releaseStuck() -> Bool {
    let stuck = live.values.filter {
      if case .parked(let operation) = $0.state { operation.needsOtherTasks } else { false }
    }
    func order(_ task: ScriptTask) -> (Int, UInt64) { (task.waitsFor == nil ? 1 : 0, task.number) }
    let first = stuck.min { order($0) < order($1) }
    guard let first, case .parked(let operation) = first.state else { return false }
    operation.complete()
    return true
  }

  // MARK: Unwinding

  /// Ends a task: what it waits for is let go of, and its <close> variables run. A request that was sent is waited for.
  /// - Returns: true when it is waited for.
  @discardableResult
  func cancel(_ task: ScriptTask, _ reason: ParkedOperation.Cancellation) -> Bool {
    // What it waits for while it is unwound, its <close> variables wait for.
    guard task.outcome == nil, !task.isCancelled, !task.lua.isUnwound else { return false }
    task.isCancelled = true
    switch task.state {
    case .ready where !task.hasBegun: end(task, .failure(.unwound))
    case .ready, .running: task.lua.unwindOnResume()
    case .parked(let operation):
      task.lua.unwindOnResume()
      if operation.settle(reason) { return true }
      operation.cancel()
    case .ended: break
    }
    return false
  }

  /// Ends every task that is left, because the script itself has failed.
  func cancelAll(_ reason: ParkedOperation.Cancellation) {
    for task in live.values.sorted(by: { $0.number < $1.number }) { cancel(task, reason) }
  }

  /// Ctrl-C, a limit, or exit: everything ends. A second Ctrl-C or the end of the grace ends it at once.
  private func unwind() {
    // The pipe that woke the loop would wake it again and again.
    _ = LuaVM.takeSignals()
    if !hasBegunUnwinding {
      hasBegunUnwinding = true
      var writes = 0
      for task in live.values.sorted(by: { $0.number < $1.number }) where task !== current {
        if cancel(task, .interrupted) { writes += 1 }
      }
      if let inPlace {
        if inPlace.settle(.interrupted) { writes += 1 } else { inPlace.cancel() }
      }
      if writes > 0 { tellOfWaiting(for: writes) }
      patience = loop.after(Self.writePatience) { [weak self] in self?.abandon() }
    }
    guard vm.isMerciless, ready.isEmpty || inPlace != nil else { return }
    abandon()
  }

  /// A silence of seconds after Ctrl-C would look like a program that does not heed it.
  private func tellOfWaiting(for writes: Int) {
    _ = LuaVM.flush()
    let what = writes == 1 ? "a write that was sent" : "\(writes) writes that were sent"
    LuaVM.write(
      "moongate: waiting up to \(Int(Self.writePatience)) s for \(what); Ctrl-C ends that\n",
      toStandardError: true)
  }

  /// Waits for nothing any more.
  private func abandon() {
    inPlace?.cancel()
    for task in live.values.sorted(by: { $0.number < $1.number }) {
      guard case .parked(let operation) = task.state else { continue }
      task.lua.unwindOnResume()
      operation.cancel()
    }
  }
}

/// First in, first out, in constant time.
struct Queue<Element> {
  private var elements: [Element?] = []
  private var head = 0

  var isEmpty: Bool { head == elements.count }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let first = elements[head]
    elements[head] = nil
    head += 1
    if head > 64, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }
}
