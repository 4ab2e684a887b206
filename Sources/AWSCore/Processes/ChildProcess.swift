// ChildProcess: a command that code starts, beside us in the process group. It gets the environment without the
// credentials in it.
import CSpawn
import Glibc

public final class ChildProcess {
  /// Which of its streams is a pipe to us.
  public enum Pipe: Sendable {
    case none, input, output
  }

  /// Its process id.
  public let id: Int32
  /// Our end of the pipe, closed on exec; whoever takes it closes it. -1 without one.
  public let descriptor: Int32

  /// - Throws: why it cannot be started, in the system's words.
  public init(
    _ command: String, environment: [String: String], pipe: Pipe = .none
  ) throws(ProcessFailure) {
    var ends: [Int32] = [-1, -1]
    if pipe != .none {
      guard unsafe Glibc.pipe(&ends) == 0 else { throw Self.failure(errno) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
    let theirs = pipe == .input ? ends[0] : ends[1]
    descriptor = pipe == .input ? ends[1] : ends[0]
    var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe variables.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let problem = unsafe cspawn_child(
      command, &variables, pipe == .input ? theirs : -1, pipe == .output ? theirs : -1, &child)
    id = child
    if theirs >= 0 { close(theirs) }
    guard problem == 0 else {
      if descriptor >= 0 { close(descriptor) }
      throw Self.failure(problem)
    }
  }

  /// How it ended, if it has: its exit code, or the signal that ended it. Asking reaps it.
  public func end() -> (code: Int32, isSignal: Bool)? {
    var status: Int32 = 0
    var found: pid_t
    repeat { found = unsafe waitpid(id, &status, WNOHANG) } while found < 0 && errno == EINTR
    guard found != 0 else { return nil }
    // Nobody's child, where a parent that ignored SIGCHLD handed that down: it has ended, nobody knows how.
    guard found > 0 else { return (0, false) }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8 & 0xFF, false) : (signal, true)
  }

  /// Kills and reaps it.
  public func stop() {
    kill(id, SIGKILL)
    var status: Int32 = 0
    while unsafe waitpid(id, &status, 0) < 0 && errno == EINTR {}
  }

  private static func failure(_ problem: Int32) -> ProcessFailure {
    ProcessFailure(reason: unsafe String(cString: strerror(problem)))
  }
}
