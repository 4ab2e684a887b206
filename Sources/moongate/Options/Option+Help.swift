// The text of --help, from the table of options. It fits 80 columns.
import Host
import LocalGateway

extension Option {
  private static let width = 80
  /// Where what is said of an option begins.
  private static let column = 26

  static var help: String {
    let sections = Section.allCases.map { section in
      "\(section.rawValue)\n" + all.filter { $0.section == section }.map(\.row).joined()
    }
    let faults = FaultKind.all.map { row("  \($0.name)=\($0.placeholder)", $0.help) }.joined()
    return """
      Moongate: the Lua console for AWS Backup Gateway.

      moongate [options]                    interactive console
      moongate [options] -e CODE            run Lua code
      moongate [options] [run] FILE [args]  run a script; - reads standard input
      moongate --untrusted FILE [args]      run somebody else's script, locked in
      moongate snippet [COMMAND]            share scripts, and run what is shared
      moongate check FILE|FOLDER...         what is wrong with scripts, unrun
      moongate stubs [DIR]                  definition files for editors
      moongate serve [options]              a local gateway for any AWS client
      moongate doc [NAME]                   what help() says
      moongate completions bash|zsh|fish    what completes command lines in a shell

      \(sections.joined(separator: "\n"))
      Faults, as in --fault error500=5% or --fault reset:GetGateway=next:2;
      WHEN is 5%, next:2 or always
      \(faults)
      Exit codes: 0 ok, 1 script error, 2-125 the script's own, 250 a limit,
      251 refused here, 252 usage or parameters, 253 configuration or credentials,
      254 the service's error, 255 network and the rest; by signal 129 (SIGHUP),
      130 (Ctrl-C), 143 (SIGTERM), and 141 when nobody reads stdout any more.

      """
  }

  private var row: String {
    let letter = letter.map { "-\($0), " } ?? "    "
    return Self.row("  \(letter)--\(name)\(argument.map { " \($0)" } ?? "")", help)
  }

  /// Both columns; the right one in as many lines as it takes.
  private static func row(_ left: String, _ right: String) -> String {
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
