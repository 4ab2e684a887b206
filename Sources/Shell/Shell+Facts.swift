// What can be said of the shell before there is one: whether its terminal is known, and which editor it would start.
import CEditline
import Glibc

extension Shell {
  /// Why there is no editor, and what to do.
  public struct EditorProblem: Error {
    public let reason: String
    public let advice: String
  }

  /// Whether the system's terminfo has a terminal of this name.
  public static func knowsTerminal(_ name: String) -> Bool { unsafe ce_knows_terminal(name) }

  /// Why a history file that is there cannot be used; nil where it can.
  public static func problem(withHistory path: String) -> String? {
    do throws(HistoryFile.Problem) {
      try HistoryFile(path: path).check()
      return nil
    } catch {
      return error.description
    }
  }

  /// The command that edits a text, and which variable chose it.
  /// - Throws: where none is named or there, or the one that is named is not.
  public static func editor() throws(EditorProblem) -> String {
    let command: String
    do throws(Editor.Problem) { command = try Editor.find().command } catch {
      throw EditorProblem(
        reason: "there is no editor", advice: "set VISUAL or EDITOR to one, as in EDITOR=nano")
    }
    // The first word, as far as the shell that starts it needs none: quotes and assignments are its own matter.
    let program = String(command.prefix { !$0.isWhitespace })
    let isPlain = program.allSatisfy { $0.isLetter || $0.isNumber || "/._+-".contains($0) }
    if isPlain, !Editor.isThere(program) {
      throw EditorProblem(
        reason: "there is no editor \(Layout.shown(program))",
        advice: "set VISUAL or EDITOR to one that is there, as in EDITOR=nano")
    }
    return Layout.shown(command)
  }
}
