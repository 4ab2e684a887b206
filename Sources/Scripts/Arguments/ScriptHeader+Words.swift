// The words behind a script as a command reads them: what is wrong with them is told with the script's name.
import AWSCore
import Host

extension ScriptHeader {
  /// Reads the words behind a script, without opening or asking anything; `wantsHelp` is to be looked at next.
  /// - Parameters:
  ///   - name: what the operator calls the script by.
  ///   - foreign: options that are the command's, with their dashes; one that the script has not is told as misplaced.
  /// - Throws: a report with exit code 252.
  public func read(_ words: [String], of name: String, besides foreign: [String]) throws(Report)
    -> ReadArguments
  {
    do throws(ArgumentProblem) {
      return try read(words, besides: foreign)
    } catch {
      throw Report(
        message: "\(name): \(error.message)\n(moongate run \(name) --help lists its arguments)",
        exitCode: ExitCode.usage)
    }
  }
}

extension ScriptHeader {
  /// - Throws: a report with exit code 252 for a secret that is given and not declared: shared code could not ask for it.
  public func check(secrets given: [String], of name: String) throws(Report) {
    let known = secrets.map(\.name)
    guard let wrong = given.first(where: { !known.contains($0) }) else { return }
    let hint = nearest(to: wrong, in: known).map { "; did you mean \($0)?" } ?? ""
    throw Report(
      message: "--secret \(wrong): shared code is given the secrets that its header declares, and that of "
        + "\(name) declares no such one\(hint)",
      exitCode: ExitCode.usage)
  }
}
