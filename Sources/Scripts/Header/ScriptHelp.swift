// ScriptHelp: what `moongate run SCRIPT --help` prints, from the header alone. It fits 80 columns.
import AWSCore
import BackupGateway
import Host

public enum ScriptHelp {
  private static let width = 80
  /// Where what is said of an argument begins.
  private static let column = 26

  /// - Parameters:
  ///   - header: the script's own words.
  ///   - name: what the operator calls the script by.
  ///   - isShared: it runs with the limits of shared code.
  public static func text(_ header: ScriptHeader, name: String) -> String {
    var parts: [String] = []
    parts.append(title(header, name))
    if !header.description.isEmpty {
      parts.append(
        header.description.split(separator: "\n", omittingEmptySubsequences: false).map {
          // An indented line is a command or a table: it is kept as it is.
          $0.hasPrefix("  ") ? "\($0)\n" : wrapped(String($0))
        }.joined())
    }
    parts.append(usage(header, name))
    if !header.arguments.isEmpty {
      parts.append("Arguments\n" + header.arguments.map(row).joined())
    }
    if !header.secrets.isEmpty {
      parts.append(
        "Secrets, from --secret NAME=@FILE|env:VARIABLE|- before the script, or asked for\n"
          + header.secrets.map { twoColumns("  \($0.name)", $0.text) }.joined())
    }
    parts.append(calls(header))
    if let limits = SnippetLimits(header: header.limits).raised {
      parts.append("Limits that it raises as shared code\n" + "  " + wrapped(limits, indent: 2))
    }
    if header.limits.writes != nil, let writes = header.limits.writes {
      parts.append("It writes at most \(writes) times in a run.\n")
    }
    if !header.requirements.isEmpty {
      parts.append(
        wrapped(
          "Snippets it uses: "
            + header.requirements.map { "\($0.name)@\($0.version)" }.joined(separator: ", "), indent: 2))
    }
    if !header.examples.isEmpty {
      parts.append("Examples\n" + header.examples.map { "  \($0)\n" }.joined())
    }
    return parts.joined(separator: "\n")
  }

  /// `stale-vms 1.0.0 - What it does.`
  private static func title(_ header: ScriptHeader, _ name: String) -> String {
    let version = header.version.map { " \($0)" } ?? ""
    let summary = header.summary.isEmpty ? "" : " - \(header.summary)"
    let authors = header.authors.isEmpty ? "" : "\nby \(listed(header.authors))\n"
    return wrapped((header.name ?? name) + version + summary)
      + (authors.isEmpty ? "" : wrapped(String(authors.dropFirst().dropLast())))
  }

  private static func usage(_ header: ScriptHeader, _ name: String) -> String {
    var words = ["moongate [options] run \(name)"]
    for argument in header.arguments {
      let option =
        argument.kind == .boolean ? "--\(argument.option)" : "--\(argument.option) \(placeholder(argument))"
      switch argument.need {
      case .repeated: words.append("[\(option)]…")
      case _ where argument.isRequired: words.append(option)
      default: words.append("[\(option)]")
      }
    }
    // An option stays beside what stands for its value.
    return lines(of: words, width - 4).enumerated().map { ($0.offset == 0 ? "" : "    ") + $0.element + "\n" }
      .joined()
  }

  /// What stands for a value: `a|b|c` for a choice, else what is to be given.
  static func placeholder(_ argument: ScriptArgument) -> String {
    switch argument.kind {
    case .choice: argument.typeName
    case .string: "TEXT"
    case .integer, .number: "N"
    case .boolean: ""
    case .duration: "DURATION"
    case .timestamp: "TIME"
    case .resource(let kind): ScriptArgument.word(for: kind).uppercased()
    case .file, .output: "FILE"
    }
  }

  private static func row(_ argument: ScriptArgument) -> String {
    let left =
      argument.kind == .boolean
      ? "  --\(argument.option), --no-\(argument.option)" : "  --\(argument.option) \(placeholder(argument))"
    var notes: [String] = []
    switch argument.kind {
    case .resource(let kind): notes.append("a \(kind.noun) by ARN, id or name")
    case .duration: notes.append("a duration as in 7d12h")
    case .timestamp: notes.append("a time as in 2026-03-01T06:00:00Z, or a date")
    case .integer: notes.append("a whole number")
    case .file(let form): notes.append("a file to read: \(form.rawValue)")
    case .output: notes.append("a file to write")
    default: break
    }
    switch argument.need {
    case .required where argument.isRequired: notes.append("required")
    case .required: notes.append("default false")
    case .repeated: notes.append("may be repeated")
    case .byDefault(let text): notes.append("default \(text.isEmpty ? "\"\"" : text)")
    case .optional: break
    }
    let note = notes.isEmpty ? "" : "(\(notes.joined(separator: "; ")))"
    return twoColumns(left, argument.text.isEmpty ? note : "\(argument.text) \(note)")
  }

  private static func calls(_ header: ScriptHeader) -> String {
    guard let allowed = header.allowed else {
      return wrapped("Its header names no operations: as shared code it may call none.", indent: 2)
    }
    let reading = Set(Service.operations.filter(\.isReading).map(\.name))
    let writes = allowed.subtracting(reading).sorted()
    let reads = allowed.intersection(reading).sorted()
    var lines = "It may call\n"
    if !reads.isEmpty {
      lines += twoColumns(
        "  reading",
        reads.count == reading.count ? "everything that only reads" : reads.joined(separator: ", "))
    }
    if !writes.isEmpty {
      lines += twoColumns(
        "  writing", writes.joined(separator: ", ") + " (each asked about, or given by --allow)")
    }
    return lines
  }

  // MARK: Lines

  /// Both columns; the right one in as many lines as it takes.
  private static func twoColumns(_ left: String, _ right: String) -> String {
    let indent = String(repeating: " ", count: column)
    let lines = filled(right, width - column)
    // A long name has a line of its own.
    guard Terminal.columns(left) + 2 <= column else {
      return left + "\n" + lines.map { indent + $0 + "\n" }.joined()
    }
    let padding = String(repeating: " ", count: column - Terminal.columns(left))
    guard let first = lines.first else { return left + "\n" }
    return left + padding + first + "\n" + lines.dropFirst().map { indent + $0 + "\n" }.joined()
  }

  private static func wrapped(_ text: String, indent: Int = 0) -> String {
    let lines = filled(text, width - indent)
    let start = String(repeating: " ", count: indent)
    return lines.enumerated().map { ($0.offset == 0 ? "" : start) + $0.element + "\n" }.joined()
  }

  private static func filled(_ text: String, _ width: Int) -> [String] {
    lines(of: text.split(separator: " ").map(String.init), width)
  }

  /// Words in lines of so many columns; a longer word has a line of its own.
  private static func lines(of words: [String], _ width: Int) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, Terminal.columns(last) + Terminal.columns(word) + 1 <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines.isEmpty ? [""] : lines
  }
}
