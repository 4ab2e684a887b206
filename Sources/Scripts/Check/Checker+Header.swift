// Rules about the header, and about characters that make a source look like something else.
import AWSCore
import BackupGateway

/// A header, as far as the rules look at it.
struct HeaderFacts {
  /// A problem, with the line it is in.
  var problems: [(line: Int, message: String)] = []
  var isOfSnippet = false
  /// What `@allow` names, by AWS's name; nil without the tag.
  var allowed: Set<String>?
  /// The words of `@allow`, and its line.
  var allowedWords: [String] = []
  var allowLine = 0
  /// Each `@arg` with its line.
  var arguments: [(name: String, line: Int)] = []
  var secrets: [String] = []

  init(_ source: [UInt8]) {
    let header: ScriptHeader
    do throws(ScriptHeader.Problem) {
      header = try ScriptHeader(source)
    } catch {
      problems.append((error.line, error.message))
      return
    }
    isOfSnippet = header.name != nil
    allowed = header.allowed
    for tag in header.tags {
      let words = tag.text.split { " ,\t".contains($0) }.map(String.init)
      switch tag.name {
      case "allow": (allowedWords, allowLine) = (words, tag.line)
      case "arg": if let name = words.first { arguments.append((name, tag.line)) }
      case "secret": if let name = words.first { secrets.append(name) }
      default: break
      }
    }
  }
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
    for problem in header.problems { add("header", problem.message, at: lines.range(of: problem.line)) }
  }

  // MARK: Arguments and secrets

  func readArgument(_ name: String, at range: Range<Int>) {
    readArguments.insert(name)
    let names = header.arguments.map(\.name)
    guard header.problems.isEmpty, !names.contains(name) else { return }
    let (suggestion, hint) = near(name, names)
    let there = names.isEmpty ? "the header declares no @arg" : "there is \(listed(names))"
    add(
      "undeclared-argument", "no @arg declares \(name)\(hint.isEmpty ? "; \(there)" : hint)", at: range,
      suggestion: suggestion)
  }

  func checkArguments() {
    guard !readsAllArguments else { return }
    for (name, line) in header.arguments where !readArguments.contains(name) {
      add("unused-argument", "args.\(name) is never read", at: range(of: name, inLine: line))
    }
  }

  func checkSecret(_ argument: Expression) {
    guard isSnippet, header.problems.isEmpty, let name = argument.text, !header.secrets.contains(name) else {
      return
    }
    let (suggestion, hint) = near(name, header.secrets)
    add(
      "undeclared-secret", "no @secret declares \(quoted(name))\(hint)", at: argument.range,
      suggestion: suggestion)
  }
}
