// What the reader waits for: the terminal, Ctrl-C and signals, all at once.
import CEditline
import Glibc

extension LineReader {
  /// What came from the terminal.
  enum Arrival: Equatable {
    case byte(UInt8)
    case nothing
    /// Nothing will come any more.
    case closed

    var byte: UInt8? { if case .byte(let byte) = self { byte } else { nil } }
  }

  /// The next byte from the terminal; nil when the line ends without one.
  func waitForByte() -> UInt8? {
    while true {
      // Before anything is painted: in a window of another size the text stands elsewhere, and what would be painted
      // in its old places would be other rows, or push the cursor into another one.
      handleSignals(isEditing: true)
      guard outcome == nil else { return nil }
      if isIdle { paint() }
      var watched = [
        pollfd(fd: signalDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: interpreter.wakeDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      ]
      // Interrupted or not, the descriptors tell what there is to do.
      _ = unsafe poll(&watched, nfds_t(watched.count), -1)
      eraseGhost()
      if watched[1].revents != 0, interpreter.takeInterrupt() { interrupt() }
      guard outcome == nil, watched[2].revents != 0 else { continue }
      switch LineReader.readByte(within: 0) {
      case .byte(let byte): return byte
      case .nothing: continue  // Ctrl-C makes the terminal forget what was typed before it
      case .closed: outcome = .ended(signal: SIGHUP)
      }
    }
  }

  /// True when nothing more was typed ahead.
  private var isIdle: Bool {
    var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&watched, 1, 0) <= 0
  }

  /// Reads one byte, waiting for it some milliseconds.
  static func readByte(within milliseconds: Int32) -> Arrival {
    var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = unsafe poll(&watched, 1, milliseconds)
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { return .nothing }
      var byte: UInt8 = 0
      let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      return count == 1 ? .byte(byte) : .closed
    }
  }

  /// Silence in milliseconds that ends a paste into which Ctrl-C was pressed: with what the terminal forgot then may have
  /// gone the paste's end, and what still comes of it must not be run.
  private static let silenceAfterInterrupt: Int32 = 300

  /// The next byte of a key or a paste that has begun; nil when none comes within some milliseconds.
  func nextByte(within milliseconds: Int32) -> UInt8? {
    while true {
      var watched = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: interpreter.wakeDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      let patience = isInterrupted ? min(milliseconds, Self.silenceAfterInterrupt) : milliseconds
      let ready = unsafe poll(&watched, nfds_t(watched.count), patience)
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { return nil }
      if watched[1].revents != 0, interpreter.takeInterrupt() { isInterrupted = true }
      if watched[0].revents != 0 { return LineReader.readByte(within: 0).byte }
    }
  }

  func interrupt() {
    outcome = .interrupted(discarded: !editline.buffer.isEmpty)
    leaveText()
  }

  // MARK: Signals

  func handleSignals(isEditing: Bool) {
    // A stop of ours draws when it ends; the SIGCONT that ended it, and a SIGWINCH from meanwhile, ask for no
    // more.
    var isDrawn = false
    while case let signal = ce_signals_next(), signal != 0 {
      switch signal {
      case SIGTERM, SIGHUP, SIGQUIT:
        if outcome == nil, isEditing { leaveText() }
        outcome = .ended(signal: signal)
      case SIGTSTP where isEditing:
        suspend()
        isDrawn = true
      case SIGWINCH where isEditing && !isDrawn: resize()
      // After a stop that was not ours (SIGSTOP) the terminal may be in the modes of the user's shell.
      case SIGCONT where isEditing && !isDrawn: resume()
      default: break
      }
    }
  }

  private func suspend() {
    leaveText()
    setPasteMarks(false)
    editline.setRaw(false)
    ce_stop()
    resume()
  }

  private func resume() {
    // Off and on again: libedit believes that it is in raw mode and would do nothing.
    editline.setRaw(false)
    editline.setRaw(true)
    setPasteMarks(true)
    editline.resize()
    setPrompt()
    redrawFitting()
  }
}
