// DotCommand: a command of the shell itself, a line that begins with a dot. No statement of Lua does.

/// One row of the table of commands, which also completes them and prints `.help`.
public struct DotCommand {
  /// What the shell does after a command.
  public enum Outcome: Equatable {
    case done
    case failed
    /// Ends the session.
    case leave(code: Int32)
    /// Puts a text into the next line, to be edited and run.
    case edit(String)
  }

  /// Without its dot.
  public var name: String
  /// How its arguments are written, as `[on|off]`; empty for none.
  public var arguments: String
  /// One sentence for `.help`.
  public var summary: String
  /// What may stand in its argument, given what stands there.
  public var completions: (String) -> [Completion]
  /// Does it, given the rest of the line without spaces around it.
  public var run: (String) -> Outcome

  public init(
    _ name: String, _ arguments: String = "", _ summary: String,
    completions: @escaping (String) -> [Completion] = { _ in [] }, run: @escaping (String) -> Outcome
  ) {
    self.name = name
    self.arguments = arguments
    self.summary = summary
    self.completions = completions
    self.run = run
  }
}

/// A line as a dot command.
struct DotLine: Equatable {
  var name: String
  var argument: String

  /// Nil for a line that is none: `.5` is a number.
  init?(_ line: String) {
    let text = line.drop(while: \.isWhitespace)
    guard text.first == ".", let second = text.dropFirst().first, second.isLetter || second == "?" else {
      return nil
    }
    let name = text.dropFirst().prefix { !$0.isWhitespace }
    self.name = String(name)
    var argument = text.dropFirst(1 + name.count).drop(while: \.isWhitespace)
    while argument.last?.isWhitespace == true { argument.removeLast() }
    self.argument = String(argument)
  }
}
