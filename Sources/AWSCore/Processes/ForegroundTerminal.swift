// ForegroundTerminal: the controlling terminal, lent to a command and taken back. A process in the background that reads
// its terminal is stopped, so a command that asks for a code must be in the foreground.
import Glibc

final class ForegroundTerminal {
  let descriptor: Int32
  private var modes = termios()

  /// Nil where there is no terminal, or another program has it.
  init?() {
    // Not standard input, which may be a file while the command asks at the terminal.
    descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard tcgetpgrp(descriptor) == getpgrp(), unsafe tcgetattr(descriptor, &modes) == 0 else {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }

  /// To the foreground again, with the terminal as it was: who is killed while asking for a password leaves it mute.
  func takeBack() {
    // Whoever is in the background and does this is stopped by SIGTTOU, unless it is blocked.
    var outputStop = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&outputStop)
    unsafe sigaddset(&outputStop, SIGTTOU)
    unsafe pthread_sigmask(SIG_BLOCK, &outputStop, &before)
    _ = tcsetpgrp(descriptor, getpgrp())
    _ = unsafe tcsetattr(descriptor, TCSANOW, &modes)
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    // A pager that shares our group and read the terminal meanwhile has been stopped.
    _ = kill(0, SIGCONT)
  }
}
