// Snippets: the operator's snippets as a whole: where they come from, which are pinned, whom the operator trusts. Whatever is
// shown, pinned or run goes through here, as bytes in memory that were read once.
import AWSCore
import BackupGateway
import Host

public struct Snippets {
  /// The library of the program is the last.
  public let registries: [any SnippetRegistry]
  public let store: SnippetStore
  public let trust: Trust
  let now: Timestamp

  public init(
    registries: [any SnippetRegistry], bundled: BundledRegistry, store: SnippetStore, trust: Trust,
    now: Timestamp = .systemNow()
  ) {
    self.registries = registries + [bundled]
    self.bundled = bundled
    self.store = store
    self.trust = trust
    self.now = now
  }

  let bundled: BundledRegistry

  // MARK: What there is

  /// - Throws: a report (exit code 252) for a registry that is not configured.
  public func registry(_ name: String) throws(Report) -> any SnippetRegistry {
    if let registry = registries.first(where: { $0.name == name }) { return registry }
    let names = registries.map(\.name)
    let hint =
      nearest(to: name, in: names).map { "did you mean \($0)?" }
      ?? "there \(names.count == 1 ? "is" : "are") \(listed(names))."
    throw Report(
      message:
        "there is no registry \(quoted(name)); \(hint) A registry is a section [registry NAME] with url = … in "
        + "~/.config/moongate/config", exitCode: ExitCode.usage)
  }

  /// What every registry has; what cannot be used is among the problems.
  public func listings() -> [(registry: String, listings: SnippetListings)] {
    registries.map { registry in
      do throws(Report) { return (registry.name, try registry.listings()) } catch {
        var listings = SnippetListings()
        listings.problems = [error.message]
        return (registry.name, listings)
      }
    }
  }

  /// Names that can be run: pinned ones, and the program's own.
  public func names() -> [String] {
    let pinned = (try? store.lock().snippets.map(\.name)) ?? []
    return Set(pinned + bundled.names).sorted()
  }

  /// The registry and version that a reference means: the highest where it names none.
  /// - Throws: a report (exit code 252) when there is none, or more than one registry has it.
  public func find(
    _ reference: SnippetReference
  ) throws(Report) -> (registry: any SnippetRegistry, version: SemanticVersion) {
    let searched = try reference.registry.map { (name) throws(Report) in [try registry(name)] } ?? registries
    var found: [(registry: any SnippetRegistry, version: SemanticVersion)] = []
    var names: Set<String> = []
    var problems: [String] = []
    for registry in searched {
      let listings: SnippetListings
      do throws(Report) { listings = try registry.listings() } catch {
        if reference.registry != nil { throw error }
        problems.append(error.message)
        continue
      }
      names.formUnion(listings.snippets.map(\.name))
      problems += listings.problems
      let versions = listings.versions(of: reference.name).map(\.version)
      if let version = reference.version {
        if versions.contains(version) { found.append((registry, version)) }
      } else if let version = versions.first {
        found.append((registry, version))
      }
    }
    guard let first = found.first else {
      let hint = nearest(to: reference.name, in: names.sorted()).map { "; did you mean \($0)?" } ?? ""
      let known = problems.map { "\n  \($0)" }.joined()
      throw Report(message: "no registry has \(reference)\(hint)\(known)", exitCode: ExitCode.usage)
    }
    guard found.count == 1 else { throw ambiguous(reference, found.map(\.registry.name)) }
    return first
  }

  /// The bytes as a registry has them, unchecked, whatever is wrong with them: to be shown. Where they can be added, they
  /// are those that would be.
  /// - Throws: a report (exit code 252) when there are none, or in more than one registry.
  public func bytes(_ reference: SnippetReference) throws(Report) -> [UInt8] {
    let searched = try reference.registry.map { (name) throws(Report) in [try registry(name)] } ?? registries
    var found: [(registry: String, bytes: [UInt8])] = []
    for registry in searched {
      let listed = (try? registry.listings())?.versions(of: reference.name).map(\.version) ?? []
      if let version = listed.first(where: { reference.version == nil || reference.version == $0 }),
        let bytes = try registry.fetch(reference.name, version)?.bytes
      {
        found.append((registry.name, bytes))
        continue
      }
      do throws(Report) {
        guard let bytes = try registry.source(reference.name, reference.version) else { continue }
        found.append((registry.name, bytes))
      } catch {
        // One that cannot be reached has nothing to say of a snippet that another has.
        if reference.registry != nil { throw error }
      }
    }
    guard found.count <= 1 else { throw ambiguous(reference, found.map(\.registry)) }
    guard let first = found.first else {
      _ = try find(reference)
      throw Report(message: "no registry has \(reference)", exitCode: ExitCode.usage)
    }
    return first.bytes
  }

  private func ambiguous(_ reference: SnippetReference, _ registries: [String]) -> Report {
    let choices = registries.map { "\($0)/\(reference.name)" }
    return Report(
      message: "\(listed(choices)) are different snippets; name the one that is meant",
      exitCode: ExitCode.usage)
  }

  private func fetch(
    _ name: String, _ version: SemanticVersion, from registry: any SnippetRegistry
  ) throws(Report) -> FetchedSnippet {
    guard let fetched = try registry.fetch(name, version) else {
      throw Report(
        message: "\(registry.name) has no \(name)@\(version)", exitCode: ExitCode.usage)
    }
    return fetched
  }

  // MARK: What may be added

  /// A snippet of a registry with all that it requires, each checked and its signature verified.
  /// - Throws: a report for anything that is not right with one of them.
  public func candidate(_ reference: SnippetReference) throws(Report) -> SnippetCandidate {
    let (registry, version) = try find(reference)
    let root = try part(reference.name, version, from: registry)
    let requirements = try SnippetRequirements(of: root.code) { requirement throws(Report) in
      try part(requirement, beside: registry)
    }
    return SnippetCandidate(part: root, requirements: requirements.parts)
  }

  /// A requirement comes from where the snippet is from, or with the program: another registry that offers the name must
  /// not slip in.
  private func part(
    _ requirement: ScriptHeader.Requirement, beside registry: any SnippetRegistry
  ) throws(Report) -> SnippetPart {
    for place in registry.isBundled ? [registry] : [registry, bundled]
    where try place.listings().versions(of: requirement.name).contains(where: {
      $0.version == requirement.version
    }) {
      return try part(requirement.name, requirement.version, from: place)
    }
    throw Report(
      message:
        "\(registry.name) has no \(requirement), which is required; requirements come from the same registry, "
        + "or with moongate", exitCode: ExitCode.refused)
  }

  private func part(
    _ name: String, _ version: SemanticVersion, from registry: any SnippetRegistry
  ) throws(Report) -> SnippetPart {
    let fetched = try fetch(name, version, from: registry)
    let code = try SnippetCode(fetched.bytes, from: fetched.place)
    guard code.name == name, code.version == version else {
      throw Report(
        message: "\(fetched.place) says that it is \(code.title), not \(name) \(version)",
        exitCode: ExitCode.refused)
    }
    let signer = try self.signer(of: code, signature: fetched.signature, isBundled: registry.isBundled)
    return SnippetPart(
      code: code, signature: fetched.signature, signer: signer, registry: registry.name,
      place: fetched.place + (fetched.commit.map { ", \($0)" } ?? ""))
  }

  /// Who vouches for the code.
  /// - Throws: a report (exit code 251) for revoked code, and for a signature that is not good: that is never the same as
  ///   none.
  func signer(
    of code: SnippetCode, signature: [UInt8]?, isBundled: Bool = false
  ) throws(Report) -> SnippetSigner {
    switch trust.verdict(of: code.bytes, signature: signature, at: now) {
    case .verified(let signer):
      return .signed(principal: signer.principal, fingerprint: signer.fingerprint)
    case .unsigned: return isBundled ? .bundled : .unsigned
    case .refused(let failure):
      throw Report(
        message: "\(code.title) (sha256:\(code.sha256)) is not verified: \(failure.message)",
        exitCode: ExitCode.refused)
    }
  }

  // MARK: What is only looked at

  /// What a table says of the signature of a listed snippet.
  public func signature(of listing: SnippetListing, in registry: String) -> String {
    guard let registry = registries.first(where: { $0.name == registry }) else { return "unchecked" }
    if registry.isBundled { return BundledRegistry.itsName }
    // Over the network each would be two downloads.
    if registry is IndexRegistry { return listing.isSigned ? "unchecked" : "none" }
    guard let fetched = (try? registry.fetch(listing.name, listing.version)) ?? nil else {
      return "unchecked"
    }
    return trust.verdict(of: fetched.bytes, signature: fetched.signature, at: now).short
  }

  /// What is known of one that cannot be added, or not be run; of a pinned one its own copy is looked at.
  /// - Throws: a report where its bytes cannot be had, or are no snippet's.
  public func look(_ reference: SnippetReference, isPinned: Bool) throws(Report) -> SnippetLook {
    if isPinned, let pin = try store.lock()[reference.name]?.pin {
      let kept = try store.read(pin)
      return SnippetLook(
        try SnippetCode(kept.bytes, from: pin.name), kept.signature, "\(pin.registry), its copy in the store",
        trust, now)
    }
    let (registry, version) = try find(reference)
    let fetched = try fetch(reference.name, version, from: registry)
    return SnippetLook(
      try SnippetCode(fetched.bytes, from: fetched.place), fetched.signature,
      "\(registry.name), \(fetched.place)",
      trust, now)
  }

  // MARK: What may run

  /// A pinned snippet, or else one of the program's own.
  /// - Throws: a report: 252 when there is none of that name, 251 when it must not run.
  /// - Parameter commands: what else the name could have been meant for.
  public func runnable(_ name: String, orCommand commands: [String] = []) throws(Report) -> RunnableSnippet {
    RunnableSnippet(try verified(name, orCommand: commands))
  }

  /// As `runnable`, with the parts.
  public func verified(_ name: String, orCommand commands: [String] = []) throws(Report) -> SnippetCandidate {
    if let locked = try store.lock()[name] { return try verified(locked) }
    guard let fetched = bundled.fetch(name) else {
      if let registry = offering(name) {
        throw Report(
          message:
            "the registry \(registry) has a snippet \(quoted(name)), which was not added yet (moongate snippet show "
            + "\(registry)/\(name) shows it, moongate snippet add \(registry)/\(name) adds it)",
          exitCode: ExitCode.usage)
      }
      let hint =
        Self.function(name)
        ?? commands.first { $0 == "--\(name)" }.map { "; did you mean \($0)?" }
        ?? nearest(to: name, in: names() + commands).map { "; did you mean \($0)?" } ?? ""
      throw Report(
        message:
          "there is no snippet \(quoted(name))\(hint) (moongate snippet search shows what there is, list what "
          + "was added; a file of yours is named by its path, as in ./\(name).lua)",
        exitCode: ExitCode.usage)
    }
    let code = try SnippetCode(fetched.bytes, from: fetched.place)
    return try candidate(SnippetReference(name: name, version: code.version, registry: bundled.name))
  }

  /// The registry on this machine that has a snippet of this name; those of the network are not asked for a slip's sake.
  private func offering(_ name: String) -> String? {
    registries.first { registry in
      !(registry is IndexRegistry) && (try? registry.listings())?.versions(of: name).isEmpty == false
    }?.name
  }

  /// What to do for a name that Lua has a function of, as who knows the AWS CLI writes it.
  private static func function(_ name: String) -> String? {
    let luaName = String(name.map { $0 == "-" ? "_" : $0 })
    guard Vocabulary.names.contains(luaName) else { return nil }
    let operation = Service.operations.first { $0.luaName == luaName }
    if case .listing? = operation?.result {
      return "; that is a function of Lua: moongate -e 'show(\(luaName)())'"
    }
    return "; Lua has that, and moongate doc \(luaName) tells of it"
  }

  /// Reads what is pinned, once, and holds every byte of it against the lock, its signature, and what is revoked.
  func verified(_ locked: LockedSnippet) throws(Report) -> SnippetCandidate {
    let root = try part(locked.pin)
    guard root.code.permissions == locked.permissions else {
      throw Report(
        message:
          "the lock does not have the permissions that the header of \(root.code.title) asks for; it is not run. "
          + "Remove the snippet and add it again", exitCode: ExitCode.refused)
    }
    let requirements = try SnippetRequirements(of: root.code) { requirement throws(Report) in
      guard let pin = locked.requirements.first(where: { $0.name == requirement.name }) else {
        throw Report(
          message: "\(requirement), which is required, is not pinned; add \(locked.name) again",
          exitCode: ExitCode.refused)
      }
      return try part(pin)
    }
    return SnippetCandidate(part: root, requirements: requirements.parts)
  }

  private func part(_ pin: SnippetPin) throws(Report) -> SnippetPart {
    let kept = try store.read(pin)
    let place = "the copy of \(pin.name) in the store"
    let code = try SnippetCode(kept.bytes, from: place)
    guard code.name == pin.name, code.version == pin.version else {
      throw Report(
        message: "\(place) is \(code.title), and the lock says \(pin.name) \(pin.version); it is not run",
        exitCode: ExitCode.refused)
    }
    let signer = try self.signer(of: code, signature: kept.signature, isBundled: pin.signer == .bundled)
    guard signer.isSame(as: pin.signer) else {
      throw Report(
        message: "\(code.title) was added as \(pin.signer.text), and is \(signer.text) now; it is not run. "
          + "Remove it and add it again", exitCode: ExitCode.refused)
    }
    return SnippetPart(
      code: code, signature: kept.signature, signer: signer, registry: pin.registry, place: place)
  }

  /// The snippet that a file is part of, when it lies in the store or in a registry's folder.
  /// - Parameter bytes: what was read of the file, once.
  /// - Throws: a report (exit code 251) for one that is in such a place and not pinned.
  public func snippet(ofFile path: String, _ bytes: [UInt8]) throws(Report) -> RunnableSnippet? {
    guard let home = home(ofFile: path) else { return nil }
    let hash = Digest.hex(Digest.sha256(bytes))
    guard let locked = try store.lock().snippets.first(where: { $0.pin.sha256 == hash }) else {
      throw Report(
        message:
          "\(path) is in \(home) and was not added as it is: look at it and add it with moongate snippet add, "
          + "or run it once with --untrusted", exitCode: ExitCode.refused)
    }
    return RunnableSnippet(try verified(locked))
  }

  /// The store, or the folder of a registry, that a file lies in.
  private func home(ofFile path: String) -> String? {
    let folders = registries.compactMap {
      ($0 as? FolderRegistry).map { ("the registry \($0.name)", $0.path) }
    }
    return ([("the store of snippets", store.path)] + folders).first { PathSteps.lead(path, below: $0.1) }?.0
  }
}

extension Snippets {
  /// What can be added, as `registry/name`, as far as it is known without the network.
  public func offered() -> [String] {
    registries.flatMap { registry -> [String] in
      let listings = (registry as? IndexRegistry)?.keptListings() ?? (try? registry.listings())
      let names = Set(listings?.snippets.map(\.name) ?? []).sorted()
      return registry.isBundled ? names : names.map { "\(registry.name)/\($0)" }
    }
  }
}
