// Check: what is wrong with a script, found by reading it. Nothing of it runs, and nothing is sent. docs/check.md has the
// rules; each stands in a file beside this one.
import AWSCore
import BackupGateway
import Host

public enum Check {
  /// Whose code a script is.
  public enum Kind: Sendable {
    /// The operator's own.
    case own
    /// Shared code, which has less.
    case snippet
  }

  /// What a script can be found guilty of, in the order of its lines.
  /// - Parameters:
  ///   - source: its bytes, as `ScriptSource` reads them.
  ///   - name: its file; one that ends in `_test.lua`, and what lies beside tests in a folder `tests`, has what
  ///     `moongate test` gives.
  ///   - kind: nil to take a script with `@name` for a snippet.
  ///   - lab: the functions of `gateway_lab`; empty when they are not known here.
  public static func findings(
    _ source: [UInt8], name: String, as kind: Kind? = nil, lab: [Operation] = []
  ) -> [Finding] {
    let checker = Checker(source, name: name, kind: kind, lab: lab)
    checker.run()
    return checker.sorted
  }
}

/// One look at one script.
final class Checker {
  let tree: SyntaxTree
  let lines: SourceLines
  let name: String
  let header: HeaderFacts
  let isSnippet: Bool
  /// A file for `moongate test`.
  let isTest: Bool
  let lab: [Operation]

  /// A finding without its place, which is counted when all are there.
  private struct Found {
    var rule: String
    var severity: Finding.Severity
    var message: String
    var suggestion: String?
    var range: Range<Int>
  }

  /// More findings of one file nobody reads.
  private static let mostFindings = 1000

  private var found: [Found] = []
  /// What is near to names that are looked for again and again.
  var nearNames: [String: String?] = [:]
  /// What is known of the variables that are set once, by their place in the tree.
  var variables: [Int: Known] = [:]
  /// Operations that are named, with where.
  var operations: [(name: String, range: Range<Int>)] = []
  /// Where an operation is called whose name is not written.
  var unclear: [Range<Int>] = []
  var readArguments: Set<String> = []
  var readsAllArguments = false
  var readSecrets: Set<String> = []
  var readsAllSecrets = false
  /// What the last call called, for its further values.
  var lastCallee: Known?
  /// Globals that the script sets itself.
  let ownGlobals: Set<String>
  private(set) lazy var globalUses = GlobalUse.all(in: tree)
  private(set) lazy var localNames = Set(tree.variables.map(\.name))
  /// The codes of errors that the script makes itself, as in `error{ code = "Mine" }`.
  private(set) lazy var ownCodes: Set<String> = {
    let (tokens, source) = (LuaLexer(tree.source).tokens, tree.source)
    return Set(
      tokens.indices.dropFirst(2).compactMap { index in
        guard tokens[index].kind == .string, tokens[index - 1].kind == .assign,
          source[tokens[index - 2].range].elementsEqual("code".utf8)
        else { return nil }
        return String(decoding: source[tokens[index].range].dropFirst().dropLast(), as: UTF8.self)
      })
  }()

  init(_ source: [UInt8], name: String, kind: Check.Kind?, lab: [Operation]) {
    let lua = Self.withoutPreamble(source)
    tree = LuaParser.parse(lua)
    lines = SourceLines(lua)
    self.name = name
    self.lab = lab
    header = HeaderFacts(source)
    isSnippet = kind.map { $0 == .snippet } ?? header.isOfSnippet
    ownGlobals = Set(tree.globalWrites.map(\.name))
    let parts = name.split(separator: "/").map(String.init)
    isTest =
      name.hasSuffix("_test.lua") || parts.last?.hasPrefix("test_") == true
      || parts.dropLast().last == "tests"
      || tree.globalWrites.contains { $0.isFunction && $0.name.hasPrefix("test_") }
  }

  func run() {
    checkSource()
    checkHeader()
    for error in tree.errors { add("syntax", error.message, at: error.range) }
    // Of what was not understood nothing more can be said.
    guard tree.isLua else { return }
    visit(tree.block)
    checkGlobals()
    checkLocals()
    checkArguments()
    checkPermissions()
  }

  // MARK: Findings

  func add(
    _ rule: String, _ message: String, at range: Range<Int>, suggestion: String? = nil,
    severity: Finding.Severity? = nil
  ) {
    guard let row = Rule.named(rule) else { return }
    found.append(
      Found(
        rule: rule, severity: severity ?? row.severity, message: message, suggestion: suggestion,
        range: range.clamped(to: 0..<max(0, tree.source.count))))
  }

  /// Lua's compiler sees neither a byte order mark nor a first line that names an interpreter; places stay what they are.
  private static func withoutPreamble(_ source: [UInt8]) -> [UInt8] {
    var source = source
    var start = 0
    if source.starts(with: [0xEF, 0xBB, 0xBF]) {
      start = 3
      source.replaceSubrange(0..<3, with: [0x20, 0x20, 0x20])
    }
    guard source.count > start, source[start] == UInt8(ascii: "#") else { return source }
    while start < source.count, source[start] != 0x0A, source[start] != 0x0D {
      source[start] = 0x20
      start += 1
    }
    return source
  }

  /// What a search for a near name gives. What will not be read is not searched for: a file of a hundred thousand slips
  /// must not take an hour.
  func soughtName(_ search: () -> String?) -> String? {
    found.count < Self.mostFindings ? search() : nil
  }

  /// The nearest of some names, and the end of a sentence that asks for it.
  func near(_ name: String, _ names: [String]) -> (suggestion: String?, hint: String) {
    let near = soughtName { nearest(to: name, in: names.sorted()) }
    return (near, near.map { "; did you mean \($0)?" } ?? "")
  }

  /// In the order of the source, without what a comment silences, each once.
  var sorted: [Finding] {
    let silenced = Silenced(tree.comments, lines)
    var seen: [Finding] = []
    var counter = PlaceCounter(lines)
    // Where there is too much, what is only worth knowing gives way to what makes a script fail.
    let worse = found.count > Self.mostFindings ? found.filter { $0.severity != .info } : []
    let order = (worse.isEmpty ? found : worse).sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for found in order where seen.count < Self.mostFindings {
      let start = counter.place(of: found.range.lowerBound)
      let finding = Finding(
        rule: found.rule, severity: found.severity, message: found.message, suggestion: found.suggestion,
        start: start, end: lines.place(of: found.range.upperBound, after: found.range.lowerBound, start),
        range: found.range)
      if !silenced.contains(finding), seen.last != finding { seen.append(finding) }
    }
    return seen
  }
}

/// The rows on which `-- check: ignore RULE` silences rules.
private struct Silenced {
  /// By row; empty for all rules.
  private var rules: [Int: Set<String>] = [:]

  init(_ comments: [Range<Int>], _ lines: SourceLines) {
    for comment in comments {
      let text = String(decoding: lines.source[comment], as: UTF8.self).drop { $0 == "-" || $0 == " " }
      guard text.hasPrefix("check:") else { continue }
      let words = text.dropFirst("check:".count).split { " ,\t".contains($0) }.map(String.init)
      guard words.first == "ignore" else { continue }
      let row = lines.line(of: comment.lowerBound)
      let before = lines.source[lines.range(of: row).lowerBound..<comment.lowerBound]
      // On a row of its own it speaks of the next.
      let isAlone = before.allSatisfy { $0 == 0x20 || $0 == 0x09 }
      rules[isAlone ? row + 1 : row, default: []].formUnion(
        words.dropFirst().prefix { Rule.named($0) != nil })
    }
  }

  func contains(_ finding: Finding) -> Bool { rules[finding.start.line]?.contains(finding.rule) ?? false }
}
