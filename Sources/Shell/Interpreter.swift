// Interpreter: what the shell needs from the language behind the prompt.

/// Runs what is typed. The shell edits, remembers and asks; it knows nothing of Lua or of AWS.
public protocol Interpreter: AnyObject {
  /// What the prompt shows, e.g. "local/us-east-1".
  var promptLabel: String { get }

  /// True when the text is the beginning of a chunk (a syntax error at its end), so that Enter goes on with a
  /// new line.
  func isIncomplete(_ source: String) -> Bool

  /// Runs a chunk and prints its values or its error. Nil to go on, or an exit code when the script asked to
  /// end.
  func evaluate(_ source: String) -> Int32?

  /// False when the chunk evaluated last ended in an error; the history keeps it.
  var succeeded: Bool { get }

  /// Readable when a signal arrived: the reading end of a pipe that the handler of SIGINT writes to.
  var wakeDescriptor: Int32 { get }

  /// True once after Ctrl-C was pressed since the last call. Empties `wakeDescriptor`.
  func takeInterrupt() -> Bool
}

extension Interpreter {
  public var succeeded: Bool { true }
}
