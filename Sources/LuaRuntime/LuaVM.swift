// LuaVM: one Lua universe, and the Swift functions that its scripts may call.
import CLuaVM

/// One Lua universe. Everything about it happens on one thread.
@safe public final class LuaVM {
  /// What a host function did: pushed results, or started an operation that the script has to wait for.
  public enum Outcome {
    case results(Int32)
    case wait(for: ParkedOperation)
    /// The script is to be unwound, which no pcall keeps from happening.
    case unwind
  }

  /// Why everything of a run is unwound.
  public enum Unwinding: Sendable {
    /// Ctrl-C.
    case interrupted
    /// The script called `exit`.
    case exit
    /// The run took longer than it may.
    case timedOut
    /// A task ran longer than it may without waiting for anything.
    case ranTooLong
  }

  /// How long a run may take. Limits are kept by a timer of the system, and only while this universe listens to signals.
  public struct Clocks: Sendable {
    /// Seconds from its beginning to its end.
    public var run: Double?
    /// Seconds that Lua may run without waiting for anything.
    public var withoutWaiting: Double?

    public init(run: Double? = nil, withoutWaiting: Double? = nil) {
      self.run = run
      self.withoutWaiting = withoutWaiting
    }
  }

  /// A Swift function that scripts call. It copies its arguments, and throws what is to be raised.
  public typealias HostFunction = (borrowing LuaCall) throws(LuaRaise) -> Outcome

  /// Turns the event loop until the operation is complete or the run is unwound; set by the host.
  public var waitInPlace: (ParkedOperation) throws(LuaRaise) -> Void = { _ in }

  /// Makes a part of the prelude: of its own functions, or by a chunk of Lua. The name that was asked for is at 2; what is
  /// pushed is the chunk's text, and what it is called with. Returns how many values that is.
  public var providePart: (_ part: Int, LuaStack) -> Int32 = { _, _ in 0 }

  /// The parts that the first error, timestamp and secret ask for, and the number of the first other part.
  public static let errorPart = Int(LVM_ERRORS)
  public static let timestampPart = Int(LVM_TIMESTAMPS)
  public static let secretPart = Int(LVM_SECRETS)
  public static let firstPart = Int(LVM_PARTS)
  /// The part that sets the parts' numbers by name, before the first name is looked for.
  public static let namePart = Int(LVM_NAMES)

  private var universe: OpaquePointer?
  private var functions: [HostFunction] = []
  private var parked: [UInt64: ParkedOperation] = [:]
  private var lastOperation: UInt64 = 0

  /// Whose code a universe runs, which decides what it finds.
  public enum Profile: Sendable {
    /// The operator's own: all of Lua but debug, bytecode and C modules; files and processes by grant.
    case own
    /// Somebody else's: the strict allowlist.
    case snippet
    /// The operator's own with `--trust`: the full standard library.
    case trusted

    fileprivate var number: lvm_profile {
      switch self {
      case .own: LVM_OWN
      case .snippet: LVM_SNIPPET
      case .trusted: LVM_TRUSTED
      }
    }
  }

  /// The version of Lua, as `5.4.4`.
  public static var luaVersion: String {
    let words = unsafe String(cString: lvm_lua_ident()).split(separator: " ")
    return words.count > 2 ? String(words[2]) : "?"
  }

  /// Opens a universe with the libraries of its profile.
  /// - Parameter memoryLimit: in bytes, 0 for none.
  /// - Returns: nil when memory is short.
  public init?(profile: Profile, memoryLimit: Int) {
    unsafe universe = nil
    guard
      let opened = unsafe lvm_open(
        Unmanaged.passUnretained(self).toOpaque(),
        { state, host, phase, id in
          let vm = unsafe Unmanaged<LuaVM>.fromOpaque(host).takeUnretainedValue()
          return unsafe vm.enter(LuaCall(state), phase, id)
        }, profile.number, memoryLimit)
    else { return nil }
    unsafe universe = opened
  }

  deinit { if let universe = unsafe universe { unsafe lvm_close(universe) } }

  /// Makes a part now. False when it is broken.
  @discardableResult
  public func provide(_ part: Int) -> Bool { unsafe lvm_provide(handle, Int64(part)) }

  /// Ends the time in which globals are unguarded: scripts find the guarded ones from then on.
  /// False when memory is short.
  public func seal() -> Bool { unsafe lvm_seal(handle) }

  /// The universe's handle; open for as long as `self` lives.
  var handle: OpaquePointer {
    guard let universe = unsafe universe else { fatalError("a LuaVM that did not open was used") }
    return unsafe universe
  }

  /// The state for work at top level: no script runs on it.
  public var main: LuaStack { unsafe LuaStack(lvm_main(handle)) }

  /// Bytes in use by Lua.
  public var memoryInUse: Int { unsafe lvm_used(handle) }

  /// Runs a full collection.
  public func collect() { unsafe lvm_collect(handle) }

  /// Makes a function known to Lua by a number, for `LuaStack.push(function:)`.
  public func register(_ function: @escaping HostFunction) -> UInt32 {
    functions.append(function)
    return UInt32(functions.count - 1)
  }

  /// Names the function that is called with a handle that Lua forgot.
  public func setHandleRelease(_ function: UInt32) { unsafe lvm_set_handle_release(handle, function) }

  /// Keeps the value on top of a stack for as long as the universe lives, and pops it.
  public func keep(_ stack: LuaStack) -> LuaReference { LuaReference(number: unsafe lvm_keep(stack.state)) }

  /// A new task, to run one script on.
  public func task() -> LuaTask { LuaTask(self) }

  /// What the last parked task waits for.
  func parkedOperation() -> ParkedOperation? { parked[unsafe lvm_operation(handle)] }

  // MARK: Interruption

  /// Begins what one Ctrl-C ends: a script, or a line typed.
  public func beginRun() { unsafe lvm_run_begin(handle) }
  public func endRun() {
    for operation in parked.values { operation.cancel() }
    parked = [:]
    unsafe lvm_run_end(handle)
  }

  /// Sets the limits of the runs to come.
  public func limit(_ clocks: Clocks) {
    unsafe lvm_limit_time(handle, Self.nanoseconds(clocks.run), Self.nanoseconds(clocks.withoutWaiting))
  }

  /// 0 for no limit; a century is none.
  private static func nanoseconds(_ seconds: Double?) -> Int64 {
    seconds.map { Int64(max(0.000_001, min($0, 3e9)) * 1e9) } ?? 0
  }

  /// The clocks stand still between these two, as while the operator is asked; pairs nest.
  public func pauseClocks() { unsafe lvm_pause_clocks(handle) }
  public func resumeClocks() { unsafe lvm_resume_clocks(handle) }

  /// Unwinds everything, past every pcall; <close> variables run. What a second Ctrl-C does, the second call does:
  /// it cuts those short.
  public func interrupt() { unsafe lvm_interrupt(handle) }
  public func unwindForExit() { unsafe lvm_unwind_now(handle, LVM_EXITING) }
  public var isUnwinding: Bool { unsafe lvm_unwinding(handle) != LVM_RUNNING }
  /// True when <close> variables have had their time.
  public var isMerciless: Bool { unsafe lvm_is_merciless(handle) }

  /// True when what runs is to be unwound now.
  private var mustUnwind: Bool { unsafe lvm_must_unwind(handle) }

  /// Why everything is being unwound; nil while nothing is.
  public var unwinding: Unwinding? {
    switch unsafe lvm_unwinding(handle) {
    case LVM_INTERRUPTED: .interrupted
    case LVM_EXITING: .exit
    case LVM_TIMED_OUT: .timedOut
    case LVM_RAN_TOO_LONG: .ranTooLong
    default: nil
    }
  }

  /// `file:line` that ran when the unwinding began; empty where no Lua ran.
  public var unwindingPlace: String { unsafe String(cString: lvm_unwinding_place(handle)) }

  /// Takes over SIGINT; returns a descriptor that is readable after one, or nil when no pipe could be had.
  public func listenForSignals() -> Int32? {
    let descriptor = unsafe lvm_signals_begin(handle)
    return descriptor < 0 ? nil : descriptor
  }

  /// The same where no universe runs in this process.
  public static func listenForSignalsAlone() -> Int32? {
    let descriptor = lvm_signals_begin(nil)
    return descriptor < 0 ? nil : descriptor
  }

  /// How many SIGINTs came since the last call.
  public static func takeSignals() -> Int { Int(lvm_signals_take()) }

  /// For the allocation sweep: allocations of scripts fail from the n-th on; 0 ends it.
  public func failAllocations(from n: Int) { unsafe lvm_fail_from(handle, n) }

  // MARK: The door

  /// Lua comes in here and nowhere else. Errors leave as a value on the stack and an outcome.
  private func enter(_ call: borrowing LuaCall, _ phase: lvm_phase, _ id: UInt64) -> Int32 {
    do throws(LuaRaise) {
      switch phase {
      case LVM_CALL:
        guard id < functions.count else { return 0 }
        return answer(try functions[Int(id)](call), call)
      case LVM_FINISH:
        guard let operation = parked.removeValue(forKey: id) else { return Int32(LVM_UNWIND) }
        if operation.isCancelled || mustUnwind {
          operation.cancel()
          return Int32(LVM_UNWIND)
        }
        return answer(try operation.finish(call), call)
      case LVM_PROVIDE: return providePart(Int(truncatingIfNeeded: id), call.stack)
      default:
        guard let operation = parked[id] else { return 0 }
        do throws(LuaRaise) {
          try waitInPlace(operation)
          return 0
        } catch {
          // Nobody will come for it.
          parked[id] = nil
          operation.cancel()
          throw error
        }
      }
    } catch {
      call.stack.push(error, where: call.location)
      return Int32(LVM_RAISE)
    }
  }

  private func answer(_ outcome: Outcome, _ call: borrowing LuaCall) -> Int32 {
    switch outcome {
    case .results(let count): return count
    case .wait(let operation):
      lastOperation += 1
      parked[lastOperation] = operation
      call.stack.park(lastOperation)
      return Int32(LVM_PARK)
    case .unwind: return Int32(LVM_UNWIND)
    }
  }
}

@available(*, unavailable) extension LuaVM: Sendable {}

/// A value that is kept in its universe.
public struct LuaReference: Sendable {
  let number: Int32
  /// Of no value: it pushes nil.
  public static let none = LuaReference(number: -1)
}
