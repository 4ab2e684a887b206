// Rules about the header, and about characters that make a source look like something else.
import AWSCore
import BackupGateway

/// A header, as far as the rules look at it.
struct HeaderFacts {
  let header: ScriptHeader
  let problems: [ScriptHeader.Problem]
  /// The words of `@allow`, and its line.
  private(set) var allowedWords: [String] = []
  private(set) var allowLine = 0

  init(_ source: [UInt8]) {
    (header, problems) = ScriptHeader.read(source)
    guard let allow = header.tags.first(where: { $0.name == "allow" }) else { return }
    allowedWords = allow.text.split { " ,\t".contains($0) }.map(String.init)
    allowLine = allow.line
  }

  var isOfSnippet: Bool { header.name != nil }
  /// What `@allow` names, by AWS's name; nil without the tag.
  var allowed: Set<String>? { header.allowed }
}

extension Checker {
  /// A place in a line of the header: of a word where it stands there, else of all of it.
  func range(of word: String?, inLine line: Int) -> Range<Int> {
    let row = lines.range(of: line)
    guard let word, !word.isEmpty else { return row }
    let bytes = Array(word.utf8)
    for start in row where tree.source[start..<row.upperBound].starts(with: bytes) {
      let before = start > row.lowerBound ? tree.source[start - 1] : 0x20
      let after = start + bytes.count < row.upperBound ? tree.source[start + bytes.count] : 0x20
      if !LuaLexer.isWord(before), !LuaLexer.isWord(after) { return start..<start + bytes.count }
    }
    return row
  }

  func checkSource() {
    do throws(SourceTricks.Finding) {
      try SourceTricks.check(tree.source)
    } catch {
      add(
        "source-trick", error.message, at: lines.range(of: error.line),
        severity: isSnippet ? .error : .warning)
    }
  }

  func checkHeader() {
    for problem in header.problems {
      var range = lines.range(of: problem.line)
      if let column = problem.column {
        let start = min(range.lowerBound + column - 1, range.upperBound)
        let word = tree.source[start..<range.upperBound].prefix { $0 != 0x20 && $0 != 0x2C && $0 != 0x09 }
        range = start..<max(word.endIndex, start)
      }
      add("header", problem.message, at: range, suggestion: problem.suggestion)
    }
  }

  // MARK: Arguments and secrets

  /// `args.name`, and what it is.
  func readArgument(_ name: String, at range: Range<Int>) -> Known {
    readArguments.insert(name)
    if let argument = header.header.arguments.first(where: { $0.name == name }) {
      return argument.need == .repeated ? .list(of: known(argument)) : known(argument)
    }
    let names = header.header.arguments.map(\.name)
    guard header.problems.isEmpty else { return .unknown }
    let (suggestion, hint) = near(name, names)
    let there = names.isEmpty ? "; the header has none" : "; there is \(listed(names))"
    add(
      "undeclared-argument", "no @arg declares \(name)\(hint.isEmpty ? there : hint)", at: range,
      suggestion: suggestion)
    return .unknown
  }

  private func known(_ argument: ScriptArgument) -> Known {
    switch argument.kind {
    case .string, .resource: .text
    case .integer, .number, .duration: .number
    case .boolean: .boolean
    case .timestamp: .timestamp
    case .choice(let words): .scalar(Shape("args.\(argument.name)", .string, values: words))
    case .file(.lines): .list(of: .text)
    case .file(.csv): .list(of: .unknown)
    case .file(.json), .output: .unknown
    }
  }

  func checkArguments() {
    guard header.problems.isEmpty else { return }
    if !readsAllArguments {
      for argument in header.header.arguments where !readArguments.contains(argument.name) {
        add(
          "unused-argument", "args.\(argument.name) is never read",
          at: range(of: argument.name, inLine: argument.line))
      }
    }
    guard !readsAllSecrets else { return }
    for secret in header.header.secrets where !readSecrets.contains(secret.name) {
      let tag = header.header.tags.first { $0.name == "secret" && $0.text.hasPrefix(secret.name) }
      add(
        "unused-argument", "secret(\"\(secret.name)\") is never asked for",
        at: range(of: secret.name, inLine: tag?.line ?? 1))
    }
  }

  /// The name that `secret` is given.
  func checkSecret(_ argument: Expression) {
    guard let name = argument.text else {
      readsAllSecrets = true
      return
    }
    readSecrets.insert(name)
    let names = header.header.secrets.map(\.name)
    guard isSnippet, header.problems.isEmpty, !names.contains(name) else { return }
    let (suggestion, hint) = near(name, names)
    add(
      "undeclared-secret", "no @secret declares \(quoted(name))\(hint)", at: argument.range,
      suggestion: suggestion)
  }
}
