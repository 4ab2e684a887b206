// ScriptCompletion: what may stand behind a script, by its header.
import AWSCore
import BackupGateway

public struct ScriptCompletion {
  public struct Candidate: Sendable, Equatable {
    public let text: String
    /// What it is for.
    public let detail: String
    /// A value follows in the same word.
    public let isUnfinished: Bool
  }

  /// What the unfinished word may become. `prefix` is what of the word stands before a value, as `--state=`.
  public enum Wanted: Sendable, Equatable {
    case words([Candidate])
    case choice([String], prefix: String)
    case resource(ResourceKind, typed: String, prefix: String)
    case file
    /// Something that nobody can know, as a number.
    case nothing
  }

  private let header: ScriptHeader

  public init(_ header: ScriptHeader) { self.header = header }

  /// - Parameters:
  ///   - words: the finished words behind the script.
  ///   - typed: what there is of the next.
  public func wanted(after words: [String], _ typed: String) -> Wanted {
    guard header.isThere, !words.contains("--") else { return .file }
    if let last = words.last, let argument = argument(last), argument.kind != .boolean,
      !takesValue(words.dropLast().last)
    {
      return value(of: argument, typed, prefix: "")
    }
    if typed.hasPrefix("--"), let equals = typed.firstIndex(of: "="),
      let argument = argument(String(typed[..<equals]))
    {
      return value(
        of: argument, String(typed[typed.index(after: equals)...]), prefix: String(typed[...equals]))
    }
    return .words(options(besides: words))
  }

  /// True for a word that is an option whose value is the next.
  private func takesValue(_ word: String?) -> Bool {
    guard let word, let argument = argument(word) else { return false }
    return argument.kind != .boolean
  }

  /// The argument that a word such as `--age` names.
  private func argument(_ word: String) -> ScriptArgument? {
    guard word.hasPrefix("--") else { return nil }
    let option = word.dropFirst(2).replacing("_", with: "-")
    return header.arguments.first { $0.options.contains(String(option)) }
  }

  /// `--max-age` of `--max_age=7d`.
  private static func option(of word: String) -> String {
    String(word.prefix { $0 != "=" }).replacing("_", with: "-")
  }

  private func options(besides words: [String]) -> [Candidate] {
    var found: [Candidate] = []
    for argument in header.arguments {
      let forms = argument.options.map { "--\($0)" }.sorted { $0.count < $1.count }
      // What may stand once and does is offered no more.
      if argument.need != .repeated, words.contains(where: { forms.contains(Self.option(of: $0)) }) {
        continue
      }
      for form in forms { found.append(Candidate(text: form, detail: argument.text, isUnfinished: false)) }
    }
    return found + [Candidate(text: "--help", detail: "what the script is for", isUnfinished: false)]
  }

  private func value(of argument: ScriptArgument, _ typed: String, prefix: String) -> Wanted {
    switch argument.kind {
    case .choice(let words): .choice(words, prefix: prefix)
    case .boolean: prefix.isEmpty ? .nothing : .choice(["true", "false"], prefix: prefix)
    case .resource(let kind): .resource(kind, typed: typed, prefix: prefix)
    case .file, .output: .file
    case .string, .integer, .number, .duration, .timestamp: .nothing
    }
  }
}
