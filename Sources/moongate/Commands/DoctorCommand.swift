// DoctorCommand: `moongate doctor`: looks at everything that a run needs, and says of each what it is and what to do.
import AWSCore
import Glibc
import Host

enum DoctorCommand {
  /// - Returns: 0 when nothing is a problem, else 1.
  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard arguments.rest.isEmpty else { throw UsageError(message: "doctor takes options only") }
    guard !(arguments.isOffline && arguments.isSigned) else {
      throw UsageError(message: "--signed sends a request, --offline none: give one of the two")
    }
    guard [nil, .table, .json].contains(arguments.output) else {
      throw UsageError(message: "doctor writes table or json")
    }
    try Option.refuse(arguments.options, withoutWorld: arguments.isLocal)
    let doctor = Doctor(arguments)
    var findings: [(name: String, finding: Finding)] = []
    doctor.examine { name, finding in
      findings.append((name, finding))
      if arguments.output != .json { show(name, finding) }
    }
    if arguments.output == .json { Console.write(json(findings)) }
    Command.tell(summary(findings.map(\.finding), sent: doctor.sent))
    return findings.contains { $0.finding.status == .problem } ? ExitCode.script : ExitCode.ok
  }

  // MARK: For people

  /// Where the text begins: behind the longest status and the longest name.
  private static let columns = (status: 9, name: 15)

  private static func show(_ name: String, _ finding: Finding) {
    let ink = Ink(for: STDOUT_FILENO)
    let status = Terminal.padded(finding.status.rawValue, to: columns.status)
    let coloured =
      switch finding.status {
      case .ok: ink.green(status)
      case .warning: ink.bold(status)
      case .problem: ink.bold(ink.red(status))
      case .skipped: ink.faint(status)
      }
    let indent = columns.status + columns.name
    let lines = Wrapping.lines(
      Console.visible(finding.text), width: Terminal.width, first: indent, indent: indent)
    var rows = [coloured + Terminal.padded(name, to: columns.name) + lines[0]] + lines.dropFirst()
    if let advice = finding.advice {
      let mark = String(repeating: " ", count: indent) + "→ "
      let lines = Wrapping.lines(
        Console.visible(advice), width: Terminal.width, first: indent + 2, indent: indent + 2)
      rows += [mark + lines[0]] + lines.dropFirst()
    }
    print(rows.joined(separator: "\n"))
    // The next check may take its time, and what comes on stderr comes last.
    _ = fflush(nil)
  }

  private static func summary(_ findings: [Finding], sent: [String]) -> String {
    let counts = [(Finding.Status.problem, "problem"), (.warning, "warning")].compactMap { status, noun in
      let count = findings.count { $0.status == status }
      return count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return "\(counts.isEmpty ? "all is well" : listed(counts)); sent: "
      + (sent.isEmpty ? "nothing" : sent.joined(separator: "; "))
  }

  // MARK: JSON

  /// An array, a finding a line.
  private static func json(_ findings: [(name: String, finding: Finding)]) -> String {
    let rows = findings.map { name, finding in
      var object = Value.Object()
      object["check"] = .string(name)
      object["status"] = .string(finding.status.rawValue)
      object["finding"] = .string(finding.text)
      object["advice"] = finding.advice.map(Value.string) ?? .null
      return "\n" + String(decoding: JSON.encode(.object(object)), as: UTF8.self)
    }
    return "[" + rows.joined(separator: ",") + "\n]\n"
  }
}
