// Header: what a script says of itself in its first comment, and words on the command line that its arguments are read from.

@testable import Scripts

extension FuzzTarget {
  static let header = FuzzTarget(name: "header") { bytes in
    let (header, problems) = ScriptHeader.read(bytes)
    let thrown = (try? ScriptHeader(bytes)) == nil
    check(thrown == !problems.isEmpty, "one reader refuses it and the other does not")
    _ = try? SourceTricks.check(bytes)
    _ = ScriptSource.withoutPreamble(bytes)
    for text in header.tags.map(\.text) {
      _ = ByteCount.parse(text)
      _ = SemanticVersion(text)
      _ = SnippetReference(text)
    }
  }
}
