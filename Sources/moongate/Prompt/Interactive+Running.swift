// The dot command that runs scripts. An own file runs in a universe of its own, with the prompt's session and permissions:
// what it sets is gone with it, and what was typed is not in its way. A snippet runs in a worker, as ever.
import AWSCore
import BackupGateway
import Host
import Scripts
import Shell

extension Interactive {
  var runningCommands: [DotCommand] {
    [
      DotCommand(
        "run", "FILE|SNIPPET [WORDS]",
        "Runs a script with this session, in globals of its own; --help behind it tells what it takes.",
        completions: { [unowned self] in completions(ofRun: $0) }, run: { [unowned self] in run($0) })
    ]
  }

  private func run(_ argument: String) -> DotCommand.Outcome {
    guard let words = promptWords(argument) else { return .failed }
    guard let name = words.first else {
      Console.write(".run takes a script, as in .run ./report.lua\n", toStandardError: true)
      return .failed
    }
    return runScript(name, Array(words.dropFirst()))
  }

  /// The words behind a dot command; nil, and told, where a quote is not closed.
  func promptWords(_ argument: String) -> [String]? {
    let (words, _, hasOpenQuote) = PromptWords.split(argument)
    guard !hasOpenQuote else {
      Console.write("a quote is not closed\n", toStandardError: true)
      return nil
    }
    return words
  }

  /// Runs a file or a snippet as the session stands: with its profile, its region, and what was switched on at the prompt.
  func runScript(_ name: String, _ words: [String]) -> DotCommand.Outcome {
    defer {
      connection.rest()
      told = Effort.now(self)
    }
    do throws(Report) {
      let code = try run(name, words)
      guard code != ExitCode.ok else { return .done }
      Console.write("exit code \(code)\n", toStandardError: true)
    } catch {
      Console.write("\(Arguments.phrasedAtPrompt(error.message))\n", toStandardError: true)
    }
    return .failed
  }

  private func run(_ name: String, _ words: [String]) throws(Report) -> Int32 {
    guard name != "-" else {
      throw Report(message: "standard input is the prompt's here; give a file", exitCode: ExitCode.usage)
    }
    guard !name.hasPrefix("-") else {
      throw Report(
        message:
          "\(quoted(name)) is no script; .run has no options of its own, and a script's stand behind it",
        exitCode: ExitCode.usage)
    }
    let source: ScriptSource?
    do throws(ScriptSource.Failure) { source = try Command.isFile(name) ? ScriptSource(name) : nil } catch {
      throw Report(message: error.message, exitCode: ExitCode.usage)
    }
    let code = try Command.sharedCode(source == nil ? name : nil, source, arguments)
    let header: ScriptHeader
    if let code {
      header = code.header
    } else if let source {
      header = try Command.header(of: source)
    } else {
      return ExitCode.usage
    }
    let read = try Option.read(
      words, behind: name, header, source: code?.source ?? source?.bytes ?? [],
      instead: "here there are .profile, .region, .output, .dry-run and .read-only")
    if read.wantsHelp {
      page(ScriptHelp.text(header, name: name))
      return ExitCode.ok
    }
    let prepared = try connection.prepare(
      read, words, of: (name, header), arguments, isInputTaken: true, from: console)
    var arguments = arguments
    arguments.output = console.outputForm
    return try withGate { () throws(Report) in
      if let code {
        let run = try connection.run(Command.shared(code, prepared, arguments), arguments, from: console)
        let exitCode = run.run()
        Command.tellHash(of: code, after: exitCode)
        return exitCode
      } else if let source {
        return try run(source, header, prepared, arguments)
      } else {
        return ExitCode.usage
      }
    }
  }

  private func run(
    _ source: ScriptSource, _ header: ScriptHeader, _ prepared: PreparedArguments, _ arguments: Arguments
  ) throws(Report) -> Int32 {
    let own = try connection.console(arguments, from: console, header: header)
    own.listenForSignals()
    let ending = own.run(
      source.bytes, name: source.name, chunkName: source.chunkName, arguments: prepared.words,
      given: prepared.given, author: Command.author(of: source, header))
    return withExtendedLifetime(own) { Command.end(ending) }
  }

  /// Whoever runs has the gate ask and look up names its own way; after that both are the prompt's again, and so is Ctrl-C.
  private func withGate(_ body: () throws(Report) -> Int32) throws(Report) -> Int32 {
    let (ask, readName) = (console.gate?.ask, console.gate?.readName)
    defer {
      console.gate?.ask = ask
      if let readName { console.gate?.readName = readName }
      console.listenForSignals()
    }
    return try body()
  }

  // MARK: Completion

  private func completions(ofRun argument: String) -> [Completion] {
    let (words, isOpen, _) = PromptWords.split(argument)
    let typed = isOpen ? words.last ?? "" : ""
    let finished = isOpen ? words.dropLast() : words[...]
    guard let script = finished.first else {
      return Snippets.summaries.map { Completion($0.name, detail: $0.summary) }
        + FileNames.candidates(typed, endingIn: ".lua").map { Completion(PromptWords.quoted($0)) }
    }
    let files = { FileNames.candidates(typed).map { Completion(PromptWords.quoted($0)) } }
    guard let header = CompletedScript.header(of: script) else { return files() }
    switch ScriptCompletion(header).wanted(after: Array(finished.dropFirst()), typed) {
    case .words(let candidates):
      // As in a shell, a blank stands behind what is whole, and the next Tab completes the value.
      return candidates.map {
        Completion($0.text + ($0.isUnfinished ? "" : " "), label: $0.text, detail: $0.detail)
      } + (typed.hasPrefix("-") ? [] : files())
    case .choice(let words, let prefix): return words.map { Completion(prefix + $0, label: $0) }
    case .file: return files()
    case .nothing: return []
    case .resource(let kind, let typed, let prefix):
      return connection.withoutQuestions {
        console.resourceCompletions(kind, typed).map {
          Completion(prefix + PromptWords.quoted($0.text), label: $0.text, detail: $0.detail)
        }
      }
    }
  }
}
