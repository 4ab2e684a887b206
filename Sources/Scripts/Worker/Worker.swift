// Worker: a process that runs one shared script. This program, started by the host, with nothing to steal: it locks itself
// in before it reads a byte of the script, and asks the host for everything that is outside.
import CLockdown
import Glibc
import Host
import LuaRuntime

public enum Worker {
  /// The hidden first argument of a worker; the host's process id is the second.
  public static let argument = "--snippet-worker"

  /// Runs a worker to its end, if the command line asks for one.
  public static func runIfAsked(_ words: [String]) {
    guard words.count == 2, words[0] == argument, let host = pid_t(words[1]) else { return }
    let link = HostLink()
    if let problem = unsafe clockdown_begin(host) { unsafe refuse(problem, link) }
    guard case .begin(let beginning) = link.receive() else { _exit(1) }
    prepare(beginning)
    // Room for what lies beside Lua's own memory: an answer of 32 MiB, as it arrives and as it is read.
    let limits = clockdown_limits(
      address_space: UInt64(beginning.memory) + 512 << 20, cpu_seconds: UInt64(beginning.processorTime))
    if let problem = unsafe clockdown_finish(limits) { unsafe refuse(problem, link) }
    var modules: [String: [UInt8]] = [:]
    var source: [UInt8]?
    while source == nil {
      switch link.receive() {
      case .module(let name, let bytes): modules[name] = bytes
      case .script(let bytes): source = bytes
      default: _exit(1)
      }
    }
    guard let source, case .arguments(var given) = link.receive() else { _exit(1) }
    given?.open = { LinkFile($0, link) }
    let code = run(source, modules, given, beginning, link)
    _ = LuaVM.flush()
    link.send(.ended(code: code))
    _exit(0)
  }

  private static func refuse(_ problem: UnsafePointer<CChar>, _ link: HostLink) -> Never {
    let reason = unsafe "\(String(cString: problem)): \(String(cString: strerror(errno)))"
    link.send(.refused(reason))
    _exit(1)
  }

  /// Has the C library load what it would look for in files later.
  private static func prepare(_ beginning: HostMessage.Beginning) {
    unsafe setlocale(LC_CTYPE, "C.UTF-8")
    // The environment that the process was started with stays empty; this is the C library's copy.
    if let zone = beginning.timeZone { unsafe setenv("TZ", zone, 1) }
    tzset()
    unsafe Terminal.relayedWidth = beginning.columns
    _ = Terminal.columns("é")
  }

  private static func run(
    _ source: [UInt8], _ modules: [String: [UInt8]], _ given: GivenArguments?,
    _ beginning: HostMessage.Beginning, _ link: HostLink
  ) -> Int32 {
    var options = Console.Options()
    options.memoryLimit = beginning.memory
    options.surroundings = surroundings(beginning, link)
    options.surroundings.modules.pinned = modules
    options.profile = .snippet
    options.grants.isForSharedCode = true
    options.output = beginning.output
    do throws(Report) {
      let session = Session(door: BrokerDoor(beginning.place, target: 0, link: link))
      let targets = beginning.targets.enumerated().map { index, place in
        Session(door: BrokerDoor(place, target: index + 1, link: link))
      }
      let loop = EventLoop(network: link)
      link.clock = beginning.clock.map {
        WorkerClock($0, isWaitedFor: beginning.isClockWaitedFor, link)
      }
      (loop.clock, link.loop) = (link.clock, loop)
      let console = try Console(
        session: session, sessions: WorkerSessions(targets), loop: loop, options: options)
      let ending = console.run(
        source, name: beginning.name, chunkName: beginning.chunkName, arguments: beginning.arguments,
        given: given)
      switch ending {
      case .finished: return ExitCode.ok
      case .exit(let code, let message):
        if let message { Console.write(message + "\n", toStandardError: true) }
        return code
      case .failed(let report): return tell(report)
      }
    } catch {
      return tell(error)
    }
  }

  /// What the script can learn beyond the service: what the host tells.
  private static func surroundings(
    _ beginning: HostMessage.Beginning, _ link: HostLink
  ) -> Surroundings {
    var surroundings = Surroundings()
    surroundings.readZone = { name in
      guard case .zone(_, let bytes)? = link.answer(to: { .zone(number: $0, name: name) }) else { return nil }
      return bytes.isEmpty ? nil : bytes
    }
    surroundings.secretNames = Set(beginning.secrets)
    surroundings.askForSecret = { name in
      guard case .secret(_, let standIn)? = link.answer(to: { .secret(number: $0, name: name) }) else {
        return nil
      }
      return standIn
    }
    surroundings.arrayJob = beginning.part
    surroundings.isDryRun = beginning.isDryRun
    surroundings.hasWithheld = { link.hasWithheld }
    return surroundings
  }

  private static func tell(_ report: Report) -> Int32 {
    Console.write("moongate: \(report.message)\n", toStandardError: true)
    return report.exitCode
  }
}
