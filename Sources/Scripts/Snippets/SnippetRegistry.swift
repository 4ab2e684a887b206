// SnippetRegistry: a place that has snippets: a folder, a git checkout, an index over https, and the library that comes with
// the program. None of them is trusted: what comes from one is bytes, which are checked like any others.
import AWSCore
import Host

/// A snippet as a registry has it; nothing of this is checked.
public struct SnippetListing: Equatable, Sendable {
  public let name: String
  public let version: SemanticVersion
  public let summary: String
  /// A signature lies beside it.
  public let isSigned: Bool
}

/// What a registry has, and what in it cannot be used.
public struct SnippetListings: Sendable {
  public var snippets: [SnippetListing] = []
  /// For people, each names what it is about.
  public var problems: [String] = []

  public init() {}

  /// Of each name the highest version, by name.
  public var highest: [SnippetListing] {
    let byName = Dictionary(snippets.map { ($0.name, $0) }) { $0.version < $1.version ? $1 : $0 }
    return byName.values.sorted { $0.name < $1.name }
  }

  /// The versions of a name, the highest first.
  func versions(of name: String) -> [SnippetListing] {
    snippets.filter { $0.name == name }.sorted { $0.version > $1.version }
  }
}

/// Bytes from a registry.
public struct FetchedSnippet: Sendable {
  public let bytes: [UInt8]
  /// What lies beside them as their signature; empty bytes are one, which does not verify.
  public let signature: [UInt8]?
  /// Where they are from, for people.
  public let place: String
  /// At which commit of a checkout.
  public var commit: String?
}

/// A place that has snippets: a folder, an index over https, the program itself.
public protocol SnippetRegistry {
  var name: String { get }
  /// Where it is, for people.
  var place: String { get }
  /// It is part of the program.
  var isBundled: Bool { get }
  /// What there is.
  func listings() throws(Report) -> SnippetListings
  /// The bytes of one; nil when there is none of this name and version.
  func fetch(_ name: String, _ version: SemanticVersion) throws(Report) -> FetchedSnippet?
  /// The bytes that are there under a name, also those that nothing but a look is good for; the highest version where none
  /// is named.
  func source(_ name: String, _ version: SemanticVersion?) throws(Report) -> [UInt8]?
}

extension SnippetRegistry {
  public var isBundled: Bool { false }

  public func source(_ name: String, _ version: SemanticVersion?) throws(Report) -> [UInt8]? {
    if let version { return try fetch(name, version)?.bytes }
    guard let highest = try listings().versions(of: name).first else { return nil }
    return try fetch(name, highest.version)?.bytes
  }
}

/// The library that comes with the program.
public struct BundledRegistry: SnippetRegistry {
  public static let itsName = "bundled"
  public let name = BundledRegistry.itsName
  public let place = "part of moongate"
  public let isBundled = true
  private let sources: [(name: String, source: @Sendable () -> [UInt8])]

  /// - Parameter sources: the snippets by name.
  public init(_ sources: [(name: String, source: @Sendable () -> [UInt8])]) { self.sources = sources }

  /// What it has.
  public var names: [String] { sources.map(\.name) }

  public func listings() throws(Report) -> SnippetListings {
    var found = SnippetListings()
    for source in sources {
      let code = try SnippetCode(source.source(), from: "\(name)/\(source.name)")
      found.snippets.append(SnippetListing(code, isSigned: false))
    }
    return found
  }

  public func fetch(_ name: String, _ version: SemanticVersion) throws(Report) -> FetchedSnippet? {
    guard let found = fetch(name), try SnippetCode(found.bytes, from: found.place).version == version else {
      return nil
    }
    return found
  }

  /// The one version that there is.
  func fetch(_ name: String) -> FetchedSnippet? {
    sources.first { $0.name == name }.map {
      FetchedSnippet(bytes: $0.source(), signature: nil, place: "\(self.name)/\(name)")
    }
  }
}

extension SnippetListing {
  init(_ code: SnippetCode, isSigned: Bool) {
    self.init(name: code.name, version: code.version, summary: code.header.summary, isSigned: isSigned)
  }
}
