// Command: what moongate does with its command line, and the exit code that comes of it.
import AWSCore
import BackupGateway
import Glibc
import Host
import LocalGateway
import Scripts
import Shell

enum Command {
  static func run(_ words: [String]) -> Int32 {
    if words.first == WordCompletion.command { return WordCompletion.run(Array(words.dropFirst())) }
    do throws(UsageError) {
      var arguments = Arguments()
      arguments.rest = try Option.read(words, into: &arguments)
      if arguments.code == nil, let name = arguments.rest.first, let verb = Verb(rawValue: name),
        let command = commands[name]
      {
        // A command's options may stand behind it too; what follows a script is the script's own.
        let words = Array(arguments.rest.dropFirst())
        arguments.rest = try Option.read(words, into: &arguments)
        if verb.mixesOptionsAndWords {
          arguments.rest = try Option.readAnywhere(arguments.rest, into: &arguments)
        }
        // `snippet` has help of its own.
        if arguments.wantsVersion || (arguments.wantsHelp && verb != .snippet) {
          return inform(arguments, verb)
        }
        // These say themselves what is not theirs: `snippet run` is a run, and `test` knows a better way for some.
        if ![.run, .snippet, .test].contains(verb) { try Option.refuse(arguments.options, notOf: verb) }
        return try command(arguments)
      }
      if arguments.wantsHelp || arguments.wantsVersion { return inform(arguments) }
      return try runScript(arguments)
    } catch {
      return fail(error.message + "\n(moongate --help lists commands and options)", ExitCode.usage)
    }
  }

  static let commands: [String: @Sendable (Arguments) throws(UsageError) -> Int32] = [
    "run": { arguments throws(UsageError) in
      guard !arguments.rest.isEmpty || arguments.code != nil else {
        throw UsageError(message: "run needs a script")
      }
      return try runScript(arguments)
    },
    "test": { arguments throws(UsageError) in try TestCommand.run(arguments) },
    "snippet": { arguments throws(UsageError) in try SnippetCommand.run(arguments) },
    "check": { arguments throws(UsageError) in try CheckCommand.run(arguments) },
    "stubs": { arguments throws(UsageError) in try StubsCommand.run(arguments) },
    "completions": { arguments throws(UsageError) in try CompletionsCommand.run(arguments) },
    "help": { arguments throws(UsageError) in
      guard let name = arguments.rest.first else {
        print(Option.help, terminator: "")
        return ExitCode.ok
      }
      guard Verb(rawValue: name) != nil, name != "help" else {
        let hint = nearest(to: name, in: Verb.allCases.map(\.rawValue)).map { "; did you mean \($0)?" } ?? ""
        throw UsageError(
          message: "there is no command \(quoted(name))\(hint); of a script moongate run NAME --help tells, "
            + "and of what Lua has here moongate doc NAME")
      }
      return run([name, "--help"])
    },
    "serve": { arguments throws(UsageError) in try Serve.run(arguments) },
    "doctor": { arguments throws(UsageError) in try DoctorCommand.run(arguments) },
    "doc": { arguments throws(UsageError) in try DocCommand.run(arguments) },
  ]

  private static func inform(_ arguments: Arguments, _ verb: Verb? = nil) -> Int32 {
    let help = verb.map { Option.help(of: $0) } ?? Option.help
    print(
      arguments.wantsHelp ? help : arguments.isVerbose ? BuildReport.text : "\(BuildReport.line)\n",
      terminator: "")
    return ExitCode.ok
  }

  // MARK: Scripts and the console

  /// - Parameter given: where it runs, in a test; nil for where the command line says.
  static func runScript(_ arguments: Arguments, in given: Connection? = nil) throws(UsageError) -> Int32 {
    try Option.refuse(arguments.options, notOf: .run)
    try Option.refuse(arguments.options, withoutWorld: arguments.isLocal)
    let source: ScriptSource?
    let snippet = snippetName(arguments)
    do throws(ScriptSource.Failure) {
      source = try snippet == nil ? script(arguments) : nil
    } catch {
      return fail(error.message, ExitCode.usage)
    }
    let scriptArguments =
      source == nil && snippet == nil ? [] : Array(arguments.rest.dropFirst())
    var arguments = arguments
    do throws(Report) {
      try arguments.read(Environment.process())
      if let code = try sharedCode(snippet, source, arguments) {
        return try runShared(code, scriptArguments, arguments, in: given)
      }
      let header = try source.map { (source) throws(Report) in try Self.header(of: source) }
      let words = try source.flatMap { (source) throws(Report) in
        try header.map { (header) throws(Report) in
          try Option.read(scriptArguments, behind: source.name, header, source: source.bytes)
        }
      }
      if let source, let header, words?.wantsHelp == true {
        print(ScriptHelp.text(header, name: source.name), terminator: "")
        return ExitCode.ok
      }
      arguments.isInteractive = source == nil && arguments.code == nil
      let connection = if let given { given } else { try Connection(arguments) }
      defer { if given == nil { connection.close() } }
      let console = try connection.console(arguments, header: header)
      console.listenForSignals()
      func ended(_ code: Int32) -> Int32 {
        let code = summed(code, console.gate)
        return given == nil ? connection.ended(code, arguments) : code
      }
      if let code = arguments.code {
        return ended(
          end(console.run(Array(code.utf8), name: "-e", chunkName: "=-e", arguments: arguments.rest)))
      }
      guard let source, let header, let words else {
        return ended(interact(console, connection, arguments))
      }
      let prepared: PreparedArguments
      do throws(Report) {
        prepared = try connection.prepare(
          words, scriptArguments, of: (source.name, header), arguments, isInputTaken: source.name == "-")
      } catch {
        return connection.ended(before: error, arguments)
      }
      let ending = console.run(
        source.bytes, name: source.name, chunkName: source.chunkName, arguments: prepared.words,
        given: prepared.given, author: author(of: source, header))
      return ended(end(ending))
    } catch {
      return fail(error.message, error.exitCode)
    }
  }

  /// The snippet that the command line names.
  static func snippetName(_ arguments: Arguments) -> String? {
    guard arguments.code == nil, let word = arguments.rest.first else { return nil }
    return isFile(word) ? nil : word
  }

  /// True for a name with `/` or ending in `.lua`, and for `-`; all else are snippets. Which of the two is meant never
  /// depends on what lies in the current folder.
  static func isFile(_ word: String) -> Bool { word.contains("/") || word.hasSuffix(".lua") || word == "-" }

  /// The script to run; nil for the console.
  private static func script(_ arguments: Arguments) throws(ScriptSource.Failure) -> ScriptSource? {
    if arguments.code != nil { return nil }
    if let path = arguments.rest.first { return try ScriptSource(path) }
    return Shell.isInteractive ? nil : try ScriptSource("-")
  }

  /// The operator's own script; what its header allows is the whole list for it too.
  static func author(of source: ScriptSource, _ header: ScriptHeader) -> Author {
    let name = source.name == "-" ? "standard input" : source.name
    return Author(.script, name: name, source: source.bytes, operations: header.allowed)
  }

  /// - Throws: a report with the first problem of the header, and its line.
  static func header(of source: ScriptSource) throws(Report) -> ScriptHeader {
    do throws(ScriptHeader.Problem) {
      return try ScriptHeader(source.bytes)
    } catch {
      throw Report(
        message: "\(source.name):\(error.line): \(error.message)"
          + (ScriptHeader.read(source.bytes).problems.count > 1
            ? " (moongate check \(source.name) tells what else is wrong)" : ""),
        exitCode: ExitCode.usage)
    }
  }

  static func end(_ ending: Console.Ending) -> Int32 {
    switch ending {
    case .finished: return ExitCode.ok
    case .exit(let code, let message):
      if let message { tell(message) }
      return code
    case .failed(let report): return fail(report.message, report.exitCode)
    }
  }

  /// The code of a run, after a word on its writes where one is due.
  static func summed(_ code: Int32, _ gate: PermissionGate?) -> Int32 {
    if let summary = gate?.summary(exitCode: code) { tell(summary) }
    return code
  }

  static func fail(_ message: String, _ code: Int32) -> Int32 {
    tell("moongate: " + message)
    return code
  }

  /// Tells what happens inside calls.
  static func trace(_ text: String) { tell("debug: \(text)") }

  static func tell(_ message: String) { Console.write(message + "\n", toStandardError: true) }

  /// Ends the process: what is still buffered must reach stdout, and a reader that has gone is no error to talk about. Where
  /// something of stdout is lost, the code of a success, or of a script's own, would be taken for the word on it.
  static func exit(with code: Int32) -> Never {
    if let problem = Console.takeOutputProblem() {
      if code != ExitCode.network { tell("moongate: cannot write to stdout: \(problem)") }
      _exit(ExitCode.ofScripts.contains(code) ? ExitCode.network : code)
    }
    Glibc.exit(code)
  }
}
