// GitCheckout: at which commit a folder's checkout stands, read from git's own files: no git runs, and so no hook and no filter
// that the checkout may have brought along.
import AWSCore
import Host

public struct GitCheckout: Sendable {
  /// Hexadecimal; nil for a branch without a commit.
  public let commit: String?
  let branch: String?

  /// Nil for a folder in no checkout.
  public init?(containing path: String) {
    guard let repository = Self.repository(of: path),
      let head = Self.line("HEAD", in: repository)
    else { return nil }
    guard head.hasPrefix("ref: ") else {
      (commit, branch) = (Self.isCommit(head) ? head : nil, nil)
      return
    }
    let reference = trimmed(head.dropFirst(5))
    guard reference.hasPrefix("refs/"), !reference.split(separator: "/").contains("..") else { return nil }
    branch = reference.hasPrefix("refs/heads/") ? String(reference.dropFirst(11)) : reference
    // A worktree keeps its branches with the repository that it belongs to.
    let common = Self.line("commondir", in: repository).map { Self.joined(repository, $0) } ?? repository
    commit =
      Self.line(reference, in: common).flatMap { Self.isCommit($0) ? $0 : nil }
      ?? Self.packed(reference, in: common)
  }

  /// For people: `main at 1f2e3d4c5b6a`.
  public var description: String {
    let at = commit.map { "at \($0.prefix(12))" } ?? "without a commit"
    return "git \(branch.map { "\($0.prefix(60)) " } ?? "")\(at)"
  }

  /// `.git` of the folder or of one above it, which may be a file that names the place.
  private static func repository(of path: String) -> String? {
    var folder = path
    while true {
      let git = "\(folder)/.git"
      if line("HEAD", in: git) != nil { return git }
      if let text = line(".git", in: folder), text.hasPrefix("gitdir: ") {
        return joined(folder, trimmed(text.dropFirst(8)))
      }
      guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return nil }
      folder = String(folder[..<slash])
    }
  }

  private static func joined(_ folder: String, _ path: String) -> String {
    path.hasPrefix("/") ? path : "\(folder)/\(path)"
  }

  /// The first line of a small file.
  private static func line(_ file: String, in folder: String) -> String? {
    guard let bytes = read(file, in: folder, most: 4_096) else { return nil }
    return trimmed(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private static func packed(_ reference: String, in folder: String) -> String? {
    guard let bytes = read("packed-refs", in: folder, most: 8 << 20) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    where line.hasSuffix(" \(reference)") {
      let commit = String(line.prefix { $0 != " " })
      if isCommit(commit) { return commit }
    }
    return nil
  }

  private static func read(_ file: String, in folder: String, most: Int) -> [UInt8]? {
    guard let folder = (try? SnippetFolder(folder)) ?? nil else { return nil }
    return (try? folder.read(file, most: most)) ?? nil
  }

  private static func isCommit(_ text: String) -> Bool {
    [40, 64].contains(text.utf8.count) && Digest.bytes(hex: text) != nil
  }
}
