// The words behind a script as a command reads them: what is wrong with them is told with the script's name.
import Host

extension ScriptHeader {
  /// Reads the words behind a script, without opening or asking anything; `wantsHelp` is to be looked at next.
  /// - Parameter name: what the operator calls the script by.
  /// - Throws: a report with exit code 252.
  public func read(_ words: [String], of name: String) throws(Report) -> ReadArguments {
    do throws(ArgumentProblem) {
      return try read(words)
    } catch {
      throw Report(
        message: "\(name): \(error.message)\n(moongate run \(name) --help lists its arguments)",
        exitCode: ExitCode.usage)
    }
  }
}
