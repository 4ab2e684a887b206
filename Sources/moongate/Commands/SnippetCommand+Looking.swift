// The commands that look at snippets: in registries, and at those that were added.
import AWSCore
import Host
import Scripts

extension SnippetCommand {
  static let ofLooking: [SnippetCommand] = [
    SnippetCommand(
      name: "search", arguments: "[WORD]",
      summary: "list what the registries have; WORD is in name or summary"
    ) { arguments throws(Failure) in try reporting { () throws(Report) in try search(arguments) } },
    SnippetCommand(
      name: "info", arguments: "[REGISTRY/]NAME[@VERSION]",
      summary: "say all that is known of one: whose it is, what it may do, how it is used", names: .offered
    ) { arguments throws(Failure) in
      let name = try oneName(arguments)
      return try reporting { () throws(Report) in try info(name, arguments) }
    },
    SnippetCommand(
      name: "show", arguments: "[REGISTRY/]NAME[@VERSION]",
      summary: "show the source, hidden characters by their numbers", names: .offered
    ) { arguments throws(Failure) in
      let name = try oneName(arguments)
      return try reporting { () throws(Report) in try show(name, arguments) }
    },
    SnippetCommand(name: "list", arguments: "", summary: "list the snippets that were added") {
      arguments throws(Failure) in try reporting { () throws(Report) in try list(arguments) }
    },
  ]

  /// A body's report as a failure of the command.
  static func reporting<Result>(_ body: () throws(Report) -> Result) throws(Failure) -> Result {
    do throws(Report) { return try body() } catch { throw .report(error) }
  }

  /// The one snippet that the command line names.
  private static func oneName(_ arguments: Arguments) throws(Failure) -> SnippetReference {
    guard arguments.rest.count == 1 else { throw .usage("it takes one snippet") }
    return try reference(arguments.rest[0])
  }

  static func reference(_ word: String) throws(Failure) -> SnippetReference {
    guard let reference = SnippetReference(word) else {
      throw .usage(
        "a snippet is named as in stale-vms, team/stale-vms or team/stale-vms@1.2.0, not \(quoted(word))")
    }
    return reference
  }

  // MARK: search, list

  private static func search(_ arguments: Arguments) throws(Report) -> Int32 {
    let snippets = try arguments.snippets()
    let words = arguments.rest.map { $0.lowercased() }
    var table = SnippetTable("name", "version", "registry", "signature", "summary")
    table.isCut = true
    var names: [String] = []
    for (registry, listings) in snippets.listings() {
      names += listings.snippets.map(\.name)
      for problem in listings.problems { Command.tell("moongate: \(registry): \(Console.visible(problem))") }
      for snippet in listings.highest {
        let text = "\(snippet.name) \(snippet.summary)".lowercased()
        guard words.allSatisfy({ text.contains($0) }) else { continue }
        let signature = snippets.signature(of: snippet, in: registry)
        table.rows.append([snippet.name, "\(snippet.version)", registry, signature, snippet.summary])
      }
    }
    if table.rows.isEmpty {
      let hint = words.first.flatMap { nearest(to: $0, in: names) }.map { "; did you mean \($0)?" } ?? ""
      Command.tell(
        "moongate: nothing is called or about \(quoted(arguments.rest.joined(separator: " ")))\(hint)")
    }
    Console.write(try table.text(arguments.output))
    return ExitCode.ok
  }

  private static func list(_ arguments: Arguments) throws(Report) -> Int32 {
    var table = SnippetTable("name", "version", "registry", "signer", "added", "copy", "sha256")
    // Without what the operator believes: a broken line there must not hide what was added.
    let store = try arguments.snippetStore()
    for locked in try store.lock().snippets {
      let pin = locked.pin
      let damage = store.damage(of: locked)
      if let damage { Command.tell("moongate: \(pin.name): \(Console.visible(damage))") }
      table.rows.append([
        pin.name, "\(pin.version)", pin.registry, pin.signer.short, locked.added.iso8601,
        damage == nil ? "whole" : "DAMAGED", pin.sha256,
      ])
    }
    if table.rows.isEmpty, arguments.output == nil {
      Console.write(
        arguments.phrased("Nothing was added yet. moongate snippet search lists what there is.\n"))
      return ExitCode.ok
    }
    Console.write(try table.text(arguments.output))
    return ExitCode.ok
  }

  // MARK: info, show

  /// A pinned snippet unless a registry or version is named, else what a registry has.
  private static func info(_ reference: SnippetReference, _ arguments: Arguments) throws(Report) -> Int32 {
    let snippets = try arguments.snippets()
    let isPinned = try isPinned(reference, snippets)
    let candidate: SnippetCandidate
    do throws(Report) {
      candidate = try isPinned ? snippets.verified(reference.name) : snippets.candidate(reference)
    } catch {
      // Whoever decides whom to trust must see what it is about.
      guard let look = try? snippets.look(reference, isPinned: isPinned) else { throw error }
      Console.page(
        arguments.phrased(SnippetText.facts(look, error)) + "\n"
          + ScriptHelp.text(look.code.header, name: reference.name))
      return error.exitCode
    }
    var text = SnippetText.facts(candidate)
    if isPinned, let locked = try snippets.store.lock()[reference.name] {
      text += "  added \(locked.added.iso8601)\n"
    } else if candidate.part.signer != .bundled {
      text += arguments.phrased(
        "  not added; moongate snippet add \(candidate.part.registry)/\(reference.name)\n")
    }
    Console.page(text + "\n" + ScriptHelp.text(candidate.code.header, name: reference.name))
    return ExitCode.ok
  }

  /// What is shown need not be fit to run: who looks for what is wrong with it must see it.
  private static func show(_ reference: SnippetReference, _ arguments: Arguments) throws(Report) -> Int32 {
    let snippets = try arguments.snippets()
    let bytes =
      try isPinned(reference, snippets)
      ? snippets.verified(reference.name).code.bytes : try snippets.bytes(reference)
    Console.page(SnippetText.source(bytes))
    return ExitCode.ok
  }

  private static func isPinned(_ reference: SnippetReference, _ snippets: Snippets) throws(Report) -> Bool {
    guard reference.registry == nil, let locked = try snippets.store.lock()[reference.name] else {
      return false
    }
    return reference.version == nil || reference.version == locked.pin.version
  }
}
