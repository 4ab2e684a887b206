// SnippetRun: one run of shared code, as the host sees it: a worker is started, its calls go through a broker, its output
// to the host's streams, and its limits are kept from outside, by a clock and a signal that no script can catch.
import AWSCore
import BackupGateway
import Glibc
import Host
import LuaRuntime

/// Shared code that is to be run.
public struct Snippet {
  public var source: [UInt8]
  /// For `arg[0]` and for people.
  public var name: String
  public var chunkName: String
  public var arguments: PreparedArguments
  public var header: ScriptHeader
  public var limits: SnippetLimits
  /// What `show` writes; nil for a table on a terminal, JSON elsewhere.
  public var output: OutputForm?
  /// What it may `require`.
  public var modules: [Module] = []

  /// Another snippet's code.
  public struct Module: Sendable {
    public let name: String
    public let source: [UInt8]
  }

  public init(
    source: [UInt8], name: String, chunkName: String, arguments: PreparedArguments, header: ScriptHeader,
    limits: SnippetLimits
  ) {
    self.source = source
    self.name = name
    self.chunkName = chunkName
    self.arguments = arguments
    self.header = header
    self.limits = limits
  }

  /// Compiling takes time that grows faster than the source.
  static let largestSource = 256 << 10
}

/// One run, from the start of its worker to its end.
public final class SnippetRun {
  /// How the run ended.
  private enum Outcome {
    case ended(Int32)
    case failed(Report)
    case interrupted
    case readerGone
  }

  /// How long an answer to a write that was sent is waited for after the worker's end.
  private static let patience = 5.0
  /// How long a worker may take to go after it has said that it ends.
  private static let grace = 0.25
  /// Answers that wait for the worker to read them; more than this it does not want to.
  private static let mostUnsent = 128 << 20

  private let snippet: Snippet
  private let arguments: Frame
  private let session: Session
  /// What `fleet()` has; empty where the operator named nothing.
  private let targets: [Session]
  private let loop: EventLoop
  /// Decides what it may send, and has counted it.
  public let gate: PermissionGate
  private let surroundings: Surroundings
  private let worker: WorkerProcess
  private let output: SnippetOutput
  private var broker: Broker?
  private var outcome: Outcome?
  /// The signal pipe: readable after Ctrl-C.
  private let signals: Int32?
  private var deadline: Double
  /// Its processor time when it last said something.
  private var restedAt = 0.0
  private var isPaused = false

  /// Starts the worker.
  /// - Throws: a report when it cannot be started, or is given more than it can take.
  public init(
    _ snippet: Snippet, session: Session, targets: [Session] = [], loop: EventLoop, gate: PermissionGate,
    surroundings: Surroundings = Surroundings()
  ) throws(Report) {
    self.snippet = snippet
    self.session = session
    self.targets = targets
    self.loop = loop
    self.gate = gate
    self.surroundings = surroundings
    signals = LuaVM.listenForSignalsAlone()
    arguments = HostMessage.arguments(snippet.arguments.given).frame
    guard arguments.payload.count < Frame.largestDown else {
      throw Report(
        message: "the files that the command line names are too large for shared code",
        exitCode: ExitCode.usage)
    }
    do throws(WorkerProcess.StartFailure) {
      worker = try WorkerProcess()
    } catch {
      throw Report(
        message: "the process for shared code cannot be started: \(error.reason)",
        exitCode: ExitCode.refused)
    }
    output = SnippetOutput(
      output: worker.output, error: worker.error, watcher: worker.watcher, limit: snippet.limits.output,
      signals: signals)
    deadline = loop.monotonicSeconds + snippet.limits.time
    let author = Author(
      .snippet, name: snippet.name, source: snippet.source, operations: snippet.header.allowed)
    broker = Broker(
      session: session, targets: targets, gate: gate, author: author, limits: snippet.limits,
      outputs: snippet.arguments.outputs, secrets: snippet.header.secrets.map(\.name),
      seams: Broker.Seams(
        send: { [unowned self] in worker.send($0) },
        end: { [unowned self] in brokerEnded($0) },
        undisturbed: { [unowned self] in undisturbed($0) },
        zone: { ZoneDatabase.file(named: $0) },
        secret: { [unowned self] in secret($0) }, clock: loop.clock))
    gate.readName = { [unowned self] in readName($0, $1) }
  }

  /// Runs it to its end and tells of it on stderr; returns the exit code.
  public func run() -> Int32 {
    let ownDescriptors = loop.wakeDescriptors
    defer { loop.wakeDescriptors = ownDescriptors }
    loop.wakeDescriptors = [worker.watcher] + [signals].compactMap(\.self)
    worker.send(HostMessage.begin(beginning).frame.encoded())
    for module in snippet.modules {
      worker.send(HostMessage.module(name: module.name, module.source).frame.encoded())
    }
    worker.send(HostMessage.script(snippet.source).frame.encoded())
    worker.send(arguments.encoded())
    watchClocks()
    while worker.status == nil {
      loop.turn()
      turn()
    }
    settle()
    return conclude()
  }

  /// Waits until a descriptor can be read, for a question to the operator.
  /// - Returns: false when Ctrl-C came instead.
  public func waitUntilReadable(_ descriptor: Int32) -> Bool {
    let watched = loop.wakeDescriptors
    loop.wakeDescriptors = [descriptor] + [signals].compactMap(\.self)
    defer { loop.wakeDescriptors = watched }
    while true {
      if LuaVM.takeSignals() > 0 {
        stop(.interrupted)
        return false
      }
      var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&state, 1, 0) > 0 { return true }
      loop.turn()
    }
  }

  private func readName(_ arn: Arn, _ session: Session) -> String? {
    loop.name(of: arn, in: session) {
      guard LuaVM.takeSignals() > 0 else { return false }
      stop(.interrupted)
      return true
    }
  }

  /// One that the command line gave, or the operator's answer to the header's words for it.
  private func secret(_ name: String) -> String? {
    if let given = surroundings.secrets[name] { return given }
    let question = "\(snippet.name) asks for its secret \(snippet.header.question(forSecret: name))"
    guard let ask = surroundings.askForSecret else {
      tell(
        "there is no terminal to ask for the secret \(name) on; give it as --secret \(name)=@FILE, "
          + "\(name)=env:NAME, or \(name)=- for a line of standard input")
      return nil
    }
    return ask(question)
  }

  private var beginning: HostMessage.Beginning {
    let zone = unsafe getenv("TZ").map { unsafe String(cString: $0) }
    return HostMessage.Beginning(
      name: snippet.name, chunkName: snippet.chunkName, arguments: snippet.arguments.words,
      place: place(session), targets: targets.map(place), isDryRun: gate.permissions.isDryRun,
      secrets: snippet.header.secrets.map(\.name),
      timeZone: zone, part: surroundings.arrayJob, clock: loop.clock?.now,
      isClockWaitedFor: loop.clock?.isWaitedFor == true, output: snippet.output,
      columns: Terminal.width.map { max(20, $0 - 2) }, memory: snippet.limits.memory,
      processorTime: Int(snippet.limits.time.rounded(.up)) + 2)
  }

  private func place(_ session: Session) -> HostMessage.Place {
    let facts = session.facts
    return HostMessage.Place(label: session.label, region: facts.region, account: facts.account)
  }

  // MARK: Turns

  private func turn() {
    if LuaVM.takeSignals() > 0 { stop(.interrupted) }
    worker.look()
    // First what it printed, then what it asks: a question must stand below what came before it.
    let received = worker.receive()
    output.move()
    if output.isOverLimit {
      stop(limit: "printed more than \(ByteCount.text(snippet.limits.output)); --max-output raises that")
    }
    if output.isReaderGone { stop(.readerGone) }
    if let problem = output.problem {
      stop(
        .failed(Report(message: "cannot write to stdout: \(problem)", exitCode: ExitCode.network)))
    }
    if let received {
      if received.isEmpty {
        worker.stopReceiving()
      } else {
        restedAt = worker.processorTime ?? restedAt
        broker?.receive(received)
      }
    }
    worker.flush()
    if worker.unsent > Self.mostUnsent { brokerEnded(.broken("does not read its answers")) }
  }

  /// Looks at the clocks now and whenever one may have run out.
  private func watchClocks() {
    guard worker.status == nil, outcome == nil else { return }
    if isPaused {
      _ = loop.after(Self.grace) { [weak self] in self?.watchClocks() }
      return
    }
    let left = deadline - loop.monotonicSeconds
    if left <= 0 {
      return stop(
        limit: "ran for more than \(SnippetLimits.text(seconds: snippet.limits.time)); "
          + "--timeout or @limit time= raises that")
    }
    let computed = (worker.processorTime ?? 0) - restedAt
    if computed >= snippet.limits.busy {
      return stop(
        limit:
          "computed for more than \(SnippetLimits.text(seconds: snippet.limits.busy)) without waiting for "
          + "anything; @limit busy= raises that")
    }
    let next = min(left, max(0.01, snippet.limits.busy - computed))
    _ = loop.after(next) { [weak self] in self?.watchClocks() }
  }

  /// The worker and its clocks stand still while the operator is asked.
  private func undisturbed(_ body: () -> Void) {
    output.flush()
    let begin = loop.monotonicSeconds
    isPaused = true
    worker.pause()
    body()
    worker.goOn()
    isPaused = false
    deadline += loop.monotonicSeconds - begin
  }

  // MARK: Ends

  private func stop(_ end: Outcome) {
    if outcome == nil { outcome = end }
    if case .interrupted = end { output.isImpatient = true }
    // What it asked for already, and has not been looked at, is not begun.
    broker?.stop()
    worker.kill()
  }

  private func stop(limit words: String) {
    stop(
      .failed(Report(message: "the snippet \(words)", exitCode: ExitCode.limit)))
  }

  private func brokerEnded(_ ending: Broker.Ending) {
    switch ending {
    case .ended(let code):
      if outcome == nil { outcome = .ended(code) }
      _ = loop.after(Self.grace) { [weak self] in self?.worker.kill() }
    case .refused(let reason):
      stop(
        .failed(
          Report(
            message:
              "shared code is not run: its process cannot be locked in (\(Console.visible(reason))). It takes Linux 5.13 with "
              + "Landlock and seccomp, and there is no way around that", exitCode: ExitCode.refused)))
    case .broken(let words):
      stop(
        .failed(
          Report(
            message:
              "the snippet's process \(words), which no worker does; it was ended, and nothing else is affected",
            exitCode: ExitCode.limit)))
    case .limit(let words): stop(limit: words)
    case .quit:
      stop(.failed(Report(message: "the operator ended the run", exitCode: ExitCode.refused)))
    }
  }

  /// The worker is gone: what it printed comes out, and writes that were sent are waited for.
  private func settle() {
    while let rest = worker.receive(), !rest.isEmpty { broker?.receiveLast(rest) }
    broker?.stop()
    output.finish()
    let end = loop.monotonicSeconds + Self.patience
    loop.wakeDescriptors = [signals].compactMap(\.self)
    while let left = broker?.writesUnderWay, !left.isEmpty, loop.monotonicSeconds < end {
      if LuaVM.takeSignals() > 0 { break }
      loop.turn(longest: max(0, end - loop.monotonicSeconds))
    }
    for operation in broker?.writesUnderWay ?? [] {
      tell("\(operation) was sent and has not been answered: its outcome is unknown")
    }
    broker?.abandon()
  }

  private func conclude() -> Int32 {
    switch outcome {
    case .ended(let code): return code
    case .failed(let report):
      tell(report.message)
      return report.exitCode
    case .interrupted:
      tell("interrupted")
      return ExitCode.interrupted
    case .readerGone: return ExitCode.readerGone
    case nil:
      tell("\(Self.description(ofEnd: worker.status ?? 0)); nothing else is affected")
      return ExitCode.limit
    }
  }

  /// What became of a process that did not say so itself.
  private static func description(ofEnd status: Int32) -> String {
    let signal = status & 0x7F
    guard signal != 0 else {
      return "the snippet's process ended without a word (exit code \(status >> 8 & 0xFF))"
    }
    let name = unsafe strsignal(signal).map { unsafe String(cString: $0) } ?? "unknown"
    if signal == SIGKILL {
      return "the snippet was killed (signal 9), as when a machine runs out of memory"
    }
    return "the snippet crashed (signal \(signal), \(name))"
  }

  private func tell(_ message: String) { Console.write("moongate: \(message)\n", toStandardError: true) }
}
