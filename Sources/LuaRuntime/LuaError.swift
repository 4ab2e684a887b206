// LuaError: errors in both directions across the boundary.

/// What a host function raises in the script that called it.
public struct LuaRaise: Error, Sendable {
  /// A plain text, when there are no fields.
  public var text: String
  /// Whether the text is preceded by `file:line:`.
  var isPositioned: Bool
  /// The fields of an error table; `where` is added.
  public var fields: [(name: String, value: LuaValue)]

  public init(text: String, isPositioned: Bool = true) {
    self.text = text
    self.isPositioned = isPositioned
    fields = []
  }

  public init(fields: [(name: String, value: LuaValue)]) {
    text = ""
    isPositioned = false
    self.fields = fields
  }
}

/// How a script ended that did not finish.
public enum LuaError: Error, Sendable {
  /// It did not compile. Incomplete when more text could make it compile, which is all a REPL needs to know.
  case syntax(message: String, isIncomplete: Bool)
  /// An error nobody caught.
  case runtime(Failure)
  case memory
  /// Ctrl-C, or `exit`.
  case unwound

  /// An error that a script raised, or that was raised for it.
  public struct Failure: Sendable {
    /// One line or more for people.
    public var message: String
    /// The error value, when it is a host error, or a table that has no text of its own.
    public var table: LuaTable?
    /// Whether it is the host's own: an error table, whole.
    public var isHostError: Bool
    public var traceback: String
  }

  /// A traceback without the levels that are not the script's.
  public static func scriptCalls(of traceback: String) -> String {
    traceback.split(separator: "\n").filter { !$0.contains("[C]: in ?") && !$0.contains("\tmoongate:") }
      .joined(separator: "\n")
  }
}
