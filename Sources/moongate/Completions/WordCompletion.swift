// WordCompletion: what may stand at the end of a command line, for the completions of bash, zsh and fish. It reads the tables
// that the command itself reads, the headers of scripts, and live resources; it runs no script, asks the operator nothing,
// and writes nothing but what it found.
import AWSCore
import BackupGateway
import Host
import Scripts

/// What was found for the last word of a command line.
struct WordCompletion {
  struct Candidate: Equatable {
    /// The whole word.
    var text: String
    /// What people know it by, or what it is for.
    var detail = ""
    /// More of the word follows, as behind `--age=`.
    var isUnfinished = false
  }

  var candidates: [Candidate] = []
  /// Names of files may stand here too; the shell knows them.
  var takesFiles = false

  /// The hidden word that asks for it; what follows are the words behind `moongate`, the last of them unfinished.
  static let command = "__complete"

  /// Prints a line for each candidate: the word, a tab, what it is. A line that begins with `:` says what else may stand
  /// there.
  static func run(_ words: [String]) -> Int32 {
    var reader = CommandLineReader(words)
    let found = reader.complete()
    var text = found.takesFiles ? ":files\n" : ""
    for candidate in found.candidates {
      // A word that cannot be told from the next line is none that a shell could take.
      guard !candidate.text.unicodeScalars.contains(where: \.isHidden), !candidate.text.isEmpty else {
        continue
      }
      text += "\(candidate.text)\t\(Console.visible(candidate.detail))\n"
    }
    print(text, terminator: "")
    return ExitCode.ok
  }

  /// Those that begin with what is typed.
  mutating func keep(_ typed: String) { candidates.removeAll { !$0.text.hasPrefix(typed) } }
}

/// Reads a command line up to its last word.
private struct CommandLineReader {
  private var words: ArraySlice<String>
  private let typed: String
  /// The options so far, as far as they can be read.
  private var options: [String] = []
  /// Whose options may stand there.
  private var verb = Verb.run

  init(_ words: [String]) {
    typed = words.last ?? ""
    self.words = words.dropLast()
  }

  mutating func complete() -> WordCompletion {
    if let found = skipOptions() { return found }
    guard let first = words.popFirst() else { return commandsAndScripts() }
    verb = Verb(rawValue: first) ?? .run
    switch first {
    case "run":
      if let found = skipOptions() { return found }
      guard let script = words.popFirst() else { return scripts() }
      return arguments(of: script)
    case "snippet": return snippet()
    case "completions": return choose(["bash", "zsh", "fish"].map { .init(text: $0) })
    case "help": return choose(Verb.allCases.map { .init(text: $0.rawValue) })
    case "doc":
      if let found = skipOptions(amongWords: true) { return found }
      return typed.hasPrefix("-") ? optionNames() : choose(Help.names.map { .init(text: $0) })
    case "check", "test":
      if let found = skipOptions(amongWords: true) { return found }
      return typed.hasPrefix("-") ? optionNames() : files()
    case _ where Command.commands[first] != nil:
      if let found = skipOptions(amongWords: true) { return found }
      return typed.hasPrefix("-") ? optionNames() : files()
    default: return arguments(of: first)
    }
  }

  // MARK: Options

  /// Reads options up to the first other word.
  /// - Parameter amongWords: also beyond it.
  /// - Returns: what completes the last word, when that is an option or an option's value.
  private mutating func skipOptions(amongWords: Bool = false) -> WordCompletion? {
    while let word = words.first {
      guard word.hasPrefix("-"), word != "-", word != "--" else {
        guard amongWords, word != "--" else { return nil }
        words.removeFirst()
        continue
      }
      words.removeFirst()
      options.append(word)
      guard !word.contains("="), let option = Option.all.first(where: { $0.isWritten(word) }),
        option.argument != nil
      else { continue }
      guard let value = words.popFirst() else { return values(of: option, typed, before: "") }
      options.append(value)
    }
    guard typed.hasPrefix("--"), let equals = typed.firstIndex(of: "=") else {
      return typed.hasPrefix("-") && typed != "-" ? optionNames() : nil
    }
    let name = String(typed[..<equals])
    guard let option = Option.all.first(where: { $0.isWritten(name) }) else { return WordCompletion() }
    return values(of: option, String(typed[typed.index(after: equals)...]), before: name + "=")
  }

  private func optionNames() -> WordCompletion {
    choose(
      Option.all.filter { $0.isTaken(by: verb) }.map { .init(text: "--\($0.name)", detail: $0.help) })
  }

  private func values(of option: Option, _ typed: String, before prefix: String) -> WordCompletion {
    var found = option.values(typed, session: options)
    for index in found.candidates.indices {
      found.candidates[index].text = prefix + found.candidates[index].text
    }
    found.keep(self.typed)
    return found
  }

  // MARK: Words

  private func choose(_ candidates: [WordCompletion.Candidate]) -> WordCompletion {
    var found = WordCompletion(candidates: candidates)
    found.keep(typed)
    return found
  }

  private func files() -> WordCompletion { WordCompletion(takesFiles: true) }

  /// Where a command or a file may stand.
  private func commandsAndScripts() -> WordCompletion {
    var found = choose(Command.commands.keys.sorted().map { .init(text: $0) } + snippetNames())
    found.takesFiles = true
    return found
  }

  private func snippetNames() -> [WordCompletion.Candidate] {
    Snippets.summaries.map { .init(text: $0.name, detail: $0.summary) }
  }

  private func scripts() -> WordCompletion {
    var found = choose(snippetNames())
    found.takesFiles = true
    return found
  }

  private mutating func snippet() -> WordCompletion {
    if let found = skipOptions() { return found }
    guard let name = words.popFirst() else {
      return choose(SnippetCommand.all.map { .init(text: $0.name, detail: $0.summary) })
    }
    if name == "run" { verb = .run }
    if let found = skipOptions() { return found }
    if name == "run", let script = words.popFirst() { return arguments(of: script) }
    var found = choose(snippetNames())
    found.takesFiles = ["publish", "sign", "verify", "trust"].contains(name)
    return found
  }

  /// The words behind a script: its own options and their values.
  private mutating func arguments(of script: String) -> WordCompletion {
    guard let header = CompletedScript.header(of: script) else { return files() }
    let completion = ScriptCompletion(header)
    switch completion.wanted(after: Array(words), typed) {
    case .words(let candidates):
      var found = choose(
        candidates.map { .init(text: $0.text, detail: $0.detail, isUnfinished: $0.isUnfinished) })
      found.takesFiles = !typed.hasPrefix("-")
      return found
    case .choice(let words, let prefix): return choose(words.map { .init(text: prefix + $0) })
    case .file: return files()
    case .nothing: return WordCompletion()
    case .resource(let kind, let typed, let prefix):
      let resources = CompletedResources.candidates(kind, typed, options: options)
      return choose(resources.map { .init(text: prefix + $0.text, detail: $0.detail) })
    }
  }
}

extension Option {
  /// True for the words `--name` and `-l`.
  fileprivate func isWritten(_ word: String) -> Bool {
    word == "--\(name)" || letter.map { word == "-\($0)" } == true
  }
}
