// SnippetReference: what people write to name a snippet: NAME, NAME@1.2.0, team/NAME, team/NAME@1.2.0.
import AWSCore

public struct SnippetReference: Hashable, Sendable, CustomStringConvertible {
  public var registry: String?
  public var name: String
  public var version: SemanticVersion?

  init(name: String, version: SemanticVersion, registry: String) {
    self.registry = registry
    self.name = name
    self.version = version
  }

  /// Nil for what cannot name a snippet.
  public init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    if let slash = rest.firstIndex(of: "/") {
      registry = String(rest[..<slash])
      guard Self.isName(registry ?? "") else { return nil }
      rest = rest[rest.index(after: slash)...]
    }
    if let at = rest.firstIndex(of: "@") {
      guard let version = SemanticVersion(rest[rest.index(after: at)...]) else { return nil }
      self.version = version
      rest = rest[..<at]
    }
    name = String(rest)
    guard Self.isName(name) else { return nil }
  }

  public var description: String {
    (registry.map { "\($0)/" } ?? "") + name + (version.map { "@\($0)" } ?? "")
  }

  /// Small letters, digits and dashes: what `@name` may be, and what a registry may be called.
  public static func isName(_ text: some StringProtocol) -> Bool {
    let isPlain = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }
    return isPlain && !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix("-")
  }
}
