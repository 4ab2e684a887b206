// HeaderReader: makes a header of its lines, and keeps what is wrong with them.
import AWSCore
import BackupGateway

struct HeaderReader {
  private(set) var header = ScriptHeader()
  private(set) var problems: [ScriptHeader.Problem] = []

  /// Nobody reads more, and a file that is one long comment is looked at quickly.
  private static let mostProblems = 100
  /// More no header needs; comparing each with all others takes time that grows with the square.
  private static let mostTags = 500

  /// A tag: whether it may stand more than once, and what is made of its text.
  private struct Row {
    let mayRepeat: Bool
    let read: @Sendable (inout ScriptHeader, ScriptHeader.Tag) throws(ScriptHeader.Problem) -> Void
  }

  private static let rows: [String: Row] = [
    "name": Row(mayRepeat: false) { (_, tag) throws(ScriptHeader.Problem) in
      guard ScriptHeader.isName(tag.text) else {
        throw tag.problem("@name takes small letters, digits and dashes, as in stale-vms")
      }
    },
    "version": Row(mayRepeat: false) { (header, tag) throws(ScriptHeader.Problem) in
      header.version = SemanticVersion(tag.text)
      guard header.version != nil else { throw tag.problem("@version takes three numbers, as in 1.0.0") }
    },
    "author": Row(mayRepeat: true) { (_, tag) throws(ScriptHeader.Problem) in
      guard !tag.text.isEmpty else { throw tag.problem("@author names somebody") }
    },
    "example": Row(mayRepeat: true) { (_, tag) throws(ScriptHeader.Problem) in
      guard !tag.text.isEmpty else {
        throw tag.problem("@example shows a command line, as in moongate run stale-vms --age 30d")
      }
    },
    "allow": Row(mayRepeat: false) { (header, tag) throws(ScriptHeader.Problem) in
      header.allowed = try ScriptHeader.operations(tag)
    },
    "limit": Row(mayRepeat: false) { (header, tag) throws(ScriptHeader.Problem) in
      header.limits = try RequestedLimits(tag)
    },
    "arg": Row(mayRepeat: true) { (header, tag) throws(ScriptHeader.Problem) in
      let argument = try ScriptArgument(tag)
      if let first = header.arguments.first(where: { $0.name == argument.name }) {
        throw tag.problem("@arg \(argument.name) stands in line \(first.line) already")
      }
      if let rival = header.arguments.first(where: { $0.collides(with: argument) }) {
        throw tag.problem("@arg \(argument.name) and \(rival.name) are given by the same option")
      }
      header.arguments.append(argument)
    },
    "secret": Row(mayRepeat: true) { (header, tag) throws(ScriptHeader.Problem) in
      let (name, text) = tag.firstWord
      guard ScriptArgument.isName(name) else {
        throw tag.problem(
          "@secret takes a name of small letters, digits and _, and a text, as in "
            + "@secret password The vCenter's password")
      }
      guard !header.secrets.contains(where: { $0.name == name }) else {
        throw tag.problem("@secret names \(name) twice")
      }
      header.secrets.append(ScriptHeader.Secret(name: String(name), text: text))
    },
    "require": Row(mayRepeat: true) { (header, tag) throws(ScriptHeader.Problem) in
      let parts = tag.text.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count == 2, ScriptHeader.isName(parts[0]), let version = SemanticVersion(parts[1]) else {
        throw tag.problem("@require takes a snippet and its version, as in @require report-table@1.2.0")
      }
      guard !header.requirements.contains(where: { $0.name == parts[0] }) else {
        throw tag.problem("@require names \(parts[0]) twice")
      }
      header.requirements.append(
        ScriptHeader.Requirement(name: String(parts[0]), version: version, line: tag.line))
    },
    "requires": Row(mayRepeat: false) { (header, tag) throws(ScriptHeader.Problem) in
      let words = tag.text.split { $0 == " " || $0 == "\t" }
      guard words.count == 3, words[0] == "moongate", words[1] == ">=",
        let version = SemanticVersion(words[2])
      else {
        throw tag.problem("@requires takes a version of the program, as in @requires moongate >= 0.1.0")
      }
      header.minimum = version
    },
  ]

  mutating func read(_ source: [UInt8]) {
    var words: [String] = []
    for comment in HeaderLines.comments(source) {
      do throws(ScriptHeader.Problem) {
        guard let tag = try HeaderLines.tag(comment, isKnown: { Self.rows[$0] != nil }) else {
          if header.tags.isEmpty { words.append(Self.line(comment.text)) }
          continue
        }
        try add(tag)
      } catch {
        problems.append(error)
        if problems.count >= Self.mostProblems || header.tags.count >= Self.mostTags { break }
      }
    }
    // Blank lines around and between are no text.
    let lines = words.drop(while: \.isEmpty)
    header.summary = lines.first.map(trimmed) ?? ""
    header.description = Self.paragraphs(lines.dropFirst())
    if let minimum = header.minimum, let own = SemanticVersion(Version.current), own < minimum {
      let tag = header.tags.first { $0.name == "requires" }
      problems = [
        ScriptHeader.Problem(
          line: tag?.line ?? 1, column: tag?.textColumn,
          message: "this script needs moongate \(minimum) or newer, and this is moongate \(own)")
      ]
    }
  }

  private mutating func add(_ tag: ScriptHeader.Tag) throws(ScriptHeader.Problem) {
    guard header.tags.count < Self.mostTags else {
      throw ScriptHeader.Problem(
        line: tag.line, column: tag.column, message: "a header has at most \(Self.mostTags) tags")
    }
    guard let row = Self.rows[tag.name] else {
      let near = nearest(to: tag.name, in: Self.rows.keys.sorted()).map { "@\($0)" }
      throw ScriptHeader.Problem(
        line: tag.line, column: tag.column,
        message: "there is no tag @\(tag.name)\(near.map { "; did you mean \($0)?" } ?? "")",
        suggestion: near)
    }
    if !row.mayRepeat, let first = header.tags.first(where: { $0.name == tag.name }) {
      throw ScriptHeader.Problem(
        line: tag.line, column: tag.column, message: "@\(tag.name) stands in line \(first.line) already")
    }
    header.tags.append(tag)
    try row.read(&header, tag)
  }

  /// Lines as they stand, without blank ones at either end.
  /// A line of the description, indented as far as a command or a table in it is.
  private static func line(_ comment: some Collection<UInt8>) -> String {
    let text = trimmed(String(decoding: comment, as: UTF8.self))
    // The first space stands between the dashes and the text.
    let indent = comment.prefix { $0 == UInt8(ascii: " ") }.count - 1
    return text.isEmpty || indent < 2 ? text : String(repeating: " ", count: indent) + text
  }

  private static func paragraphs(_ lines: ArraySlice<String>) -> String {
    var lines = lines.drop(while: \.isEmpty)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}

extension ScriptHeader {
  /// A snippet's name: small letters, digits and dashes, as in `stale-vms`.
  public static func isName(_ text: some StringProtocol) -> Bool {
    let isPlain = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
    return isPlain && !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix("-")
  }

  /// The operations that `@allow` lists, separated by commas or spaces.
  static func operations(_ tag: Tag) throws(Problem) -> Set<String> {
    let words = tag.text.split { $0 == "," || $0 == " " || $0 == "\t" }
    guard !words.isEmpty else {
      throw tag.problem("@allow names operations, or read for all that only read")
    }
    var operations: Set<String> = []
    var seen: Set<Substring> = []
    for part in words {
      let word = String(part)
      guard seen.insert(part).inserted else { throw tag.problem("@allow names \(word) twice", at: part) }
      if word == "read" {
        operations.formUnion(Service.operations.filter(\.isReading).map(\.name))
      } else if let operation = Service.operation(word) {
        operations.insert(operation.name)
      } else if word.contains("*") {
        throw tag.problem(
          "@allow takes exact names, no wildcards; read stands for all that only read", at: part)
      } else {
        let names = Service.operations.map(\.name)
        let near = Service.operation(named: word)?.name ?? nearest(to: word, in: names + ["read"])
        throw tag.problem("@allow: there is no operation \(word)", at: part, suggestion: near)
      }
    }
    return operations
  }
}

extension ScriptHeader.Tag {
  /// The first word of its text, and what follows it.
  var firstWord: (word: Substring, rest: String) {
    let word = text.prefix { $0 != " " && $0 != "\t" }
    return (word, trimmed(text[word.endIndex...]))
  }
}
