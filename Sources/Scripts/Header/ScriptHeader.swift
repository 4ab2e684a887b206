// ScriptHeader: what a script says about itself in the comments it begins with. Read without running it, and strictly: a
// slip in what a script may do must not pass for a remark.
import AWSCore

/// The `--` lines from line 1, after an optional `#!`, to the first other line; see docs/scripts.md.
public struct ScriptHeader: Sendable, Equatable {
  /// A line `-- @name text`.
  public struct Tag: Sendable, Equatable {
    public let name: String
    public let text: String
    public let line: Int
    /// Where the `@` and the text begin, in bytes of the line, from 1.
    public let column: Int
    let textColumn: Int
  }

  /// Why a header cannot be used, for people.
  public struct Problem: Error, Equatable, Sendable {
    public let line: Int
    /// In bytes of the line, from 1; nil where the whole line is meant.
    public let column: Int?
    public let message: String
    /// What was most likely meant, alone; the message says it too.
    public let suggestion: String?

    init(line: Int, column: Int? = nil, message: String, suggestion: String? = nil) {
      self.line = line
      self.column = column
      self.message = message
      self.suggestion = suggestion
    }
  }

  /// A line `-- @secret NAME Text`: what `secret("NAME")` gives the script.
  public struct Secret: Sendable, Equatable {
    public let name: String
    public let text: String
  }

  /// A line `-- @require NAME@VERSION`: a snippet that this one may `require`.
  public struct Requirement: Sendable, Equatable {
    public let name: String
    public let version: SemanticVersion
    public let line: Int
  }

  /// The first line above the first tag, and the others.
  public internal(set) var summary = ""
  public internal(set) var description = ""
  /// Every tag in the order it stands.
  public internal(set) var tags: [Tag] = []
  /// The operations that `@allow` names, by AWS's name, `read` spelled out. Nil without the tag.
  public internal(set) var allowed: Set<String>?
  /// What `@limit` asks for.
  public internal(set) var limits = RequestedLimits()
  public internal(set) var version: SemanticVersion?
  /// What the command line may give it, in the order of the header.
  public internal(set) var arguments: [ScriptArgument] = []
  public internal(set) var secrets: [Secret] = []
  public internal(set) var requirements: [Requirement] = []
  /// The oldest program that it runs with, from `@requires moongate >= x.y.z`.
  public internal(set) var minimum: SemanticVersion?

  /// The text of a tag that stands once.
  public subscript(name: String) -> String? { tags.first { $0.name == name }?.text }
  public var name: String? { self["name"] }
  /// Everybody that `@author` names.
  public var authors: [String] { texts(of: "author") }
  /// Command lines that show its use.
  public var examples: [String] { texts(of: "example") }

  private func texts(of name: String) -> [String] { tags.filter { $0.name == name }.map(\.text) }

  /// What the operator is asked for a secret by: its name, and the header's words for it.
  public func question(forSecret name: String) -> String {
    let text = secrets.first { $0.name == name }?.text ?? ""
    return text.isEmpty ? name : "\(name) (\(text))"
  }

  /// True for a script that says anything about itself by tags: `--help` is answered for it.
  public var isThere: Bool { !tags.isEmpty }

  /// Reads the header of a script.
  /// - Throws: the first problem, in the order of its lines.
  public init(_ source: [UInt8]) throws(Problem) {
    let (header, problems) = Self.read(source)
    if let first = problems.first { throw first }
    self = header
  }

  /// Reads what can be read of a header.
  /// - Returns: all that is wrong with it, in the order of its lines. Of a script for a newer program only that is said:
  ///   what else this one does not understand may be right there.
  public static func read(_ source: [UInt8]) -> (header: ScriptHeader, problems: [Problem]) {
    var reader = HeaderReader()
    reader.read(source)
    return (reader.header, reader.problems)
  }

  init() {}
}

/// Three numbers, as `@version` and `@require` write them.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let numbers: [UInt32]

  /// Nil for anything but `1.2.3` without leading zeros.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in UInt32(part).flatMap { String($0) == part ? $0 : nil } }
    guard parts.count == 3, numbers.count == 3 else { return nil }
    self.numbers = numbers
  }

  public var description: String { numbers.map(String.init).joined(separator: ".") }

  public static func < (a: SemanticVersion, b: SemanticVersion) -> Bool {
    a.numbers.lexicographicallyPrecedes(b.numbers)
  }
}

extension ScriptHeader.Requirement: CustomStringConvertible {
  public var description: String { "\(name)@\(version)" }
}
