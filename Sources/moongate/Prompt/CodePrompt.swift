// CodePrompt: asks the operator for the code of a multi-factor device, unseen, as the AWS CLI does, or for another secret.
import Host

enum CodePrompt {
  /// Asks for a secret that a script wants.
  static func secret(_ name: String) -> String? { ask("moongate: \(name): ") }

  /// Asks and waits; nil when there is no answer (Ctrl-D, Ctrl-C) or no terminal.
  static func ask(_ prompt: String) -> String? {
    guard let terminal = AskedTerminal(isSeen: false) else { return nil }
    Console.write(prompt, toStandardError: true)
    // Ctrl-C ends the wait, since its handler lets calls be interrupted.
    let answer = terminal.line()
    Console.write("\n", toStandardError: true)
    return withExtendedLifetime(terminal) { answer }
  }
}
