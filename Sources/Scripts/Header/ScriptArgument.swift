// ScriptArgument: what a script's command line may give it, as its header declares it:
// `-- @arg NAME TYPE[?|*|=DEFAULT] Text`.
import AWSCore
import BackupGateway

public struct ScriptArgument: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case string, integer, number, boolean
    /// Seconds, for the script.
    case duration
    case timestamp
    /// One of some words.
    case choice([String])
    /// An ARN, for the script.
    case resource(ResourceKind)
    /// A file that is read for the script.
    case file(FileForm)
    /// A file that what the script writes goes to.
    case output
  }

  /// What is made of a file: an array of its lines, the value of a JSON document, or an array of tables by the first
  /// record of a CSV file.
  public enum FileForm: String, Sendable, Equatable {
    case lines, json, csv
  }

  /// How often it is given.
  public enum Need: Sendable, Equatable {
    case required
    /// Nil for the script where it is absent.
    case optional
    /// Any number of times: an array for the script.
    case repeated
    case byDefault(String)
  }

  /// As the script has it: `args.max_age`.
  public let name: String
  public let kind: Kind
  let need: Need
  /// What it is for, in the header's words.
  public let text: String
  public let line: Int

  /// As the command line has it: `max-age`.
  public var option: String { name.replacing("_", with: "-") }

  /// `ONLINE|OFFLINE`, `duration`, as the header writes the type.
  public var typeName: String {
    switch kind {
    case .string: "string"
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .duration: "duration"
    case .timestamp: "timestamp"
    case .choice(let words): words.joined(separator: "|")
    case .resource(let kind): Self.word(for: kind)
    case .file(let form): form.rawValue
    case .output: "output"
    }
  }

  /// True when a run without it is refused. A boolean that is not given is false.
  public var isRequired: Bool { need == .required && kind != .boolean }

  /// Two whose options cannot be told apart: `cache` as a boolean takes --no-cache too.
  func collides(with other: ScriptArgument) -> Bool { !options.isDisjoint(with: other.options) }

  /// Every option that gives it.
  var options: Set<String> { kind == .boolean ? [option, "no-\(option)"] : [option] }

  // MARK: Reading

  /// Names that cannot be an argument's: options that must not be taken for a script's, and Lua's words.
  private static let reserved: Set<String> = [
    "help", "allow", "audit", "dry_run", "grant", "local", "max_writes", "read_only", "shard", "trust",
    "untrusted",
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  private static let plain: [String: Kind] = [
    "string": .string, "integer": .integer, "number": .number, "boolean": .boolean, "duration": .duration,
    "timestamp": .timestamp, "output": .output, "lines": .file(.lines), "json": .file(.json),
    "csv": .file(.csv),
  ]

  /// The header's words for resources: those of the service's kinds.
  public static func word(for kind: ResourceKind) -> String { kind.rawValue }

  private static let kinds: [String: Kind] = plain.merging(
    ResourceKind.allCases.map { (word(for: $0), .resource($0)) }
  ) { plain, _ in plain }

  /// Names of arguments and secrets: small letters, digits and `_`, beginning with a letter.
  static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 40 else {
      return false
    }
    return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }

  init(_ tag: ScriptHeader.Tag) throws(ScriptHeader.Problem) {
    let (name, rest) = Self.word(tag.text[...])
    guard Self.isName(name) else {
      let plain = name.lowercased().replacing("-", with: "_")
      throw tag.problem(
        "@arg takes a name of small letters, digits and _, a type and a text, as in "
          + "@arg max_age duration=7d Oldest backup", at: name,
        suggestion: Self.isName(plain) && plain != name ? plain : nil)
    }
    guard !Self.reserved.contains(String(name)) else {
      throw tag.problem("@arg \(name): that name is taken", at: name)
    }
    let (type, text) = try Self.type(rest, tag)
    guard !type.isEmpty else {
      throw tag.problem(
        "@arg \(name) needs a type; there is \(Self.kinds.keys.sorted().joined(separator: ", ")), "
          + "and a|b|c for a choice")
    }
    let word = type.prefix { $0 != "=" && $0 != "?" && $0 != "*" }
    let suffix = type[word.endIndex...]
    self.name = String(name)
    self.text = trimmed(text)
    line = tag.line
    kind = try Self.kind(word, of: String(name), tag)
    switch suffix.first {
    case nil: need = .required
    case "?" where suffix.count == 1: need = .optional
    case "*" where suffix.count == 1: need = .repeated
    case "=": need = .byDefault(Self.unquoted(suffix.dropFirst()))
    default:
      throw tag.problem(
        "@arg \(name): behind its type stands ?, * or =DEFAULT, and one of them only", at: suffix)
    }
    try checkNeed(tag, suffix)
  }

  private func checkNeed(_ tag: ScriptHeader.Tag, _ suffix: Substring) throws(ScriptHeader.Problem) {
    switch (kind, need) {
    case (.boolean, .repeated), (.output, .repeated):
      throw tag.problem("@arg \(name): a \(typeName) is given once", at: suffix)
    case (.file, .byDefault), (.output, .byDefault):
      throw tag.problem(
        "@arg \(name): a file has no default: it is opened because the command line names it; "
          + "write \(typeName)?", at: suffix)
    case (.resource, .byDefault(let text)):
      guard !text.isEmpty else { throw tag.problem("@arg \(name): the default is empty", at: suffix) }
    case (_, .byDefault(let text)):
      do throws(ArgumentProblem) {
        _ = try ArgumentText.value(of: text, as: self)
      } catch {
        throw tag.problem(
          "@arg \(name): the default \(error.message.replacing(/^takes/, with: "must be"))", at: suffix)
      }
    default: break
    }
  }

  private static func word(_ text: Substring) -> (Substring, rest: Substring) {
    let word = text.prefix { $0 != " " && $0 != "\t" }
    return (word, text[word.endIndex...].drop { $0 == " " || $0 == "\t" })
  }

  /// The type with what stands behind it; a default in quotes may hold spaces.
  private static func type(
    _ text: Substring, _ tag: ScriptHeader.Tag
  ) throws(ScriptHeader.Problem) -> (Substring, rest: Substring) {
    let (word, rest) = word(text)
    guard let start = word.firstRange(of: "=\"")?.upperBound else { return (word, rest) }
    guard let end = text[start...].firstIndex(of: "\"") else {
      throw tag.problem("the default has no closing quote", at: word)
    }
    let after = text.index(after: end)
    return (text[..<after], text[after...].drop { $0 == " " || $0 == "\t" })
  }

  private static func unquoted(_ text: Substring) -> String {
    guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return String(text) }
    return String(text.dropFirst().dropLast())
  }

  private static func kind(
    _ word: Substring, of name: String, _ tag: ScriptHeader.Tag
  ) throws(ScriptHeader.Problem) -> Kind {
    if let kind = kinds[String(word)] { return kind }
    guard word.contains("|") else {
      throw tag.problem(
        "@arg \(name): there is no type \(word); there is \(kinds.keys.sorted().joined(separator: ", ")), "
          + "and a|b|c for a choice", at: word, suggestion: nearest(to: String(word), in: kinds.keys.sorted())
      )
    }
    let words = word.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard !words.contains(where: \.isEmpty), Set(words).count == words.count else {
      throw tag.problem(
        "@arg \(name): a choice is words between |, none of them twice, as in red|green", at: word)
    }
    return .choice(words)
  }
}
