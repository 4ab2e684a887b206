// ShellProcesses: runs the commands of the operator's configuration. The event loop goes on meanwhile; the command has
// the terminal, so that it may ask for a code and Ctrl-C reaches it.
import CSpawn
import Glibc

/// Runs commands under `/bin/sh -c`, each in a process group of its own.
public final class ShellProcesses: ProcessRunner {
  private let timers: any Timers
  private var running: [pid_t: RunningProcess] = [:]
  public init(timers: any Timers) { self.timers = timers }

  /// Kills what is still under way, and has the terminal back: nobody waits for it any more, and while the event loop
  /// rests nobody would see its end. Those who asked are told that it was stopped.
  public func stop() {
    for process in running.values { process.stop() }
  }

  public func run(
    _ command: String, timeout: Double, outputLimit: Int,
    completion: @escaping (Result<ProcessOutput, ProcessFailure>) -> Void
  ) {
    let terminal = ForegroundTerminal()
    var child: pid_t = 0
    var output: Int32 = -1
    let problem = unsafe cspawn_shell(command, terminal?.descriptor ?? -1, &child, &output)
    guard problem == 0 else {
      // The group that was given it never came to be.
      terminal?.takeBack()
      let reason = unsafe String(cString: strerror(problem))
      _ = timers.after(0) {
        completion(.failure(ProcessFailure(reason: "/bin/sh cannot be started: \(reason)")))
      }
      return
    }
    // A signal that ends this program ends the command too.
    cspawn_guard(child)
    let process = RunningProcess(
      child, output: output, terminal: terminal, timers: timers, timeout: timeout, outputLimit: outputLimit
    ) { [self] result in
      cspawn_guard(0)
      running[child] = nil
      completion(result)
    }
    running[child] = process
    process.watch()
  }
}

/// A command under way. Its timer keeps it alive until it has been reaped.
private final class RunningProcess {
  private let child: pid_t
  private let descriptor: Int32
  private let terminal: ForegroundTerminal?
  private let timers: any Timers
  private let timeout: Double
  private let deadline: Double
  private let outputLimit: Int
  private let completion: (Result<ProcessOutput, ProcessFailure>) -> Void
  private var output: [UInt8] = []
  private var timer: TimerID?
  /// Why it was killed.
  private var failure: ProcessFailure?

  /// Between looks, in seconds: short beside the start of any program, and nothing beside a turn's cost.
  private static let interval = 0.01

  init(
    _ child: pid_t, output: Int32, terminal: ForegroundTerminal?, timers: any Timers, timeout: Double,
    outputLimit: Int, completion: @escaping (Result<ProcessOutput, ProcessFailure>) -> Void
  ) {
    self.child = child
    descriptor = output
    self.terminal = terminal
    self.timers = timers
    self.timeout = timeout
    deadline = timers.monotonicSeconds + timeout
    self.outputLimit = outputLimit
    self.completion = completion
  }

  deinit { close(descriptor) }

  func watch() { timer = timers.after(Self.interval) { [self] in look() } }

  func stop() {
    timer.map(timers.cancel)
    kill(-child, SIGKILL)
    failure = failure ?? ProcessFailure(reason: "it was stopped, since nobody waited for it any more")
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    finish(128 + SIGKILL)
  }

  private func look() {
    // Before reading: what was printed before the end is in the pipe then, and nobody waits for a process in the
    // background that keeps the pipe open.
    let state = ChildState(of: child)
    read()
    failure = failure ?? problem(state).map(ProcessFailure.init(reason:))
    if case .ended(let exitCode) = state { return finish(exitCode) }
    if failure != nil { kill(-child, SIGKILL) }
    watch()
  }

  private func problem(_ state: ChildState) -> String? {
    if output.count > outputLimit { return "it printed more than \(outputLimit >> 10) KiB" }
    switch state {
    case .ended: return nil
    case .stopped: return "it was stopped, as by Ctrl-Z or for want of the terminal"
    case .running:
      return timers.monotonicSeconds < deadline ? nil : "it did not end within \(Int(timeout)) s"
    }
  }

  private func read() {
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while output.count <= outputLimit {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      output += chunk.prefix(count)
    }
  }

  private func finish(_ exitCode: Int32) {
    terminal?.takeBack()
    // The operator's Ctrl-C went to the command, which had the terminal; it is meant for all.
    if terminal != nil, exitCode == 128 + SIGINT { kill(getpid(), SIGINT) }
    completion(failure.map(Result.failure) ?? .success(ProcessOutput(exitCode: exitCode, output: output)))
  }
}

/// What has become of a child; asking reaps it.
private enum ChildState: Equatable {
  case running, stopped
  /// With its exit code, or 128 and the number of the signal that ended it.
  case ended(Int32)

  init(of child: pid_t) {
    var status: Int32 = 0
    var found: pid_t
    repeat { found = unsafe waitpid(child, &status, WNOHANG | WUNTRACED) } while found < 0 && errno == EINTR
    // The macros of <sys/wait.h>, which Swift does not import.
    let signal = status & 0x7F
    switch found {
    case 0: self = .running
    // Nobody's child: a parent that ignored SIGCHLD handed that down, and the kernel has reaped. What it printed must
    // speak for it.
    case -1: self = .ended(0)
    case _ where signal == 0: self = .ended(status >> 8 & 0xFF)
    case _ where signal == 0x7F: self = .stopped
    default: self = .ended(128 + signal)
    }
  }
}
