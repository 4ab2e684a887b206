// Connection: from the command line to a session: AWS, an endpoint, or the embedded local gateway.
import AWSCore
import BackupGateway
import Glibc
import Host
import LocalGateway
import Scripts

struct Connection {
  let session: Session
  let sessions: Sessions
  let loop: EventLoop
  private let gateway: LocalGateway?
  /// What controls the local gateway; nil without one, or without its leave.
  private let lab: Lab?
  private let processes: ShellProcesses
  private let questions = Questions()
  /// What the greeting says about the world that --local opened; nil without it.
  let localNotice: String?
  /// What writes down calls, when something records.
  let tap: CassetteTap?
  /// What answers from a cassette.
  let player: CassettePlayer?
  /// Where the scripts of a test write.
  let testFolder = TestFolder()

  /// - Throws: a report when the configuration cannot be used or the local gateway cannot start.
  init(_ arguments: Arguments) throws(Report) {
    try Self.checkCassettes(arguments)
    let transport = CurlTransport()
    loop = EventLoop(network: arguments.replayFile == nil ? transport : NoNetwork())
    tap = Self.tap(arguments, loop)
    if let file = arguments.replayFile {
      player = CassettePlayer(try Cassette(file: file), loop)
    } else {
      player = nil
    }
    let world: Sessions.World
    if let player {
      gateway = nil
      lab = player.hasLab ? player.lab(ControlAccess.operations) : nil
      localNotice = "What was recorded in \(arguments.replayFile ?? "a cassette") answers; nothing is sent."
      world = .aws(Environment())
    } else if arguments.isLocal {
      guard arguments.profile == nil, arguments.endpoint == nil, arguments.profiles.isEmpty else {
        throw Report(
          message: "--local has a world and keys of its own; leave out --profile, --profiles and --endpoint",
          exitCode: ExitCode.usage)
      }
      let opened = try Self.world(arguments)
      gateway = opened.gateway
      localNotice = opened.notice
      lab = opened.control.map { [tap] control in
        let door = LabDoor(control, transport)
        return Lab(
          operations: ControlAccess.operations, door: tap?.door(door, name: Cassette.lab) ?? door)
      }
      guard let endpoint = URLParts(opened.endpoint) else {
        throw Report(message: "the local gateway gave no usable endpoint", exitCode: ExitCode.network)
      }
      let keys = Credentials(
        accessKeyID: LocalGateway.accessKeyID, secretAccessKey: LocalGateway.secretAccessKey,
        accountID: LocalGateway.account, source: "--local")
      world = .local(endpoint: endpoint, keys: keys)
    } else {
      guard arguments.dataFolder == nil else {
        throw Report(message: "--data belongs to --local, or to moongate serve", exitCode: ExitCode.usage)
      }
      gateway = nil
      lab = nil
      localNotice = nil
      world = .aws(Environment.process())
    }
    processes = ShellProcesses(timers: loop)
    var tools = Sessions.Tools(
      transport: transport, timers: loop, processes: processes,
      askForCode: AskedTerminal.isPossible
        ? { [questions] in questions.areOff ? nil : CodePrompt.ask($0) } : nil,
      notice: { Command.tell("moongate: \($0)") },
      trace: arguments.isDebug ? { Command.trace($0) } : nil)
    (tools.tap, tools.player) = (tap, player)
    sessions = Sessions(world, base: arguments.session, operatorFleet: arguments.fleet, tools: tools)
    do throws(CallError) {
      session = try sessions.first()
    } catch {
      throw Report(error)
    }
  }

  /// A universe for a test of scripts: it may change the world that is its own, and nobody is asked for anything.
  func testConsole(_ arguments: Arguments) throws(Report) -> Console {
    if let gateway { loop.clock = WorldClock(gateway) }
    guard let clock = loop.clock else {
      throw Report(message: "a test has a world of its own, or a cassette", exitCode: ExitCode.usage)
    }
    var options = try options(arguments, audit: nil)
    options.timeLimit = arguments.timeLimit ?? TestCommand.timeLimit
    options.surroundings.modules = Self.modules(arguments)
    options.testing = TestTools(clock: clock) { script throws(Report) in
      try run(script, beside: arguments)
    }
    return try Console(session: session, sessions: sessions, loop: loop, options: options)
  }

  /// What the command line says of every universe of Lua.
  private func options(_ arguments: Arguments, audit: AuditLog?) throws(Report) -> Console.Options {
    var options = Console.Options()
    if let limit = arguments.memoryLimit { options.memoryLimit = limit }
    options.timeLimit = arguments.timeLimit
    options.busyLimit = arguments.busyLimit
    options.output = arguments.output
    options.lab = lab
    options.grants = try grants(arguments, audit)
    return options
  }

  /// - Parameters:
  ///   - prompt: where the script is run from: it has that session, those permissions and secrets, and nothing else of it.
  ///   - header: of the script, whose words for its secrets the operator is asked with.
  func console(
    _ arguments: Arguments, from prompt: Console? = nil, header: ScriptHeader? = nil
  ) throws(Report) -> Console {
    let audit = auditLog(arguments)
    var options = try options(arguments, audit: audit)
    let gate = prompt?.gate ?? PermissionGate(arguments.permissions, audit: audit)
    options.gate = gate
    if arguments.isTrusted { options.profile = .trusted }
    options.surroundings = if let prompt { prompt.surroundings } else { try surroundings(arguments) }
    options.surroundings.modules = Self.modules(arguments)
    if let ask = options.surroundings.askForSecret, let header, !header.secrets.isEmpty {
      options.surroundings.askForSecret = { name in ask(header.question(forSecret: name)) }
    }
    let console = try Console(
      session: prompt?.session ?? session, sessions: sessions, loop: loop, options: options)
    if canAsk {
      gate.ask = { [unowned console] question in
        WritePrompt(question).ask(waitUntilReadable: console.waitUntilReadable)
      }
    }
    tap?.recorder?.mask = { [weak console] in console?.masked($0) ?? $0 }
    return console
  }

  /// Whether the operator is there to be asked; nobody is in a test.
  private var canAsk: Bool { AskedTerminal.isPossible && loop.clock == nil }

  /// What the words behind a script come to: files are read and resources found, by the host, before it runs.
  /// - Parameter script: what the operator calls it by, and its header.
  func prepare(
    _ read: ReadArguments, _ words: [String], of script: (name: String, header: ScriptHeader),
    _ arguments: Arguments, isInputTaken: Bool = false, from prompt: Console? = nil
  ) throws(Report) -> PreparedArguments {
    let protected = ProtectedPlaces(Environment.process(), audit: auditLog(arguments))
    setLookingUp(true)
    defer { setLookingUp(false) }
    do throws(Report) {
      return try PreparedArguments(
        read, words: words, session: prompt?.session ?? session, loop: loop,
        files: try named(arguments, protected, isInputTaken),
        isInterrupted: { Console.takeSignals() > 0 })
    } catch {
      throw error.exitCode == ExitCode.usage ? script.header.refusal(error.message, of: script.name) : error
    }
  }

  /// The files of a command line. Those of a test do not depend on where it is run from.
  private func named(
    _ arguments: Arguments, _ protected: ProtectedPlaces, _ isInputTaken: Bool
  ) throws(Report) -> NamedFiles {
    guard let folder = arguments.testFileFolder else {
      return NamedFiles(protected: protected, isInputTaken: isInputTaken)
    }
    return NamedFiles(
      protected: protected, isInputTaken: isInputTaken, inputFolder: folder,
      outputFolder: try testFolder.path())
  }

  /// The targets of shared code's `fleet()`, which the operator named; else the session that it runs in.
  private func targets(beside current: Session) throws(Report) -> [Session] {
    do throws(CallError) {
      // A profile that is not there is the operator's own slip here: they named it.
      return try sessions.operatorTargets(beside: current).map { (target) throws(CallError) in
        try target.session.get()
      }
    } catch {
      throw Report(error)
    }
  }

  /// A run of shared code, which has a process of its own.
  func run(
    _ snippet: Snippet, _ arguments: Arguments, from prompt: Console? = nil
  ) throws(Report) -> SnippetRun {
    let gate = prompt?.gate ?? PermissionGate(arguments.permissions, audit: auditLog(arguments))
    let surroundings = if let prompt { prompt.surroundings } else { try surroundings(arguments) }
    let current = prompt?.session ?? session
    let run = try SnippetRun(
      snippet, session: current, targets: try targets(beside: current), loop: loop, gate: gate,
      surroundings: surroundings)
    if canAsk {
      gate.ask = { [unowned run] question in
        WritePrompt(question).ask(waitUntilReadable: run.waitUntilReadable)
      }
    }
    return run
  }

  func surroundings(_ arguments: Arguments) throws(Report) -> Surroundings {
    let environment = Environment.process()
    var surroundings = Surroundings()
    for secret in arguments.secrets { surroundings.secrets[secret.name] = try secret.read(environment) }
    if canAsk { surroundings.askForSecret = { CodePrompt.secret($0) } }
    surroundings.arrayJob = ArrayJob(option: arguments.shard) {
      arguments.isWholeJob ? nil : environment.variable($0)
    }
    // Who says --shard wants a part, whatever the script does with it.
    if arguments.shard != nil, case .unusable(let problem) = surroundings.arrayJob {
      throw Report(message: problem, exitCode: ExitCode.usage)
    }
    return surroundings
  }

  /// `require` reads modules as the command reads scripts: what is a snippet there does not become own code here.
  private static func modules(_ arguments: Arguments) -> ModulePath {
    var modules = ModulePath()
    modules.userFolder = Environment.process().dataFolder.map { $0 + "/modules" }
    modules.read = { path throws(ModuleProblem) in
      guard unsafe access(path, F_OK) == 0 else { return nil }
      guard !arguments.mayHoldSnippets(path) else {
        throw ModuleProblem(
          "\(path) is in the store of snippets or in a registry, and so is not your own code; copy what you have "
            + "read and want")
      }
      do throws(ScriptSource.Failure) { return try ScriptSource(path).bytes } catch {
        throw ModuleProblem(error.message)
      }
    }
    return modules
  }

  private func grants(_ arguments: Arguments, _ audit: AuditLog?) throws(Report) -> Grants {
    var grants = Grants(protected: ProtectedPlaces(Environment.process(), audit: audit))
    grants.isTrusting = arguments.isTrusted
    do throws(Grants.Problem) {
      for text in arguments.grants { try grants.add(text) }
    } catch {
      throw Report(message: "--grant \(error.message)", exitCode: ExitCode.usage)
    }
    return grants
  }

  private func auditLog(_ arguments: Arguments) -> AuditLog? {
    switch arguments.audit {
    case .off: nil
    case .file(let path): AuditLog(path: path)
    case .standard: AuditLog.defaultPath(Environment.process()).map { AuditLog(path: $0) }
    }
  }

  /// Between two lines at the prompt nothing that a call began may have the terminal.
  func rest() { processes.stop() }

  /// Does what must ask the operator nothing, because they are typing: who needs a code of an MFA device gets none.
  func withoutQuestions<Result>(_ body: () -> Result) -> Result {
    questions.areOff = true
    setCassettesAside(true)
    defer {
      setCassettesAside(false)
      questions.areOff = false
      rest()
    }
    return body()
  }

  private final class Questions {
    var areOff = false
  }

  /// Stops the embedded gateway, and what is still under way.
  func close() {
    processes.stop()
    gateway?.stop()
    testFolder.remove()
  }

  /// Starts the embedded gateway, or joins the one that has the folder already.
  private static func world(
    _ arguments: Arguments
  ) throws(Report) -> (gateway: LocalGateway?, endpoint: String, control: ControlAccess?, notice: String) {
    var options = LocalGateway.Options()
    options.folder = arguments.dataFolder
    options.region = arguments.region ?? options.region
    options.hasControl = true
    options.start = arguments.worldStart
    options.faults = arguments.faults
    options.faultSeed = arguments.faultSeed ?? options.faultSeed
    do throws(LocalGatewayError) {
      try arguments.describeWorld(&options)
    } catch {
      throw Report(message: error.message, exitCode: ExitCode.configuration)
    }
    do throws(LocalGatewayError) {
      let gateway = try LocalGateway.start(options)
      let notice =
        arguments.dataFolder.map { "Local gateway with its world in \($0)." }
        ?? "Local gateway with \(arguments.worldName) in memory; it is gone when you leave."
      return (gateway, gateway.endpoint, gateway.control, notice)
    } catch {
      // Two consoles on one folder see one world: the second is a client of the first.
      if let folder = arguments.dataFolder, let running = error.owner?.endpoint {
        guard arguments.faults.isEmpty else {
          throw Report(
            message:
              "the local gateway on \(folder) runs already; --fault belongs to the command that starts it",
            exitCode: ExitCode.usage)
        }
        let control = error.owner?.control
        let missing = control == nil ? " It has no control endpoint, so there is no gateway_lab." : ""
        return (
          nil, running, control,
          "Joined the local gateway that runs at \(running) on \(folder).\(missing)"
        )
      }
      throw Report(message: error.message, exitCode: ExitCode.configuration)
    }
  }
}

extension Arguments {
  /// The session that the command line describes.
  fileprivate var session: SessionWish {
    SessionWish(
      profile: profile.map { .init($0, from: "--profile") },
      region: region.map { .init($0, from: "--region") },
      endpoint: endpoint.map { .init($0, from: "--endpoint") })
  }

  /// The targets that `fleet()` has.
  fileprivate var fleet: FleetWish? {
    guard !profiles.isEmpty || regions != nil else { return nil }
    var wish = FleetWish(profiles: profiles.isEmpty ? nil : profiles, regions: regions, from: "--profiles")
    wish.regionsSource = "--regions"
    return wish
  }
}
