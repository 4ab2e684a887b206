// The text of --help, from the table of options. It fits 80 columns.
import Host
import LocalGateway

extension Option {
  private static let width = 80
  /// Where what is said of an option begins.
  private static let column = 26

  static var help: String {
    return """
      Moongate: the Lua console for AWS Backup Gateway.

      \(usage(of: Verb.allCases))
      \(sections { _ in true })
      \(faults)
      \(exitCodes)

      """
  }

  /// What `moongate VERB --help` says: how it is written, and the options that do something there.
  static func help(of verb: Verb) -> String {
    var parts = [usage(of: [verb]), sections { $0.isTaken(by: verb) }]
    if all.contains(where: { $0.name == "fault" && $0.isTaken(by: verb) }) { parts.append(faults) }
    return parts.joined(separator: "\n")
  }

  private static func usage(of verbs: [Verb]) -> String {
    verbs.flatMap(\.usages).map { row($0.line, $0.summary, column: 38) }.joined()
  }

  /// The options that are wanted, each below the heading of its section.
  static func sections(where isWanted: (Option) -> Bool) -> String {
    Section.allCases.compactMap { section in
      let rows = all.filter { $0.section == section && isWanted($0) }.map(\.row)
      return rows.isEmpty ? nil : "\(section.rawValue)\n\(rows.joined())"
    }.joined(separator: "\n")
  }

  private static var faults: String {
    """
    Faults, as in --fault error500=5% or --fault reset:GetGateway=next:2;
    WHEN is 5%, next:2 or always

    """ + FaultKind.all.map { row("  \($0.name)=\($0.placeholder)", $0.help) }.joined()
  }

  private static var exitCodes: String {
    // No line ends between a code and what it means.
    let codes = ExitCode.table.map { "\($0.code)\u{A0}\($0.meaning)" }.joined(separator: ", ")
    return Wrapping.lines("Exit codes: \(codes).", width: width).joined(separator: "\n").replacing(
      "\u{A0}", with: " ")
  }

  private var row: String {
    let letter = letter.map { "-\($0), " } ?? "    "
    return Self.row("  \(letter)--\(name)\(argument.map { " \($0)" } ?? "")", help)
  }

  /// Both columns; the right one in as many lines as it takes.
  private static func row(_ left: String, _ right: String, column: Int = column) -> String {
    var lines: [String] = []
    for word in right.split(separator: " ") {
      if let last = lines.last, Terminal.columns(last) + Terminal.columns(String(word)) + 1 <= width - column
      {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    let indent = String(repeating: " ", count: column)
    var rows = lines.map { indent + $0 }
    // A long name has a line of its own.
    if left.count + 2 > column {
      rows.insert(left, at: 0)
    } else if !rows.isEmpty {
      rows[0] = left + rows[0].dropFirst(left.count)
    }
    return rows.joined(separator: "\n") + "\n"
  }
}
