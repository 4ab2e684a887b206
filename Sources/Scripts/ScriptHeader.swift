// ScriptHeader: what a script says about itself in the comments it begins with. Read without running it, and strictly: a
// slip in what a script may do must not pass for a remark.
import AWSCore
import BackupGateway

/// The `--` lines from line 1, after an optional `#!`, to the first other line; see the design, "Scripts and snippets".
public struct ScriptHeader: Sendable, Equatable {
  /// A line `-- @name text`.
  public struct Tag: Sendable, Equatable {
    public let name: String
    public let text: String
    public let line: Int
  }

  /// Why a header cannot be used, for people.
  public struct Problem: Error, Equatable, Sendable {
    public let line: Int
    public let message: String
  }

  /// The lines above the first tag.
  public private(set) var summary = ""
  /// Every tag in the order it stands.
  public private(set) var tags: [Tag] = []
  /// The operations that `@allow` names, by AWS's name, `read` spelled out. Nil without the tag.
  public private(set) var allowed: Set<String>?
  /// What `@limit` asks for.
  public private(set) var limits = RequestedLimits()

  /// The text of a tag that stands once.
  public subscript(name: String) -> String? { tags.first { $0.name == name }?.text }
  public var name: String? { self["name"] }
  public var version: String? { self["version"] }

  /// Each tag, and whether it may stand more than once.
  private static let known: [String: Bool] = [
    "name": false, "version": false, "author": false, "allow": false, "limit": false, "requires": false,
    "arg": true, "require": true, "secret": true, "example": true,
  ]

  /// - Throws: a tag that is unknown, given twice or cannot be read, with its line.
  public init(_ source: [UInt8]) throws(Problem) {
    var words: [String] = []
    for (line, comment) in Self.comments(source) {
      guard let tag = try Self.tag(comment, line) else {
        if tags.isEmpty { words.append(String(decoding: comment, as: UTF8.self)) }
        continue
      }
      guard let mayRepeat = Self.known[tag.name] else {
        let hint = nearest(to: tag.name, in: Self.known.keys.sorted()).map { "; did you mean @\($0)?" } ?? ""
        throw Problem(line: line, message: "there is no tag @\(tag.name)\(hint)")
      }
      if !mayRepeat, let first = tags.first(where: { $0.name == tag.name }) {
        throw Problem(line: line, message: "@\(tag.name) stands in line \(first.line) already")
      }
      tags.append(tag)
      switch tag.name {
      case "name": try Self.checkName(tag)
      case "version": try Self.checkVersion(tag)
      case "allow": allowed = try Self.operations(tag)
      case "limit": limits = try RequestedLimits(tag)
      default: break
      }
    }
    summary = words.map(Self.trimmed).filter { !$0.isEmpty }.joined(separator: "\n")
  }

  // MARK: Lines

  /// The comments of the header with their line numbers, without dashes. Lines end where Lua ends them: a lone CR does.
  private static func comments(_ source: [UInt8]) -> [(line: Int, text: ArraySlice<UInt8>)] {
    let newline = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r"), dash = UInt8(ascii: "-")
    var comments: [(Int, ArraySlice<UInt8>)] = []
    var rest = source[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    for number in 1... {
      guard !rest.isEmpty else { break }
      let text = rest.prefix { $0 != newline && $0 != carriageReturn }
      rest = rest[text.endIndex...]
      // CR LF and LF CR are one end.
      if let first = rest.popFirst(), let second = rest.first, second != first,
        second == newline || second == carriageReturn
      {
        rest.removeFirst()
      }
      // Line 1 may name an interpreter; ScriptSource has made a comment of it by then.
      if number == 1, text.starts(with: "#!".utf8) || text.starts(with: "--#!".utf8) { continue }
      guard text.starts(with: "--".utf8), !opensLongComment(text.dropFirst(2)) else { break }
      comments.append((number, text.drop { $0 == dash }))
    }
    return comments
  }

  /// After `--`: `[[` or `[==[`, behind which code may stand in the same line.
  private static func opensLongComment(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "[") else { return false }
    return text.dropFirst().drop { $0 == UInt8(ascii: "=") }.first == UInt8(ascii: "[")
  }

  /// The tag that a comment is, if it is one: `@` and a word after spaces.
  private static func tag(_ comment: ArraySlice<UInt8>, _ line: Int) throws(Problem) -> Tag? {
    let text = comment.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard text.first == UInt8(ascii: "@") else { return nil }
    let word = text.dropFirst().prefix { $0 > 0x20 }
    // What is shown and decided by must be text, and the text that people see.
    guard let name = String(validating: word, as: UTF8.self),
      let value = String(validating: text[word.endIndex...], as: UTF8.self)
    else { throw Problem(line: line, message: "a tag must be UTF-8 text") }
    guard !(name + value).unicodeScalars.contains(where: isHidden) else {
      throw Problem(line: line, message: "a tag must not hold control characters")
    }
    // `---@param x` and its kin are annotations for language servers.
    if known[name] == nil, text.startIndex == comment.startIndex, isAnnotation(name) { return nil }
    return Tag(name: name, text: trimmed(value), line: line)
  }

  /// The annotations of LuaLS that stand at the top of files.
  private static func isAnnotation(_ name: String) -> Bool {
    ["meta", "diagnostic", "module", "class", "field", "alias", "type", "param", "return"].contains(name)
  }

  /// Controls, and what turns or hides text.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool { scalar.isHidden && scalar != "\t" }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  // MARK: Values

  private static func checkName(_ tag: Tag) throws(Problem) {
    let isPlain = tag.text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
    guard isPlain, !tag.text.isEmpty, tag.text.utf8.count <= 64, !tag.text.hasPrefix("-") else {
      throw Problem(
        line: tag.line, message: "@name takes small letters, digits and dashes, as in stale-vms")
    }
  }

  private static func checkVersion(_ tag: Tag) throws(Problem) {
    let parts = tag.text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ UInt32($0).map(String.init) == String($0) }) else {
      throw Problem(line: tag.line, message: "@version takes three numbers, as in 1.0.0")
    }
  }

  /// The operations that `@allow` lists, separated by commas or spaces.
  private static func operations(_ tag: Tag) throws(Problem) -> Set<String> {
    let words = tag.text.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
    guard !words.isEmpty else {
      throw Problem(line: tag.line, message: "@allow names operations, or read for all that only read")
    }
    var operations: Set<String> = []
    var seen: Set<String> = []
    for word in words {
      guard seen.insert(word).inserted else {
        throw Problem(line: tag.line, message: "@allow names \(word) twice")
      }
      if word == "read" {
        operations.formUnion(Service.operations.filter(\.isReading).map(\.name))
      } else if let operation = Service.operation(word) {
        operations.insert(operation.name)
      } else if word.contains("*") {
        throw Problem(
          line: tag.line,
          message: "@allow takes exact names, no wildcards; read stands for all that only read")
      } else {
        let names = Service.operations.map(\.name)
        let near = Service.operation(named: word)?.name ?? nearest(to: word, in: names + ["read"])
        throw Problem(
          line: tag.line,
          message: "@allow: there is no operation \(word)\(near.map { "; did you mean \($0)?" } ?? "")")
      }
    }
    return operations
  }
}
