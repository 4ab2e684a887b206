// CodePrompt: asks the operator for the code of a multi-factor device, unseen, as the AWS CLI does, or for another secret.
import Glibc
import Host

enum CodePrompt {
  /// True when somebody is there: what is asked can be read, and answered.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// The longest line that a terminal hands over: nothing of it may be left for whoever reads next.
  private static let longestAnswer = 4096

  /// Asks for a secret that a script wants; without the newline that ended it.
  static func secret(_ name: String) -> String? {
    ask("moongate: \(name): ").map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
  }

  /// Asks and waits; nil when there is no answer (Ctrl-D, Ctrl-C) or no terminal.
  static func ask(_ prompt: String) -> String? {
    // Not standard input: a script may be reading that.
    let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    var modes = termios()
    guard unsafe tcgetattr(terminal, &modes) == 0 else { return nil }
    var unseen = modes
    unseen.c_lflag &= ~tcflag_t(ECHO)
    unseen.c_lflag |= tcflag_t(ICANON | ISIG)
    // Flush: what was typed ahead was not meant for this question.
    guard unsafe tcsetattr(terminal, TCSAFLUSH, &unseen) == 0 else { return nil }
    defer {
      _ = unsafe tcsetattr(terminal, TCSADRAIN, &modes)
      Console.write("\n", toStandardError: true)
    }
    Console.write(prompt, toStandardError: true)
    var answer = [UInt8](repeating: 0, count: longestAnswer)
    // One line; Ctrl-C ends the wait, since its handler lets calls be interrupted.
    let count = unsafe read(terminal, &answer, answer.count)
    return count > 0 ? String(decoding: answer.prefix(count), as: UTF8.self) : nil
  }
}
