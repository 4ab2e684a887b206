// CheckCommand: `moongate check FILE|FOLDER…`: what is wrong with scripts, without running them.
import Glibc
import Host
import LocalGateway
import Scripts

enum CheckCommand {
  /// - Returns: 0 when nothing is wrong, 1 when there is an error or a warning.
  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard arguments.testForm == nil else { throw UsageError(message: "--format of check is \(Option.forms)") }
    if arguments.wantsRules {
      print(Rule.list, terminator: "")
      return ExitCode.ok
    }
    guard !arguments.rest.isEmpty else {
      throw UsageError(message: "check takes files or folders, or - for standard input")
    }
    do throws(ScriptSource.Failure) {
      let report = try report(on: arguments.rest, asSnippet: arguments.isSnippet)
      tell(report, arguments.checkForm)
      return report.hasProblems ? ExitCode.script : ExitCode.ok
    } catch {
      throw UsageError(message: error.message)
    }
  }

  /// - Throws: `ScriptSource.Failure` for what cannot be read.
  static func report(on paths: [String], asSnippet: Bool) throws(ScriptSource.Failure) -> CheckReport {
    var files: [CheckReport.File] = []
    for path in try ScriptFiles.named(paths) {
      let source = try ScriptSource(path)
      let name = path == "-" ? "stdin" : path
      let findings = Check.findings(
        source.bytes, name: name, as: asSnippet ? .snippet : nil, lab: ControlAccess.operations)
      files.append(CheckReport.File(name: name, source: source.bytes, findings: findings))
    }
    return CheckReport(files)
  }

  private static func tell(_ report: CheckReport, _ form: CheckReport.Form?) {
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let form = form ?? (isTerminal ? .human : .plain)
    // What comes from files was made visible before it was coloured.
    print(report.text(form, width: Terminal.width, ink: Ink(for: STDOUT_FILENO)), terminator: "")
    guard form == .human else { return }
    Command.tell(report.summary ?? "nothing to say")
  }
}
