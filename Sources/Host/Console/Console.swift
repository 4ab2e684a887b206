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

  /// What a console is given beside its session.
  public struct Options {
    /// Bytes that scripts may use.
    public var memoryLimit = 1 << 30
    /// Seconds that a script, or a typed line, may take; and that it may compute without waiting for anything.
    public var timeLimit: Double?
    public var busyLimit: Double?
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
    /// What a test of scripts has beyond them; nil: what runs is no test.
    public var testing: TestTools?
    public init() {}
  }

  /// The current session, which operations act on.
  public internal(set) var session: Session
  /// For tests, which hand values over by functions of their own.
  package let vm: LuaVM
  let loop: EventLoop
  let scheduler: Scheduler
  let records: Records
  let clocks: LuaVM.Clocks
  /// As its options had them.
  public let gate: PermissionGate?
  let lab: Lab?
  let grants: Grants
  let profile: Profile
  /// As its options had them.
  public let surroundings: Surroundings
  let testing: TestTools?
  /// The assert of a test that failed last.
  var assertion: FailedAssertion?
  /// What the script that a test ran last wrote to stderr.
  var lastRunErrors: [UInt8] = []
  let zones: ZoneDatabase
  let secrets = SecretStore()
  /// Locals of the lines typed so far.
  private(set) lazy var prompt = PromptLocals(vm)
  /// The line that ran without an error last, and what has been called since it began, by AWS's name.
  public internal(set) var typedLine: TypedLine?
  var calledOperations: Set<String> = []
  /// What was typed lately, and the error that was told last.
  var typed = PromptSources()
  var lastError: LuaError?
  /// Rows, pictures and bars under way.
  let output: OutputState
  /// Whose code runs.
  var author = Author.typed
  /// True while somebody sits before the prompt: long texts are paged.
  public var isInteractive = false
  /// What the operator's prompt reads; nil where no signal pipe could be had.
  public private(set) var wakeDescriptor: Int32?
  /// Why the last run's output could not be written; nil when it was.
  var outputProblem: String?
  /// Why the operator ended the run instead of answering a question.
  var stopped: Report?
  var exitRequest: (code: Int32, message: String?)?
  /// What runs, and the secrets that were typed so far: errors must not repeat them.
  var source: [UInt8] = []
  var typedSecrets: [String] = []
  /// Opens the sessions that scripts ask for; nil where there is only the one.
  let sessions: (any SessionSource)?
  /// Calls that `host.start` began and `host.await` has not fetched, by handle.
  var calls: [UInt64: Call] = [:]
  /// What else handles stand for: tasks that may be waited for, and the gates of `parallel`.
  var tasks: [UInt64: ScriptTask] = [:]
  var gates: [UInt64: Gate] = [:]
  /// Sessions that scripts hold, by handle.
  var openSessions: [UInt64: Session] = [:]
  var lastHandle: UInt64 = 0
  /// Lists of changes that scripts hold, by handle.
  var changeLists: [UInt64: ChangeList] = [:]
  /// What Lua calls the script.
  var chunkName = ""
  /// Where the script's own modules are; nil when it is in no file.
  var scriptFolder: String?
  /// Opens the files that arguments of the run name.
  var openOutput: ((Int) throws(OutputFailure) -> any OutputSink)?
  /// It has been said which part of the work this run does.
  var hasToldPart = false
  /// What the lines at the prompt gave.
  let results: Results
  /// Names of functions by their identity, once one is to be shown.
  var functionNames: [UInt: String]?
  let prelude: Prelude
  /// What hints and candidates are written with: the operator's, whatever locale the line editor chooses.
  var glyphs: Glyphs { .ofOperator }
  /// The resources that completion offers.
  private(set) lazy var resourceLists = ResourceLists(loop: loop) { [unowned self] in ask($0, $1, $2) }

  /// Opens a universe.
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
    scheduler = Scheduler(vm: vm, loop: loop)
    gate = options.gate
    clocks = LuaVM.Clocks(run: options.timeLimit, withoutWaiting: options.busyLimit)
    vm.limit(clocks)
    lab = options.lab
    grants = options.grants
    profile = options.profile
    surroundings = options.surroundings
    testing = options.testing
    zones = ZoneDatabase(options.surroundings.readZone)
    output = OutputState(form: options.output, loop: loop)
    let missing = LateBound()
    results = Results(vm)
    var conditions: PreludeChunk.Condition = .always
    // Shared code has the session that its operator gave it.
    if sessions?.canConnect == true { conditions.insert(.connecting) }
    // Shared code has no files, and --trust brings Lua's own.
    if options.profile == .own { conditions.insert(.own) }
    if options.lab != nil { conditions.insert(.lab) }
    if options.testing != nil { conditions.insert(.testing) }
    prelude = Prelude(vm, conditions: conditions, behind: results.table)
    records = Records(vm, missing: vm.register { call throws(LuaRaise) in try missing.body(call) })
    missing.body = { [records] call throws(LuaRaise) in try records.refuse(call) }
    vm.waitInPlace = { [scheduler] operation throws(LuaRaise) in try scheduler.wait(inPlace: operation) }
    try beginPrelude()
    gate?.readName = { [unowned self] arn, session in
      self.vm.pauseClocks()
      defer { self.vm.resumeClocks() }
      return self.loop.name(of: arn, in: session) { self.vm.isUnwinding }
    }
  }

  /// The version of Lua, as `5.4.4`.
  public static var luaVersion: String { LuaVM.luaVersion }

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

  /// Writes out what stdout still holds; nil, or why something that was written to it since the last call is lost.
  public static func takeOutputProblem() -> String? { LuaVM.takeOutputProblem() }

  /// The text on one line, with everything that drives a terminal made visible.
  public static func visible(_ text: String) -> String {
    text.unicodeScalars.map(\.shown).joined()
  }

  // MARK: The prelude

  private func beginPrelude() throws(Report) {
    prelude.definePrimitives = { [unowned self] in definePrimitives(on: $0) }
    prelude.pushOperation = { [unowned self] in push($0, on: $1) }
    vm.setHandleRelease(
      vm.register { [unowned self] call throws(LuaRaise) in
        call.stack.handle(at: 1).map(releaseHandle)
        return .results(0)
      })
    guard vm.seal() else { throw report(.memory) }
    // The trusted find Lua's own libraries, in which nothing is late, and can make what looks like a timestamp.
    if profile == .trusted {
      prelude.load { !$0.os.isEmpty || $0.api.contains("require") }
      vm.provide(LuaVM.timestampPart)
    }
    // It puts an `assert` in the place of Lua's.
    if testing != nil { prelude.load { $0.condition == .testing } }
  }

  /// A number for what a script holds by handle.
  func newHandle() -> UInt64 {
    lastHandle += 1
    return lastHandle
  }

  /// Pushes the function `help`, whatever the globals are.
  func pushHelp(on stack: LuaStack) { prelude.push(forScripts: "help", on: stack) }

  /// Every name of the host, for suggestions.
  var names: [String] { prelude.names }
}

/// A host function that is known only after what needs it.
private final class LateBound {
  var body: LuaVM.HostFunction = { _ throws(LuaRaise) in .results(0) }
}
