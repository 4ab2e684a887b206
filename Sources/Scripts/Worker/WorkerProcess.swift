// WorkerProcess: a worker as the host has it: a process, its two outputs and the socket. It is killed and reaped when this
// goes, whatever happened.
import CSpawn
import Glibc

@safe final class WorkerProcess {
  private let worker: cspawn_worker
  /// A descriptor that is readable when something happens on any of the worker's.
  let watcher: Int32
  /// As waitpid has it; nil while it runs.
  private(set) var status: Int32?
  private var outgoing: [UInt8] = []
  private var sent = 0
  private var isReceiving = true

  /// - Throws: the reason of the system.
  init() throws(StartFailure) {
    watcher = cspawn_watcher()
    guard watcher >= 0 else { throw StartFailure(errno) }
    var started = cspawn_worker()
    let words = ["moongate", Worker.argument, String(getpid())]
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    let problem = unsafe cspawn_start_worker(&arguments, &started)
    unsafe arguments.forEach { unsafe free($0) }
    guard problem == 0 else {
      close(watcher)
      throw StartFailure(problem)
    }
    worker = started
    _ = cspawn_watch(watcher, worker.process, true, false)
    _ = cspawn_watch(watcher, worker.channel, true, false)
  }

  struct StartFailure: Error {
    let reason: String
    init(_ code: Int32) { reason = unsafe String(cString: strerror(code)) }
  }

  deinit {
    kill()
    wait()
    for descriptor in [worker.process, worker.output, worker.error, worker.channel, watcher] {
      close(descriptor)
    }
  }

  var output: Int32 { worker.output }
  var error: Int32 { worker.error }

  /// Seconds of processor time; nil when it is gone.
  var processorTime: Double? {
    let time = cspawn_processor_time(worker.pid)
    return time < 0 ? nil : time
  }

  func kill() { signal(SIGKILL) }
  func pause() { signal(SIGSTOP) }
  func goOn() { signal(SIGCONT) }

  private func signal(_ number: Int32) {
    // Reaped, the number may be another process's.
    guard status == nil else { return }
    _ = Glibc.kill(worker.pid, number)
  }

  /// Looks whether it has ended.
  func look() {
    guard status == nil else { return }
    var found: Int32 = 0
    if unsafe waitpid(worker.pid, &found, WNOHANG) == worker.pid { status = found }
  }

  private func wait() {
    guard status == nil else { return }
    var found: Int32 = 0
    while unsafe waitpid(worker.pid, &found, 0) < 0 && errno == EINTR {}
    status = found
  }

  // MARK: The socket

  /// Bytes that it has not taken.
  var unsent: Int { outgoing.count - sent }

  func send(_ bytes: [UInt8]) {
    outgoing += bytes
    flush()
  }

  /// Writes what the socket takes.
  func flush() {
    while unsent > 0 {
      let count = unsafe outgoing.withUnsafeBytes { raw in
        unsafe Glibc.send(
          worker.channel, raw.baseAddress?.advanced(by: sent), raw.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        // It is gone, which its end tells.
        sent = outgoing.count
      }
    }
    if unsent == 0 {
      outgoing = []
      sent = 0
    }
    _ = cspawn_watch(watcher, worker.channel, isReceiving, unsent > 0)
  }

  /// What it wrote; nil when there is nothing for now, empty when it closed its end.
  func receive() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe read(worker.channel, &bytes, bytes.count)
    if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : [] }
    return Array(bytes.prefix(count))
  }

  /// Its end of the socket is closed: nothing more is to be waited for there.
  func stopReceiving() {
    isReceiving = false
    _ = cspawn_watch(watcher, worker.channel, false, unsent > 0)
  }
}
