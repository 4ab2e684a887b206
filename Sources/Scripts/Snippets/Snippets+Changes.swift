// Adding, updating and removing: what of it is refused whatever the operator says.
import AWSCore
import Host

extension Snippets {
  /// Whether a candidate may take the place of what is pinned.
  /// - Throws: a report (exit code 251) for a version that is lower than one that was added before, for other bytes under the
  ///   same version, and for a name that another registry's snippet has already.
  public func check(_ candidate: SnippetCandidate, _ lock: SnippetLock) throws(Report) {
    func refused(_ message: String) -> Report {
      Report(message: "\(candidate.code.title) is not added: \(message)", exitCode: ExitCode.refused)
    }
    let name = candidate.code.name
    for part in candidate.parts {
      let key = "\(part.registry)/\(part.code.name)"
      let isRoot = part.code.name == name
      // What a snippet requires it names by version, which its author chose.
      if isRoot, let highest = lock.highest[key], part.code.version < highest {
        throw refused(
          "\(highest) of it was added before, and a lower version is never added again: it may have the very fault "
            + "that was mended")
      }
    }
    // What is required too: a version whose bytes change is none, whoever signs them.
    for pin in candidate.parts.map(\.pin) {
      if let other = lock.pins.first(where: { pin.isOtherBytes(than: $0) }) {
        throw refused(
          "the registry has other bytes under the same version of \(pin.name) than those that were added (sha256:"
            + "\(pin.sha256), pinned is sha256:\(other.sha256)); a change must have a version of its own")
      }
    }
    guard let locked = lock[name] else { return }
    guard locked.pin.registry == candidate.part.registry else {
      throw refused(
        "\(name) is pinned from the registry \(locked.pin.registry), and this one is from "
          + "\(candidate.part.registry); remove the other first")
    }
  }

  /// Writes a candidate's bytes into the store, and pins them. The operator has agreed to it.
  public func add(_ candidate: SnippetCandidate) throws(Report) {
    try store.change { (lock, folder) throws(Report) in
      // Another process may have added something meanwhile.
      try check(candidate, lock)
      for part in candidate.parts { try SnippetStore.put(part, in: folder) }
      lock.put(
        LockedSnippet(
          pin: candidate.part.pin, permissions: candidate.code.permissions,
          requirements: candidate.requirements.map(\.pin), added: now.inWholeSeconds))
    }
  }

  /// Looks at what is pinned, every byte; all of it where no names are given.
  /// - Returns: a row for each: nil where nothing is wrong.
  public func verify(_ names: [String]) throws(Report) -> [(name: String, problem: String?)] {
    let lock: SnippetLock
    do throws(Report) { lock = try store.lock() } catch {
      return [(SnippetLock.fileName, error.message)]
    }
    for name in names where lock[name] == nil { throw lock.notAdded(name) }
    return lock.snippets.filter { names.isEmpty || names.contains($0.name) }.map { locked in
      do throws(Report) {
        _ = try verified(locked)
        return (locked.name, nil)
      } catch {
        return (locked.name, error.message)
      }
    }
  }
}

/// What an update would change.
public struct SnippetUpdate {
  public let before: LockedSnippet
  public let candidate: SnippetCandidate
  /// What is pinned, for the difference.
  let old: SnippetCandidate

  /// The difference of the code, and of all that it requires.
  public var code: String {
    let names = Set((old.parts + candidate.parts).map(\.code.name)).subtracting([before.name]).sorted()
    return ([before.name] + names).map { name in
      let before = old.parts.first { $0.code.name == name }?.code
      let after = candidate.parts.first { $0.code.name == name }?.code
      return UnifiedDiff.text(
        from: before?.bytes ?? [], named: before?.title ?? "nothing", to: after?.bytes ?? [],
        named: after?.title ?? "nothing")
    }.joined()
  }
  /// How what it may do changes.
  public var permissions: [SnippetPermissions.Change] {
    candidate.code.permissions.changes(since: before.permissions)
  }
  /// True when it may do more than before.
  public var grows: Bool { permissions.contains(where: \.grows) }
  /// The parts, by name, that somebody else vouches for than before.
  public var changedSigners: [(name: String, before: SnippetSigner, after: SnippetSigner)] {
    candidate.parts.compactMap { part in
      guard let old = old.parts.first(where: { $0.code.name == part.code.name }),
        !old.signer.isSame(as: part.signer)
      else { return nil }
      return (part.code.name, old.signer, part.signer)
    }
  }
}

extension Snippets {
  /// The update that its registry has for a pinned snippet; nil when there is none.
  public func update(of locked: LockedSnippet) throws(Report) -> SnippetUpdate? {
    let registry = try registry(locked.pin.registry)
    let versions = try registry.listings().versions(of: locked.name)
    guard let highest = versions.first?.version, highest >= locked.pin.version else { return nil }
    let reference = SnippetReference(name: locked.name, version: highest, registry: registry.name)
    let candidate = try candidate(reference)
    try check(candidate, try store.lock())
    guard highest > locked.pin.version else { return nil }
    return try update(of: locked, to: candidate)
  }

  /// Why a pinned snippet would not run; nil where nothing is wrong.
  public func problem(with locked: LockedSnippet) -> Report? {
    do throws(Report) {
      _ = try verified(locked)
      return nil
    } catch { return error }
  }

  /// What would mend the copy of a pinned snippet: the bytes that the lock names, from where they came.
  /// - Throws: a report where its registry has them not, or they may not be added.
  public func repair(of locked: LockedSnippet) throws(Report) -> SnippetCandidate {
    let candidate = try candidate(
      SnippetReference(name: locked.name, version: locked.pin.version, registry: locked.pin.registry))
    try check(candidate, try store.lock())
    return candidate
  }

  /// What taking a candidate in the place of a pinned snippet changes.
  public func update(of locked: LockedSnippet, to candidate: SnippetCandidate) throws(Report) -> SnippetUpdate
  {
    do throws(Report) {
      return SnippetUpdate(before: locked, candidate: candidate, old: try verified(locked))
    } catch {
      // As after a key was revoked: the way on is a new beginning, at which all of the source is seen.
      throw Report(
        message: "\(error.message). To have \(candidate.code.title) in its place: moongate snippet remove "
          + "\(locked.name), and then add it", exitCode: error.exitCode)
    }
  }
}

extension Timestamp {
  fileprivate var inWholeSeconds: Timestamp {
    Timestamp(microseconds: microseconds - microseconds % 1_000_000)
  }
}
