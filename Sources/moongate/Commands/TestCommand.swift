// TestCommand: `moongate test FILE|FOLDER…`: tests of scripts, each in a world of its own.
import AWSCore
import Glibc
import Host
import LocalGateway
import Scripts

enum TestCommand {
  /// Seconds that each of setup, a test and teardown may take, unless --timeout says otherwise.
  static let timeLimit = 60.0
  /// When worlds begin: any day would do that is the same tomorrow.
  private static let start = Timestamp(year: 2026, month: 3, day: 1, hour: 6)

  static func run(_ given: Arguments) throws(UsageError) -> Int32 {
    var arguments = given
    guard !arguments.rest.isEmpty else {
      throw UsageError(message: "test needs files or folders, as in moongate test tests/")
    }
    try refuseWhatMeansNothing(arguments)
    try Option.refuse(arguments.options, notOf: .test)
    guard arguments.checkForm == nil else {
      throw UsageError(message: "--format of test is \(Option.testForms)")
    }
    if arguments.replayFile == nil {
      arguments.isLocal = true
      arguments.worldStart = start
    }
    do throws(Report) {
      return try run(files(arguments.rest), arguments)
    } catch {
      return Command.fail(error.message, error.exitCode)
    }
  }

  private static func files(_ paths: [String]) throws(Report) -> [String] {
    // Who mistypes a name has no test that failed.
    for path in paths where unsafe path != "-" && access(path, R_OK) != 0 {
      throw Report(
        message: "cannot read \(Console.visible(path)): \(unsafe String(cString: strerror(errno)))",
        exitCode: ExitCode.usage)
    }
    do throws(ScriptSource.Failure) { return try ScriptFiles.named(paths, where: ScriptFiles.isTest) } catch {
      throw Report(message: error.message, exitCode: ExitCode.usage)
    }
  }

  /// What would be believed to do something.
  private static func refuseWhatMeansNothing(_ arguments: Arguments) throws(UsageError) {
    let permissions = arguments.permissions
    guard permissions.allowed.isEmpty, !permissions.isReadOnly, !permissions.isDryRun,
      permissions.mostWrites == nil, arguments.secrets.isEmpty
    else {
      throw UsageError(
        message:
          "a test says itself what a script may do, as in run{ \"x.lua\", allow = {\"TagResource\"} }; leave "
          + "out --allow, --read-only, --dry-run, --max-writes and --secret")
    }
    guard arguments.dataFolder == nil, arguments.code == nil, arguments.recordFile == nil,
      !arguments.isUntrusted, !arguments.isTrusted
    else {
      throw UsageError(
        message:
          "each test has a world of its own, in memory, and a test file is your own code; leave out --data, -e, "
          + "--record, --untrusted and --trust")
    }
  }

  private static func run(_ files: [String], _ arguments: Arguments) throws(Report) -> Int32 {
    if let file = arguments.junitFile { try NamedFiles.checkWriting(file, for: "--junit") }
    // What a test reads from standard input would come from whoever runs the tests.
    let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    if nothing >= 0 { dup2(nothing, STDIN_FILENO) }
    let begin = Duration.systemUptime()
    var report: any TestReport =
      switch arguments.testForm ?? .text {
      case .text: TextReport()
      case .tap: TAPReport()
      case .junit: JUnitReport()
      }
    var junit = JUnitReport()
    let runner = TestRunner(arguments.tests) { () throws(Report) in
      try bench(arguments)
    } tell: { result in
      Console.write(report.add(result))
      _ = junit.add(result)
      fflush(nil)
    }
    for file in files { try runner.run(file) }
    guard !runner.isInterrupted else { throw Report(message: "interrupted", exitCode: ExitCode.interrupted) }
    let seconds = (Duration.systemUptime() - begin).inSeconds
    Console.write(report.end(seconds: seconds))
    if let file = arguments.junitFile {
      try WholeFile.write(Array(junit.end(seconds: seconds).utf8), to: file)
    }
    guard runner.found > 0 else {
      let wish = arguments.tests.filter.map { " whose name, or whose file's, holds \(quoted($0))" } ?? ""
      throw Report(
        message:
          "there is no test\(wish): tests are global functions named test_…, in the files that are named, and in "
          + "*_test.lua and test_*.lua below folders", exitCode: ExitCode.script)
    }
    return runner.failed == 0 ? ExitCode.ok : ExitCode.script
  }

  private static func bench(_ arguments: Arguments) throws(Report) -> TestBench {
    let connection = try Connection(arguments)
    do throws(Report) {
      let console = try connection.testConsole(arguments)
      console.listenForSignals()
      return TestBench(console: console) { connection.close() }
    } catch {
      connection.close()
      throw error
    }
  }
}

extension Connection {
  /// Runs a script for a test, as on a command line: what is wrong with it is told as there.
  func run(_ script: ScriptCall, beside test: Arguments) throws(Report) -> ScriptOutcome {
    var arguments = Arguments()
    arguments.isLocal = true
    arguments.isPlain = true
    arguments.testFileFolder = script.folder
    arguments.audit = .off
    arguments.isWholeJob = true
    arguments.secrets = script.secrets.map { SecretSource(name: $0.name, text: $0.text) }
    do throws(UsageError) {
      var options = script.allowed.flatMap { ["--allow", $0] } + script.grants.flatMap { ["--grant", $0] }
      if !script.output.isEmpty { options += ["--output", script.output] }
      if script.isDryRun { options.append("--dry-run") }
      arguments.rest = try Option.read(options + ["--"] + script.words, into: &arguments)
    } catch {
      throw Report(message: error.message, exitCode: ExitCode.usage)
    }
    arguments.isUntrusted = !script.isOwn
    var code = ExitCode.ok
    let printed = CapturedOutput.during {
      do throws(UsageError) { code = try Command.runScript(arguments, in: self) } catch {
        code = Command.fail(error.message, ExitCode.usage)
      }
    }
    guard let printed else {
      throw Report(message: "the system has no memory for what it prints", exitCode: ExitCode.network)
    }
    return ScriptOutcome(
      code: code, output: printed.output, errors: printed.errors, files: try testFolder.files())
  }
}
