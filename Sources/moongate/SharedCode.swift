// SharedCode: `moongate --untrusted FILE`: somebody else's script, in a process that has nothing to steal.
import AWSCore
import Host
import Scripts

extension Command {
  /// Runs a script as shared code; see docs/safety.md.
  static func runShared(
    _ source: ScriptSource?, _ scriptArguments: [String], _ arguments: Arguments
  ) throws(Report) -> Int32 {
    guard arguments.code == nil, let source else {
      throw Report(
        message: "--untrusted takes a file; what you type yourself is your own", exitCode: ExitCode.usage)
    }
    guard arguments.grants.isEmpty else {
      throw Report(
        message: "--grant opens things to your own code; shared code has no files, variables or processes",
        exitCode: ExitCode.usage)
    }
    guard arguments.secrets.isEmpty else {
      throw Report(
        message: "--secret is for your own code; shared code is given no secrets", exitCode: ExitCode.usage)
    }
    guard !arguments.isTrusted else {
      throw Report(
        message: "--trust is for your own code; leave out one of --trust and --untrusted",
        exitCode: ExitCode.usage)
    }
    guard source.bytes.count <= Snippet.largestSource else {
      throw Report(
        message:
          "\(source.name) is larger than the \(Snippet.largestSource >> 10) KiB that shared code may have",
        exitCode: ExitCode.usage)
    }
    do throws(SourceTricks.Finding) {
      try SourceTricks.check(source.bytes)
    } catch {
      throw Report(
        message:
          "\(source.name):\(error.line): \(error.message); shared code that is not what it looks like is not run",
        exitCode: ExitCode.refused)
    }
    let header = try header(of: source)
    let words = try header.read(scriptArguments, of: source.name)
    if words.wantsHelp {
      print(ScriptHelp.text(header, name: source.name), terminator: "")
      return ExitCode.ok
    }
    var chosen = arguments.sharedLimits
    chosen.memory = arguments.memoryLimit
    chosen.time = arguments.timeLimit
    chosen.busy = arguments.busyLimit
    let limits = SnippetLimits(header: header.limits, operator: chosen)
    if let raised = SnippetLimits(header: header.limits).raised {
      tell("moongate: \(source.name) raises its limits: \(raised)")
    }
    let connection = try Connection(arguments)
    defer { connection.close() }
    var snippet = Snippet(
      source: source.bytes, name: source.name, chunkName: source.chunkName,
      arguments: try connection.prepare(
        words, scriptArguments, arguments, isInputTaken: source.name == "-"),
      header: header, limits: limits)
    snippet.output = arguments.output
    let run = try connection.run(snippet, arguments)
    return summed(run.run(), run.gate)
  }
}
