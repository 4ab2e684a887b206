// Library: the snippets that come with the program. They are part of it, so that the first day needs no registry; each is an
// ordinary snippet all the same: it runs in a worker, and may call what its header names.

/// A snippet of the program's own.
public struct LibrarySnippet: Sendable {
  public let name: String
  public let source: @Sendable () -> [UInt8]
}

public enum Library {
  /// In the order of their names. A test holds the list against the folder.
  public static let snippets: [LibrarySnippet] = [
    LibrarySnippet(name: "orphans") { PackageResources.orphans_lua }
  ]
}
