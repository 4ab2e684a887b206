// SharedCode: somebody else's code, in a process that has nothing to steal: a file that is run with `--untrusted`, or a snippet
// that was pinned. Both come here as bytes that were checked, and these bytes run.
import AWSCore
import Host
import Scripts

/// Somebody else's code that may be run.
struct SharedCode {
  /// What people know it by, and the audit log.
  let name: String
  /// What is written on a command line to run it.
  let commandName: String
  /// What Lua's errors call it.
  let chunkName: String
  let source: [UInt8]
  let header: ScriptHeader
  /// What it may `require`, by name.
  var modules: [Snippet.Module] = []
  /// The operator agreed to these bytes, or they came with the program.
  var isPinned = false
  /// Which bytes they are, told with an error; nil for a file, which is there to be looked at, and for the program's own.
  var hash: String?

  /// A file, which is held to what shared code may look like.
  init(_ file: ScriptSource) throws(Report) {
    name = file.name
    commandName = file.name
    chunkName = file.chunkName
    source = file.bytes
    header = try ScriptHeader(shared: source, name: name)
  }

  /// A snippet that a store, or the program itself, has vouched for.
  init(_ snippet: RunnableSnippet) {
    name = snippet.title
    commandName = snippet.name
    chunkName = "=\(snippet.name)"
    source = snippet.source
    header = snippet.header
    modules = snippet.modules
    isPinned = true
    hash = snippet.registry == BundledRegistry.itsName ? nil : snippet.sha256
  }
}

extension Command {
  /// What is to run as somebody else's code: a snippet, a file that is part of one, or what `--untrusted` says; nil for the
  /// operator's own.
  static func sharedCode(
    _ snippet: String?, _ source: ScriptSource?, _ arguments: Arguments
  ) throws(Report) -> SharedCode? {
    if let snippet {
      return SharedCode(
        try arguments.snippets().runnable(snippet, orCommand: commands.keys.sorted() + Option.names))
    }
    if arguments.isUntrusted {
      guard let source else {
        throw Report(
          message: "--untrusted takes a file; what you type yourself is your own", exitCode: ExitCode.usage)
      }
      return try SharedCode(source)
    }
    // Where there is no store and no registry, no file is in one: nothing is read for it.
    guard let source, source.name != "-", arguments.mayHoldSnippets(source.name) else { return nil }
    return try arguments.snippets().snippet(ofFile: source.name, source.original).map { SharedCode($0) }
  }

  /// Runs code in a worker; see docs/safety.md.
  /// - Parameter given: where it runs, in a test; nil for where the command line says.
  static func runShared(
    _ code: SharedCode, _ scriptArguments: [String], _ arguments: Arguments, in given: Connection? = nil
  ) throws(Report) -> Int32 {
    try code.header.check(secrets: arguments.secrets.map(\.name), of: code.commandName)
    try checkOptions(ofShared: arguments)
    let words = try Option.read(scriptArguments, behind: code.commandName, code.header, source: code.source)
    if words.wantsHelp {
      print(ScriptHelp.text(code.header, name: code.commandName), terminator: "")
      return ExitCode.ok
    }
    let connection = if let given { given } else { try Connection(arguments) }
    defer { if given == nil { connection.close() } }
    let prepared: PreparedArguments
    do throws(Report) {
      prepared = try connection.prepare(
        words, scriptArguments, of: (code.commandName, code.header), arguments,
        isInputTaken: code.commandName == "-")
    } catch {
      return connection.ended(before: error, arguments)
    }
    let run = try connection.run(shared(code, prepared, arguments), arguments)
    let exitCode = summed(run.run(), run.gate)
    tellHash(of: code, after: exitCode)
    return given == nil ? connection.ended(exitCode, arguments) : exitCode
  }

  /// Which bytes went wrong.
  static func tellHash(of code: SharedCode, after exitCode: Int32) {
    let isError = exitCode == ExitCode.script || (ExitCode.limit...ExitCode.network).contains(exitCode)
    if isError, let hash = code.hash { tell("moongate: that was \(code.name), sha256:\(hash)") }
  }

  /// Options that open something to the operator's own code would be believed to open it here.
  private static func checkOptions(ofShared arguments: Arguments) throws(Report) {
    let problem: String? =
      if !arguments.grants.isEmpty {
        "--grant opens things to your own code; shared code has no files, variables or processes"
      } else if arguments.isTrusted {
        arguments.isUntrusted
          ? "--trust is for your own code; leave out one of --trust and --untrusted"
          : "--trust is for your own code; a snippet runs locked in"
      } else {
        nil
      }
    if let problem { throw Report(message: problem, exitCode: ExitCode.usage) }
  }

  /// What is to be run, within its limits. What its header raises is told, unless the operator agreed to it before.
  static func shared(_ code: SharedCode, _ given: PreparedArguments, _ arguments: Arguments) -> Snippet {
    var chosen = arguments.sharedLimits
    chosen.memory = arguments.memoryLimit
    chosen.time = arguments.timeLimit
    chosen.busy = arguments.busyLimit
    if !code.isPinned, let raised = SnippetLimits(header: code.header.limits).raised {
      tell("moongate: \(code.name) raises its limits: \(raised)")
    }
    var snippet = Snippet(
      source: code.source, name: code.name, chunkName: code.chunkName, arguments: given,
      header: code.header, limits: SnippetLimits(header: code.header.limits, operator: chosen))
    snippet.modules = code.modules
    snippet.output = arguments.output
    return snippet
  }
}
