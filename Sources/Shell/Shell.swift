// Shell: the conversation at the prompt. Read, run, remember, again.
import AWSCore
import CLinux
import Glibc

/// The REPL. It is for a terminal only; where there is none, run the whole of standard input instead.
public final class Shell {
  /// True when the shell can be used: standard input and output are both a terminal.
  public static var isInteractive: Bool { Terminal.isInteractive }

  /// The version of libedit's interface.
  public static var libeditVersion: String { Editline.version }

  private static let farewell = "To leave, press Ctrl-D or type exit()."

  let interpreter: any Interpreter
  let history: History
  private let greeting: [String]
  private let program: String
  private let readsEditrc: Bool
  private(set) lazy var table = CommandTable(ownCommands + interpreter.commands)
  /// What the next line begins with.
  private var draft = ""

  /// - Parameters:
  ///   - interpreter: runs what is typed.
  ///   - historyPath: the history file, or nil for a session that is not remembered.
  ///   - greeting: lines to print first.
  ///   - program: the name in the prompt, and in the user's .editrc (`moongate:bind …`).
  ///   - readsEditrc: whether there is a .editrc for this session.
  public init(
    interpreter: any Interpreter, historyPath: String?, greeting: [String], program: String = "moongate",
    readsEditrc: Bool = true
  ) {
    self.interpreter = interpreter
    self.history = History(path: historyPath)
    self.greeting = greeting
    self.program = program
    self.readsEditrc = readsEditrc
  }

  /// Talks until the user or a signal ends it. Main thread only.
  /// - Returns: the exit code: 0 after Ctrl-D, the script's own after `exit(n)`, 128 and the number of the
  ///   signal that ended it, 255 when there is no terminal to edit on.
  public func run() -> Int32 {
    guard
      let reader = LineReader(
        program: program, history: history, interpreter: interpreter, readsEditrc: readsEditrc)
    else {
      Terminal.write("\(program): the line editor cannot be started on this terminal.\n")
      return 255
    }
    reader.completions = { [unowned self] text, offset in completions(for: text, at: offset) }
    reader.styles = { [unowned self] in styles(of: $0) }
    reader.hint = { [unowned self] in hint(for: $0) }
    if let warning = reader.warning { reader.write(warning + "\n") }
    for line in greeting { reader.write(line + "\n") }
    var isBehindOutput = false
    while true {
      if let warning = history.takeWarning() { reader.write(warning + "\n") }
      let begun = (draft: draft, isBehindOutput: isBehindOutput)
      (draft, isBehindOutput) = ("", false)
      switch reader.read(
        label: interpreter.promptLabel, isProduction: interpreter.isProduction, draft: begun.draft,
        isBehindOutput: begun.isBehindOutput)
      {
      case .line(let text):
        guard !text.allSatisfy(\.isWhitespace) else { continue }
        if let code = perform(text) { return code }
        isBehindOutput = true
      case .interrupted(let discarded): if !discarded { reader.write(Shell.farewell + "\n") }
      case .edit(let text):
        draft = text
        if case .edit(let text) = edited(text) { draft = text }
      case .endOfInput:
        reader.write("\n")
        return 0
      case .ended(let signal): return 128 + signal
      }
    }
  }

  // MARK: One line

  /// Runs a line, a dot command or what the interpreter understands, and remembers it.
  private func perform(_ text: String) -> Int32? {
    let label = interpreter.promptLabel
    let now = Int64(time(nil))
    let started = Shell.monotonicSeconds
    var succeeded = true
    var code: Int32?
    if let line = DotLine(text) {
      let outcome = run(line)
      succeeded = outcome != .failed
      switch outcome {
      case .done, .failed: break
      case .leave(let number): code = number
      case .edit(let text): draft = text
      }
    } else if ["exit", "quit"].contains(trimmed(text)) {
      Terminal.write(Shell.farewell + "\n")
    } else {
      code = interpreter.evaluate(text)
      succeeded = interpreter.succeeded
    }
    history.add(
      text, label: label, succeeded: succeeded, time: now, seconds: Shell.monotonicSeconds - started,
      isSensitive: interpreter.isSensitive(text))
    return code
  }

  private static var monotonicSeconds: Double { Double(clinux_nanoseconds(CLOCK_MONOTONIC)) / 1e9 }

  private func run(_ line: DotLine) -> DotCommand.Outcome {
    guard let command = table[line.name] else {
      Terminal.write(table.unknown(line.name) + "\n")
      return .failed
    }
    if command.arguments.isEmpty, !line.argument.isEmpty {
      Terminal.write(".\(command.name) takes no argument\n")
      return .failed
    }
    return command.run(line.argument)
  }

  private func completions(for text: String, at offset: Int) -> Completions {
    guard let line = DotLine(text) ?? (text == "." ? DotLine(".?") : nil) else {
      return interpreter.completions(for: text, at: offset)
    }
    return table.completions(for: line, in: text, at: offset)
  }
}
