// SnippetPart: code together with who vouches for it: what may be shown, asked about, pinned and run.
import AWSCore
import Host

/// One body of code, checked. Its signature, where it has one, is good.
public struct SnippetPart: Sendable {
  public let code: SnippetCode
  let signature: [UInt8]?
  /// Who vouches for it.
  public let signer: SnippetSigner
  /// By name.
  public let registry: String
  /// Where the bytes are from, for people.
  public let place: String

  var pin: SnippetPin {
    SnippetPin(
      name: code.name, version: code.version, sha256: code.sha256, registry: registry, signer: signer)
  }
}

/// A snippet with everything that it requires.
public struct SnippetCandidate: Sendable {
  public let part: SnippetPart
  public let requirements: [SnippetPart]

  /// Its own code, and all that runs with it.
  public var code: SnippetCode { part.code }
  public var parts: [SnippetPart] { [part] + requirements }

  /// A part of it is vouched for by nobody: whoever adds it must have seen the source, or name its hash.
  public var unsigned: [SnippetPart] { parts.filter { $0.signer == .unsigned } }
}

/// A snippet that may run now: every byte of it was verified a moment ago, and these bytes run.
public struct RunnableSnippet: Sendable {
  public let name: String
  public let title: String
  public let sha256: String
  public let registry: String
  public let source: [UInt8]
  public let header: ScriptHeader
  public let modules: [Snippet.Module]

  init(_ candidate: SnippetCandidate) {
    name = candidate.code.name
    title = candidate.code.title
    sha256 = candidate.code.sha256
    registry = candidate.part.registry
    source = ScriptSource.withoutPreamble(candidate.code.bytes)
    header = candidate.code.header
    modules = candidate.requirements.map {
      Snippet.Module(name: $0.code.name, source: ScriptSource.withoutPreamble($0.code.bytes))
    }
  }
}

/// Follows `@require` from one snippet to all that it needs.
struct SnippetRequirements {
  /// More is no snippet's.
  private static let most = 32

  private let root: SnippetCode
  private let find: (ScriptHeader.Requirement) throws(Report) -> SnippetPart
  private(set) var parts: [SnippetPart] = []

  /// - Parameter find: the code of a requirement.
  /// - Throws: a report (exit code 251) for requirements that go round in a circle, in two versions, that may do more than the
  ///   snippet that requires them, or are too many; and what `find` throws.
  init(
    of root: SnippetCode, find: @escaping (ScriptHeader.Requirement) throws(Report) -> SnippetPart
  ) throws(Report) {
    self.root = root
    self.find = find
    try follow(root, [root.name])
  }

  private mutating func follow(_ code: SnippetCode, _ path: [String]) throws(Report) {
    // Before the next is looked at: a long chain would end the stack first.
    guard path.count <= Self.most else { throw tooMany }
    for requirement in code.requirements {
      guard !path.contains(requirement.name) else {
        let way = (path + [requirement.name]).joined(separator: " → ")
        throw refused("its requirements go round in a circle: \(way)")
      }
      if let other = parts.first(where: { $0.code.name == requirement.name }) {
        guard other.code.version == requirement.version else {
          throw refused(
            "it requires \(requirement.name) in two versions, \(other.code.version) and \(requirement.version)"
          )
        }
        try check(other, requiredBy: code)
        continue
      }
      let part = try find(requirement)
      guard part.code.name == requirement.name, part.code.version == requirement.version else {
        throw refused("\(part.place) is \(part.code.title), not \(requirement)")
      }
      try check(part, requiredBy: code)
      try follow(part.code, path + [requirement.name])
      parts.append(part)
      guard parts.count <= Self.most else { throw tooMany }
    }
  }

  private func check(_ part: SnippetPart, requiredBy code: SnippetCode) throws(Report) {
    let beyond = part.code.permissions.beyond(code.permissions)
    guard beyond.isEmpty else {
      throw refused(
        "\(part.code.title), which \(code.name) requires, may do what \(code.name) may not: \(listed(beyond)). "
          + "The header of \(code.name) must allow it")
    }
  }

  private var tooMany: Report { refused("it requires more than \(Self.most) snippets") }

  private func refused(_ message: String) -> Report {
    Report(message: "\(root.title) is not used: \(message)", exitCode: ExitCode.refused)
  }
}
