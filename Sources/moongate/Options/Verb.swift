// Verb: the commands of moongate as its help tells them, and which options each of them takes.
import AWSCore

/// What a command line asks for: a run, or one of the other commands.
enum Verb: String, Sendable, CaseIterable {
  /// The console and every script, whether the word `run` stands before it or not.
  case run
  case test, snippet, check, stubs, serve, doc, doctor, completions, help

  /// How command lines are written, and what they are for.
  var usages: [(line: String, summary: String)] {
    switch self {
    case .run:
      [
        ("moongate [options]", "interactive console"),
        ("moongate [options] -e CODE", "run Lua code"),
        ("moongate [options] [run] FILE [args]", "run a script; - reads standard input"),
        ("moongate [options] [run] NAME [args]", "run a snippet, shared or of the library"),
        ("moongate --untrusted FILE [args]", "run somebody else's script, locked in"),
      ]
    case .test: [("moongate test FILE|FOLDER...", "run tests of scripts, in worlds of their own")]
    case .snippet: [("moongate snippet [COMMAND]", "share scripts, and run what is shared")]
    case .check: [("moongate check FILE|FOLDER...", "what is wrong with scripts, unrun")]
    case .stubs: [("moongate stubs [DIR]", "definition files for editors")]
    case .serve: [("moongate serve [options]", "a local gateway for any AWS client")]
    case .doc: [("moongate doc [NAME]", "what help() says")]
    case .doctor: [("moongate doctor [options]", "what a run needs, and what is wrong with it")]
    case .completions:
      [("moongate completions bash|zsh|fish", "what completes command lines in a shell")]
    case .help: [("moongate help [COMMAND]", "commands and options, or those of one")]
    }
  }

  /// Its options may stand behind its words too.
  var mixesOptionsAndWords: Bool { [.test, .check, .stubs, .doc].contains(self) }
}

extension Option.Section {
  /// Whose options these are, where a row does not say otherwise.
  fileprivate var verbs: [Verb] {
    switch self {
    case .running, .permissions: [.run]
    case .session, .limits, .world: [.run, .test]
    case .sharing: [.snippet]
    case .check: [.check]
    case .serve: [.serve]
    case .test: [.test]
    case .doc: [.doc]
    case .doctor: [.doctor]
    }
  }

  /// The one command that it is of, where there is one.
  var command: Verb? { verbs.count == 1 && verbs != [.run] ? verbs[0] : nil }
}

extension Option {
  func isTaken(by verb: Verb) -> Bool { (verbs ?? section.verbs).contains(verb) }

  /// An option that does nothing would be believed to do something.
  /// - Parameter names: the options that were given.
  static func refuse(_ names: [String], notOf verb: Verb) throws(UsageError) {
    for name in names {
      guard let option = all.first(where: { $0.name == name }), !option.isTaken(by: verb) else { continue }
      let owners = Verb.allCases.filter { option.isTaken(by: $0) }.map {
        $0 == .run ? "a run" : "moongate \($0.rawValue)"
      }
      throw UsageError(
        message: "--\(name) does nothing in \(verb == .run ? "a run" : "moongate \(verb.rawValue)"); "
          + "it belongs to \(owners.isEmpty ? "--version" : listed(owners))")
    }
  }

  /// The same for what describes a local world, in a run without one.
  static func refuse(_ names: [String], withoutWorld isLocal: Bool) throws(UsageError) {
    guard !isLocal, !names.isEmpty else { return }
    let worldly = all.filter { $0.section == .world || $0.name.hasPrefix("fault") }.map(\.name)
    guard let name = names.first(where: { worldly.contains($0) }) else { return }
    throw UsageError(message: "--\(name) belongs to --local, or to moongate serve")
  }
}
