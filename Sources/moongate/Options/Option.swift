// Option: the command line as one table. getopt_long reads it, and --help is printed from it. The rows stand beside this
// file, by what they are about.
import AWSCore
import BackupGateway
import CGetopt
import Glibc
import Scripts

/// A command line that cannot be used; the message says why.
struct UsageError: Error {
  var message: String
}

/// One option: its name, its argument, what help says, and what it does.
struct Option: Sendable {
  /// Where help lists it.
  enum Section: String, Sendable, CaseIterable {
    case running = "Running"
    case session = "Whom to talk to"
    case permissions = "What code may do"
    case limits = "Limits of code"
    case sharing = "Shared code"
    case world = "What a new local world begins with (--local and serve)"
    case check = "Options of check"
    case serve = "Options of serve"
    case test = "Options of test"
    case doc = "Options of doc"
    case doctor = "Options of doctor"
  }

  var name: String
  var letter: Character?
  /// What its argument is called; nil when it takes none.
  var argument: String?
  var section: Section
  /// The commands that it does something in; nil for those of its section, none for what belongs to --version.
  var verbs: [Verb]?
  private let helpText: @Sendable () -> String
  var apply: @Sendable (inout Arguments, String) throws(UsageError) -> Void

  var help: String { helpText() }

  /// - Parameter help: put together when somebody asks: most starts only look for a name in the table.
  init(
    name: String, letter: Character? = nil, argument: String? = nil, section: Section, verbs: [Verb]? = nil,
    help: @escaping @autoclosure @Sendable () -> String,
    apply: @escaping @Sendable (inout Arguments, String) throws(UsageError) -> Void
  ) {
    self.name = name
    self.letter = letter
    self.argument = argument
    self.section = section
    self.verbs = verbs
    helpText = help
    self.apply = apply
  }

  static let all: [Option] = {
    let groups = [
      ofRunning, ofSession, ofPermissions, ofLimits, ofSharing, ofWorld, ofCheck, ofServe, ofTest, ofDoc,
      ofDoctor,
    ]
    var all: [Option] = []
    // Each row is copied once: every start with an option waits for it.
    all.reserveCapacity(groups.reduce(0) { $0 + $1.count })
    for group in groups { all += group }
    return all
  }()

  /// With their dashes, as they are written.
  static var names: [String] { all.map { "--\($0.name)" } }

  /// Reads `words` into `arguments` up to the first that is no option, and returns the others.
  static func read(_ words: [String], into arguments: inout Arguments) throws(UsageError) -> [String] {
    guard words.first?.utf8.first == UInt8(ascii: "-") else { return words }
    // getopt_long reports an option by its `val`: its place in the table, above every character.
    let base: Int32 = 256
    var argv = unsafe (["moongate"] + words).map { unsafe strdup($0) } + [nil]
    var long = unsafe all.enumerated().map { index, row in
      unsafe CGetopt.option(
        name: UnsafePointer(strdup(row.name)), has_arg: row.argument == nil ? 0 : 1, flag: nil,
        val: base + Int32(index))
    }
    unsafe long.append(CGetopt.option())
    defer {
      unsafe argv.forEach { unsafe free($0) }
      unsafe long.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0.name)) }
    }
    // '+': stop at the first word that is no option; ':': tell a missing argument from an unknown option.
    // Put together by hand: the generic `joined` looks up at run time what a string is, a tenth of a whole start.
    var letters = "+:"
    for row in all {
      guard let letter = row.letter else { continue }
      letters.append(letter)
      if row.argument != nil { letters.append(":") }
    }
    cgetopt_options_begin()
    while true {
      let begin = max(1, Int(cgetopt_option_index())) - 1
      let found = unsafe getopt_long(Int32(words.count + 1), &argv, letters, &long, nil)
      // getopt_long stands behind the word it read; `words` begin one behind `argv`.
      let next = Int(cgetopt_option_index()) - 1
      if found == -1 { return Array(words.dropFirst(next)) }
      let word = words.indices.contains(next - 1) ? words[next - 1] : ""
      if found == Int32(UInt8(ascii: ":")) { throw UsageError(message: "\(word) needs an argument") }
      guard
        let row = found >= base ? all[Int(found - base)] : all.first(where: { $0.letter == letter(found) })
      else {
        throw unknown(word, before: words.dropFirst(next))
      }
      // getopt_long takes every beginning of a name, and --tr must not be --trust.
      if found >= base, words.indices.contains(begin),
        words[begin].split(separator: "=").first != "--\(row.name)"
      {
        throw unknown(words[begin], before: words.dropFirst(next))
      }
      arguments.options.append(row.name)
      try row.apply(&arguments, unsafe cgetopt_option_argument().map { unsafe String(cString: $0) } ?? "")
    }
  }

  /// Reads options that stand behind and between words too, up to `--`.
  static func readAnywhere(_ words: [String], into arguments: inout Arguments) throws(UsageError) -> [String]
  {
    var plain: [String] = []
    var rest = words
    while let word = rest.first {
      if word == "--" { return plain + rest.dropFirst() }
      plain.append(word)
      rest = try read(Array(rest.dropFirst()), into: &arguments)
    }
    return plain
  }

  private static func letter(_ code: Int32) -> Character? {
    UInt8(exactly: code).map { Character(Unicode.Scalar($0)) }
  }

  private static func unknown(_ word: String, before rest: ArraySlice<String>) -> UsageError {
    let hint =
      if let near = nearest(to: word, in: names) {
        "; did you mean \(near)?"
      } else if let file = rest.first(where: Command.isFile) {
        "; what a script takes stands behind its file, as in \(file) \(word)"
      } else {
        ""
      }
    return UsageError(message: "there is no option \(word)\(hint)")
  }

  // MARK: Arguments

  static func number(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws(UsageError)
    -> Int
  {
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        message: "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  /// `256M` in bytes.
  static func size(_ text: String, _ name: String) throws(UsageError) -> Int {
    guard let bytes = ByteCount.parse(text) else {
      throw UsageError(message: "\(name) takes a size as in 64M or 1G, not '\(text)'")
    }
    return bytes
  }
}
