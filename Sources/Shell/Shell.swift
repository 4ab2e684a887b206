// Shell: the conversation at the prompt. Read, run, remember, again.
import Glibc

/// The REPL. It is for a terminal only; where there is none, run the whole of standard input instead.
public struct Shell {
  /// True when the shell can be used: standard input and output are both a terminal.
  public static var isInteractive: Bool { Terminal.isInteractive }

  private static let farewell = "To leave, press Ctrl-D or type exit()."

  private let interpreter: any Interpreter
  private let historyPath: String?
  private let greeting: [String]
  private let program: String

  /// - Parameters:
  ///   - interpreter: runs what is typed.
  ///   - historyPath: the history file, or nil for a session that is not remembered.
  ///   - greeting: lines to print first.
  ///   - program: the name in the prompt, and in the user's .editrc (`moongate:bind …`).
  public init(
    interpreter: any Interpreter, historyPath: String?, greeting: [String], program: String = "moongate"
  ) {
    self.interpreter = interpreter
    self.historyPath = historyPath
    self.greeting = greeting
    self.program = program
  }

  /// Talks until the user or a signal ends it. Main thread only.
  /// - Returns: the exit code: 0 after Ctrl-D, the script's own after `exit(n)`, 128 and the number of the
  ///   signal that ended it, 255 when there is no terminal to edit on.
  public func run() -> Int32 {
    let history = History(path: historyPath)
    guard let reader = LineReader(program: program, history: history) else {
      Terminal.write("\(program): the line editor cannot be started on this terminal.\n")
      return 255
    }
    let interpreter = interpreter
    reader.isIncomplete = { interpreter.isIncomplete($0) }
    reader.wakeDescriptor = interpreter.wakeDescriptor
    reader.takeInterrupt = { interpreter.takeInterrupt() }

    if let warning = reader.warning { reader.write(warning + "\n") }
    for line in greeting { reader.write(line + "\n") }
    while true {
      if let warning = history.takeWarning() { reader.write(warning + "\n") }
      switch reader.read(label: interpreter.promptLabel) {
      case .line(let text):
        guard !text.allSatisfy(\.isWhitespace) else { continue }
        if let code = evaluate(text, history) { return code }
        reader.beginRow()
      case .interrupted(let discarded): if !discarded { reader.write(Shell.farewell + "\n") }
      case .endOfInput:
        reader.write("\n")
        return 0
      case .ended(let signal): return 128 + signal
      }
    }
  }

  private func evaluate(_ text: String, _ history: History) -> Int32? {
    let label = interpreter.promptLabel
    let now = Int64(time(nil))
    let code = interpreter.evaluate(text)
    history.add(text, label: label, succeeded: interpreter.succeeded, time: now)
    return code
  }
}
