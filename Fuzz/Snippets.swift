// Snippets: what a registry's index says, which anybody may have written, and the lock of what the operator has added.
import AWSCore
import Glibc

@testable import Scripts

extension FuzzTarget {
  static let snippets = FuzzTarget(name: "snippets") { bytes in
    var choices = Choices(bytes)
    switch choices.number(below: 3) {
    case 0: readIndex(choices.remainder())
    case 1: readLock(choices.remainder())
    default:
      let old = choices.word()
      let text = UnifiedDiff.text(from: old, named: "a", to: choices.remainder(), named: "b")
      check(text.isEmpty || text.hasPrefix("--- a\n+++ b\n@@ "), "no diff: \(text)")
    }
  }

  private static func readIndex(_ bytes: [UInt8]) {
    guard let index = try? SnippetIndex(bytes, place: "index.json") else { return }
    let again = try? SnippetIndex(index.bytes, place: "index.json")
    check(again?.rows == index.rows, "an index that is written is not the one that was read")
  }

  /// As the lock's body, with the hash that makes it look like ours.
  private static func readLock(_ body: [UInt8]) {
    let hash = (try? JSON.decode(body)).map { Digest.hex(Digest.sha256(JSON.encode($0))) } ?? ""
    let file = Array("{\"sha256\":\"\(hash)\",\"lock\":".utf8) + body + Array("}".utf8)
    let pretty = (try? JSON.decode(file)).map { JSON.encode($0, indent: 2) + [0x0A] } ?? file
    do {
      try folder.write(pretty, to: SnippetLock.fileName)
      var lock = try SnippetLock(in: folder)
      for snippet in lock.snippets { lock.put(snippet) }
      try lock.write(to: folder)
      check(try SnippetLock(in: folder) == lock, "a lock that is written is not the one that was read")
    } catch {}
  }

  /// Where scripts/fuzz says; it goes when the run ends.
  private static let folder: SnippetFolder = {
    let scratch = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    guard let folder = try? SnippetFolder(own: "\(scratch)/snippets-\(getpid())") else {
      fail("there is no folder in \(scratch)")
    }
    return folder
  }()
}
