// Interpreter: what the shell needs from the language behind the prompt.

/// Runs what is typed, and knows what may be typed. The shell edits, draws, remembers and asks; it knows nothing of Lua
/// or of AWS. Offsets in a source are in bytes of UTF-8, from its start.
public protocol Interpreter: AnyObject {
  /// What the prompt shows, e.g. "local/us-east-1".
  var promptLabel: String { get }

  /// True where a slip would be expensive: the prompt is red.
  var isProduction: Bool { get }

  /// True when the text is the beginning of a chunk (a syntax error at its end), so that Enter goes on with a new line.
  func isIncomplete(_ source: String) -> Bool

  /// Runs a chunk and prints its values or its error. Nil to go on, or an exit code when the script asked to end.
  func evaluate(_ source: String) -> Int32?

  /// False when the chunk evaluated last ended in an error; the history keeps it.
  var succeeded: Bool { get }

  /// Readable when a signal arrived: the reading end of a pipe that the handler of SIGINT writes to.
  var wakeDescriptor: Int32 { get }

  /// True once after Ctrl-C was pressed since the last call. Empties `wakeDescriptor`.
  func takeInterrupt() -> Bool

  // While a text is being typed. None of these runs a line of the user's code, and all are asked at every key.

  /// What is to be coloured, in order and without overlaps.
  func styles(of source: String) -> [StyledRange]

  /// What is shown, faint, behind a text with the cursor at its end; nil for nothing.
  func hint(for source: String) -> String?

  /// What may stand at a place of the text; asked when Tab is pressed. It may ask the network, for as long as the user
  /// has patience, and gives up at Ctrl-C.
  func completions(for source: String, at offset: Int) -> Completions

  /// True for a text that must never be written down.
  func isSensitive(_ source: String) -> Bool

  /// Dot commands beside the shell's own.
  var commands: [DotCommand] { get }

  /// Writes what a dot command has to tell, which may be longer than the window.
  func page(_ text: String)
}

extension Interpreter {
  public var isProduction: Bool { false }
  public var succeeded: Bool { true }
  public func styles(of source: String) -> [StyledRange] { [] }
  public func hint(for source: String) -> String? { nil }
  public func completions(for source: String, at offset: Int) -> Completions { .none }
  public func isSensitive(_ source: String) -> Bool { false }
  public var commands: [DotCommand] { [] }
  public func page(_ text: String) { Terminal.write(text) }
}
