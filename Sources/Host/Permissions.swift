// Permissions: which calls of the service code may make. Reading is free, writing is asked for.
import BackupGateway
import LuaRuntime

/// What the command line lets code do.
public struct Permissions: Sendable {
  /// Whose code makes a call.
  enum Author {
    /// A file, `-e`, standard input: code that was written before its run.
    case script
    /// A line typed at the prompt, which names its own operations.
    case `operator`
  }

  /// The writing operations that scripts may call, by AWS's name.
  public var allowed: Set<String> = []
  /// Nothing is written, whoever asks.
  public var isReadOnly = false

  public init() {}

  /// - Throws: ReadOnly or NotAllowed, saying what to write on the command line.
  func check(_ operation: Operation, by author: Author) throws(LuaRaise) {
    if operation.isReading { return }
    if isReadOnly {
      throw LuaRaise.refused(
        "this writes, and moongate was started with --read-only", code: "ReadOnly", operation: operation.name)
    }
    if author == .operator || allowed.contains(operation.name) { return }
    throw LuaRaise.refused(
      "a script may read, and write only what it is allowed to; start it with --allow \(operation.name)",
      code: "NotAllowed", operation: operation.name)
  }
}
