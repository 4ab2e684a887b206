// The commands that change what is pinned: each shows what it is about, and asks.
import AWSCore
import CSpawn
import Glibc
import Host
import Scripts

extension SnippetCommand {
  static let ofChanging: [SnippetCommand] = [
    SnippetCommand(
      name: "add", arguments: "[REGISTRY/]NAME[@VERSION]… [--hash HASH]",
      summary: "look at a snippet and pin its bytes; without a terminal, what is unsigned needs its hash",
      names: .offered
    ) { arguments throws(Failure) in
      let names = try names(arguments)
      return try reporting { () throws(Report) in try add(names, arguments) }
    },
    SnippetCommand(
      name: "update", arguments: "[NAME…] [--pull] [--hash HASH]",
      summary: "look at what is new, code and permissions, and pin it", names: .added
    ) { arguments throws(Failure) in try reporting { () throws(Report) in try update(arguments) } },
    SnippetCommand(
      name: "remove", arguments: "NAME…", summary: "unpin snippets and delete their bytes", names: .added
    ) {
      arguments throws(Failure) in
      guard !arguments.rest.isEmpty else { throw .usage("remove needs a name") }
      return try reporting { () throws(Report) in
        try arguments.snippetStore().remove(arguments.rest)
        for name in arguments.rest { Console.write("removed \(name)\n") }
        return ExitCode.ok
      }
    },
  ]

  private static func names(_ arguments: Arguments) throws(Failure) -> [SnippetReference] {
    guard !arguments.rest.isEmpty else { throw .usage("it needs a snippet") }
    return try arguments.rest.map { (word) throws(Failure) in try reference(word) }
  }

  // MARK: add

  private static func add(_ names: [SnippetReference], _ arguments: Arguments) throws(Report) -> Int32 {
    let snippets = try arguments.snippets()
    for name in names {
      let candidate = try snippets.candidate(name)
      let lock = try snippets.store.lock()
      try snippets.check(candidate, lock)
      if let locked = lock[candidate.code.name] {
        if locked.pin.sha256 == candidate.code.sha256 {
          if let problem = snippets.problem(with: locked) {
            try repair(locked, by: candidate, problem, snippets, arguments)
          } else {
            Console.write("\(candidate.code.title) is added already\n")
          }
        } else {
          // Whatever it is called: more than was agreed to is asked about.
          try take(try snippets.update(of: locked, to: candidate), snippets, arguments)
        }
        continue
      }
      // Where nobody is there, a signature that the operator trusts is a yes in advance.
      guard
        try agrees(
          to: candidate, SnippetText.facts(candidate), "Add it?",
          signatureIsEnough: !AskedTerminal.isPossible,
          seen: nil, arguments)
      else {
        throw Report(message: "\(candidate.code.title) is not added", exitCode: ExitCode.refused)
      }
      try snippets.add(candidate)
      let name = candidate.code.name
      Console.write(arguments.phrased("added \(candidate.code.title); moongate run \(name) runs it\n"))
    }
    return ExitCode.ok
  }

  /// Puts the bytes that were agreed to into the place of a copy that is not them any more.
  private static func repair(
    _ locked: LockedSnippet, by candidate: SnippetCandidate, _ problem: Report, _ snippets: Snippets,
    _ arguments: Arguments
  ) throws(Report) {
    let title = candidate.code.title
    Command.tell("moongate: the copy of \(title) is damaged: \(Console.visible(problem.message))")
    guard
      try agrees(
        to: candidate, SnippetText.facts(candidate),
        "Repair its copy with these bytes, which have the hash that was added?",
        signatureIsEnough: !AskedTerminal.isPossible, seen: nil, arguments)
    else { throw Report(message: "\(title) is not repaired", exitCode: ExitCode.refused) }
    try snippets.add(candidate)
    Console.write("repaired \(title)\n")
  }

  /// Whether the operator agrees to the bytes: by hashes given in advance, by signatures where these are enough, or by an
  /// answer.
  /// - Parameter seen: what shows the change, in the place of whole sources.
  private static func agrees(
    to candidate: SnippetCandidate, _ facts: String, _ words: String, signatureIsEnough: Bool, seen: String?,
    _ arguments: Arguments
  ) throws(Report) -> Bool {
    let hash = candidate.code.sha256
    // Whoever names bytes wants no others; of several snippets each is named.
    guard arguments.hashes.isEmpty || arguments.hashes.contains(hash) else {
      throw Report(
        message: "\(candidate.code.title) is not what --hash names: its hash is sha256:\(hash)",
        exitCode: ExitCode.refused)
    }
    let missing = candidate.unsigned.filter { !arguments.hashes.contains($0.code.sha256) }
    if missing.isEmpty, signatureIsEnough || arguments.hashes.contains(hash) { return true }
    let wanted = Set([hash] + missing.map(\.code.sha256)).sorted().map { "--hash sha256:\($0)" }
    let question = SnippetQuestion(
      words: words, facts: facts, unseen: seen ?? missing.map(SnippetText.source).joined(),
      sources: candidate.parts.map(SnippetText.source).joined())
    return try question.ask(
      otherwise: arguments.phrased(
        "look at it with moongate snippet show, and say yes with \(wanted.joined(separator: " "))"))
  }

  // MARK: update

  private static func update(_ arguments: Arguments) throws(Report) -> Int32 {
    let snippets = try arguments.snippets()
    let lock = try snippets.store.lock()
    for name in arguments.rest where lock[name] == nil { throw lock.notAdded(name) }
    if arguments.pulls { try pull(arguments) }
    var code = ExitCode.ok
    for locked in lock.snippets where arguments.rest.isEmpty || arguments.rest.contains(locked.name) {
      do throws(Report) {
        guard let update = try snippets.update(of: locked) else {
          if let problem = snippets.problem(with: locked) {
            try repair(locked, by: try snippets.repair(of: locked), problem, snippets, arguments)
          } else {
            Console.write("\(locked.name) \(locked.pin.version) is the newest\n")
          }
          continue
        }
        try take(update, snippets, arguments)
      } catch {
        Command.tell("moongate: " + arguments.phrased(error.message))
        code = error.exitCode
      }
    }
    return code
  }

  private static func take(
    _ update: SnippetUpdate, _ snippets: Snippets, _ arguments: Arguments
  ) throws(Report) {
    let title = update.candidate.code.title
    let isOnScreen = isatty(STDOUT_FILENO) == 1
    print(SnippetText.coloured(update.code, on: STDOUT_FILENO), terminator: "")
    var facts = SnippetText.facts(update.candidate) + SnippetText.changes(update.permissions)
    let changedSigners = update.changedSigners
    for (name, before, after) in changedSigners {
      facts +=
        "  ANOTHER SIGNER  \(name == update.before.name ? "" : "of \(name): ")it was "
        + "\(Console.visible(before.text)), and is \(Console.visible(after.text)) now\n"
    }
    if update.grows { facts += "  IT ASKS FOR MORE than you agreed to\n" }
    guard
      try agrees(
        to: update.candidate, facts, "Update it?", signatureIsEnough: !update.grows && changedSigners.isEmpty,
        seen: isOnScreen ? "" : SnippetText.source(Array(update.code.utf8)), arguments)
    else {
      throw Report(
        message: "\(update.before.name) stays at \(update.before.pin.version)", exitCode: ExitCode.refused)
    }
    try snippets.add(update.candidate)
    Console.write("updated \(update.before.name) \(update.before.pin.version) to \(title)\n")
  }

  /// Only because the operator asks for it; hooks that a checkout brought along are not run.
  private static func pull(_ arguments: Arguments) throws(Report) {
    let environment = Environment.process()
    for registry in arguments.registries {
      guard case let folder as FolderRegistry = registry.registry(environment, SnippetStore(path: "")),
        GitCheckout(containing: folder.path) != nil
      else { continue }
      let path = folder.path.split(separator: "'", omittingEmptySubsequences: false).joined(
        separator: "'\\''")
      var status: Int32 = 0
      let problem = unsafe cspawn_program(
        "exec git -C '\(path)' -c core.hooksPath=/dev/null -c core.fsmonitor=false pull --ff-only", &status)
      guard problem == 0, status == 0 else {
        throw Report(
          message: "git pull --ff-only in \(folder.path) failed; nothing is updated",
          exitCode: ExitCode.network)
      }
    }
  }
}
