// The commands that give snippets away, and that run what others gave.
import AWSCore
import Host
import Scripts

extension SnippetCommand {
  static let ofSharing: [SnippetCommand] = [
    SnippetCommand(
      name: "publish", arguments: "FILE REGISTRY [--unsigned] [--key FILE]",
      summary: "check a script, sign it, and put it into a registry that is a folder"
    ) { arguments throws(Failure) in
      guard arguments.rest.count == 2 else { throw .usage("publish takes a file and a registry") }
      return try publish(arguments.rest[0], to: arguments.rest[1], arguments)
    },
    SnippetCommand(
      name: "run", arguments: "NAME [arguments…]", summary: "run a snippet, as moongate NAME does",
      passesOptionsOn: true, names: .runnable
    ) { arguments throws(Failure) in
      guard let name = arguments.rest.first else { throw .usage("run needs a snippet") }
      let words = Array(arguments.rest.dropFirst())
      return try reporting { () throws(Report) in
        try Command.runShared(SharedCode(arguments.snippets().runnable(name)), words, arguments)
      }
    },
  ]

  private static func publish(
    _ file: String, to name: String, _ arguments: Arguments
  ) throws(Failure) -> Int32 {
    let environment = Environment.process()
    let bytes = try read(file, environment)
    let (code, folder) = try reporting { () throws(Report) in
      let code = try SnippetCode(bytes, from: file)
      try SnippetPublisher.check(code, file)
      guard let folder = try arguments.snippets().registry(name) as? FolderRegistry else {
        throw Report(
          message: "\(name) is not a folder; publish into the folder that its web server serves",
          exitCode: ExitCode.usage)
      }
      try check(code, file)
      return (code, folder)
    }
    let signature = try arguments.isUnsigned ? nil : self.signature(of: bytes, arguments, environment)
    let place = try reporting { () throws(Report) in
      try SnippetPublisher(folder).publish(code, signature: signature?.file)
    }
    let signed = signature.map { "signed with \($0.key.type) \($0.key.fingerprint)" } ?? "unsigned"
    Console.write("published \(code.title) as \(quoted(place)), \(signed)\n  sha256:\(code.sha256)\n")
    return ExitCode.ok
  }

  /// What `moongate check --snippet` says; nothing goes out that it calls an error.
  private static func check(_ code: SnippetCode, _ file: String) throws(Report) {
    let source = ScriptSource.withoutPreamble(code.bytes)
    let findings = Check.findings(source, name: file, as: .snippet)
    let report = CheckReport([CheckReport.File(name: file, source: source, findings: findings)])
    if report.hasProblems { Console.write(report.text(.plain), toStandardError: true) }
    guard !findings.contains(where: { $0.severity == .error }) else {
      throw Report(message: "\(file) is not published as long as that is wrong", exitCode: ExitCode.script)
    }
  }
}
