// CheckReport: findings as people read them, as other programs' output is read, and as JSON.
import AWSCore
import Host

public struct CheckReport: Sendable {
  public enum Form: String, Sendable, CaseIterable {
    /// With the row and what is underlined in it.
    case human
    /// `file:line:column: severity: message [rule]`, a finding a line.
    case plain
    case json
  }

  /// A file that was looked at.
  public struct File: Sendable {
    public let name: String
    public let source: [UInt8]
    public let findings: [Finding]

    public init(name: String, source: [UInt8], findings: [Finding]) {
      self.name = name
      self.source = source
      self.findings = findings
    }
  }

  /// In the order in which they were named.
  public let files: [File]

  public init(_ files: [File]) { self.files = files }

  /// True when something is an error or a warning. Infos never count.
  public var hasProblems: Bool { files.contains { $0.findings.contains { $0.severity != .info } } }

  /// - Parameters:
  ///   - width: columns of the screen.
  ///   - ink: how the form for people is coloured.
  public func text(_ form: Form, width: Int? = nil, ink: Ink = Ink(isColoured: false)) -> String {
    switch form {
    case .plain: plain
    case .json: json
    case .human: files.map { human($0, width ?? 100, ink) }.joined()
    }
  }

  /// How many of each severity there are, as a sentence; nil for none.
  public var summary: String? {
    let counts = Finding.Severity.allCases.compactMap { severity -> String? in
      let count = files.reduce(0) { $0 + $1.findings.count { $0.severity == severity } }
      let noun = severity == .info ? "remark" : severity.rawValue
      return count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    guard !counts.isEmpty else { return nil }
    return listed(counts) + " in \(files.count) file\(files.count == 1 ? "" : "s")"
  }

  private var plain: String {
    files.flatMap { file in
      file.findings.map {
        "\(Console.visible(file.name)):\($0.start.line):\($0.start.column): \($0.severity.rawValue): "
          + "\(Console.visible($0.message)) [\($0.rule)]\n"
      }
    }.joined()
  }

  // MARK: For people

  private func human(_ file: File, _ width: Int, _ ink: Ink) -> String {
    let lines = SourceLines(file.source)
    return file.findings.map { finding in
      let word = "\(finding.severity.rawValue):"
      let title =
        switch finding.severity {
        case .error: ink.bold(ink.red(word))
        case .warning: ink.bold(word)
        case .info: ink.cyan(word)
        }
      let message = Wrapping.lines(
        "\(Console.visible(finding.message)) [\(finding.rule)]", width: width, first: word.count + 1,
        indent: 2)
      var rows = ["\(title) \(message[0])"] + message.dropFirst()
      rows.append(
        ink.faint("  at \(Console.visible(file.name)):\(finding.start.line):\(finding.start.column)"))
      let row = lines.range(of: finding.start.line)
      let marked = finding.range.clamped(to: row)
      rows += MarkedRow(
        number: finding.start.line, bytes: Array(file.source[row]),
        marked: marked.lowerBound - row.lowerBound..<marked.upperBound - row.lowerBound
      ).lines(width: width, ink: ink)
      if let help = help(finding) {
        rows += Wrapping.lines("\(ink.cyan("help:")) \(help)", width: width, first: 0, indent: 2)
      }
      return rows.map { $0 + "\n" }.joined() + "\n"
    }.joined()
  }

  private func help(_ finding: Finding) -> String? {
    if finding.rule == "not-allowed", let name = finding.suggestion {
      return "add \(name) to @allow, or leave the call out"
    }
    return finding.suggestion.map { "write \(Console.visible($0))" }
  }

  // MARK: JSON

  /// One array, a finding a line.
  private var json: String {
    let rows = files.flatMap { file in
      file.findings.map { finding -> String in
        var object = Value.Object()
        object["file"] = .string(file.name)
        object["line"] = .integer(Int64(finding.start.line))
        object["column"] = .integer(Int64(finding.start.column))
        object["end_line"] = .integer(Int64(finding.end.line))
        object["end_column"] = .integer(Int64(finding.end.column))
        object["rule"] = .string(finding.rule)
        object["severity"] = .string(finding.severity.rawValue)
        object["message"] = .string(finding.message)
        object["suggestion"] = finding.suggestion.map(Value.string) ?? .null
        return String(decoding: JSON.encode(.object(object)), as: UTF8.self)
      }
    }
    return "[" + rows.map { "\n\($0)" }.joined(separator: ",") + (rows.isEmpty ? "]\n" : "\n]\n")
  }
}
