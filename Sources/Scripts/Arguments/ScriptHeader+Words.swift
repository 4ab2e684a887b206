// The words behind a script as a command reads them: what is wrong with them is told with the script's name.
import AWSCore
import Host

extension ScriptHeader {
  /// Reads the words behind a script, without opening or asking anything; `wantsHelp` is to be looked at next.
  /// - Parameters:
  ///   - name: what the operator calls the script by.
  ///   - source: the script; words that it does nothing with are refused.
  /// - Throws: a report with exit code 252.
  public func read(_ words: [String], of name: String, source: [UInt8]) throws(Report) -> ReadArguments {
    let read: ReadArguments
    do throws(ArgumentProblem) { read = try self.read(words) } catch {
      throw refusal(error.message, of: name)
    }
    if isThere, !read.wantsHelp, let word = read.words.first, !WordUse.isFound(in: source) {
      let hint = arguments.first.map { "; its arguments are options, as in --\($0.option)" } ?? ""
      throw refusal("it takes no word \(quoted(word))\(hint)", of: name)
    }
    return read
  }

  /// What is wrong with the words behind a script, told with its name.
  public func refusal(_ message: String, of name: String) -> Report {
    Report(
      message: "\(name): \(message)"
        + (isThere ? "\n(moongate run \(name) --help lists its arguments)" : ""),
      exitCode: ExitCode.usage)
  }

  /// True for an option that the header declares.
  public func declares(option: String) -> Bool { arguments.contains { $0.options.contains(option) } }
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
