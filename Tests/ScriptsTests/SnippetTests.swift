// Snippets: what is added is pinned by its bytes, and those bytes run or nothing does.
import AWSCore
import Glibc
import Host
import Testing

@testable import Scripts

/// A store in a folder of its own, with one snippet that requires another.
private struct Pinned {
  let path: String
  let snippets: Snippets

  init() throws {
    var template = Array("/tmp/moongate-snippets-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let library = "--- Helps.\n-- @name lib\n-- @version 1.0.0\n-- @allow ListGateways\nreturn 1\n"
    let main =
      "--- Counts.\n-- @name count\n-- @version 1.0.0\n-- @require lib@1.0.0\n-- @allow ListGateways\nprint(1)\n"
    let bundled = BundledRegistry([
      ("count", { Array(main.utf8) }), ("lib", { Array(library.utf8) }),
    ])
    snippets = Snippets(
      registries: [], bundled: bundled, store: SnippetStore(path: "\(path)/snippets"),
      trust: try Trust(Trust.Places(allowedSigners: "\(path)/none", revoked: "\(path)/none")))
    try snippets.add(try snippets.candidate(try #require(SnippetReference("count"))))
  }

  func remove() {
    for name in files { unlink("\(path)/snippets/\(name)") }
    rmdir("\(path)/snippets")
    rmdir(path)
  }

  var files: [String] {
    ((try? SnippetFolder("\(path)/snippets")?.entries()) ?? nil)?.map(\.name) ?? []
  }
}

@Suite struct SnippetTests {
  @Test func oneWrongBitInAnyByteOfTheStoreRefusesToRun() throws {
    let pinned = try Pinned()
    defer { pinned.remove() }
    #expect(pinned.files.count == 3)
    _ = try pinned.snippets.runnable("count")
    let folder = try SnippetFolder(own: "\(pinned.path)/snippets")
    for name in pinned.files {
      let whole = try #require(try folder.read(name, most: 1 << 20))
      // In place: replacing a file waits for the disk each time.
      let file = open(folder.place(name), O_RDWR)
      defer { close(file) }
      for index in whole.indices {
        for byte in [whole[index] ^ 1 << UInt8(index % 8), whole[index]] {
          #expect(pwrite(file, [byte], 1, index) == 1)
          guard byte != whole[index] else { continue }
          #expect(throws: Report.self, "\(name), byte \(index)") { try pinned.snippets.runnable("count") }
        }
      }
      try folder.write(Array(whole.dropLast()), to: name)
      #expect(throws: Report.self) { try pinned.snippets.runnable("count") }
      try folder.write(whole, to: name)
    }
    _ = try pinned.snippets.runnable("count")
  }

  @Test func whatNothingNeedsIsRemovedFromTheStore() throws {
    let pinned = try Pinned()
    defer { pinned.remove() }
    try pinned.snippets.store.remove(["count"])
    #expect(pinned.files == ["snippets.lock"])
  }

  @Test(arguments: [
    ("", false), ("a", true), ("team/a", true), ("a@1.0.0", true), ("team/a@10.20.30", true),
    ("a@1.0", false),
    ("a@01.0.0", false), ("a@", false), ("A", false), ("a/b/c", false), ("/a", false), ("../a", false),
    ("-a", false), ("a b", false), ("é", false), ("a@1.0.0@1.0.0", false), ("a\n", false),
  ])
  func namesAreSmallLettersDigitsAndDashes(text: String, isOne: Bool) {
    #expect((SnippetReference(text) != nil) == isOne)
    if let reference = SnippetReference(text) { #expect(reference.description == text) }
  }

  // MARK: What changed

  private func difference(_ old: String, _ new: String) -> String {
    UnifiedDiff.text(from: Array(old.utf8), named: "a", to: Array(new.utf8), named: "b")
  }

  /// As `diff -u` prints them, without times.
  @Test func aDifferenceIsAsDiffHasIt() {
    #expect(difference("a\nb\n", "a\nb\n").isEmpty)
    #expect(difference("", "x\n") == "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n")
    #expect(difference("x\n", "") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n")
    let lines = (1...20).map(String.init)
    var changed = lines
    changed[1] = "two"
    changed.remove(at: 15)
    let text = difference(lines.joined(separator: "\n") + "\n", changed.joined(separator: "\n") + "\n")
    #expect(
      text == """
        --- a
        +++ b
        @@ -1,5 +1,5 @@
         1
        -2
        +two
         3
         4
         5
        @@ -13,7 +13,6 @@
         13
         14
         15
        -16
         17
         18
         19

        """)
  }

  @Test func textsWithNothingInCommonAreReplacedWithoutALongComparison() {
    let old = (0..<5_000).map { "a\($0)\n" }.joined()
    let new = (0..<5_000).map { "b\($0)\n" }.joined()
    let text = difference(old, new)
    #expect(text.split(separator: "\n").count == 10_003)
  }

  /// A few old lines and very many new ones: the comparison took the square of these, in memory too.
  @Test func fewLinesThatBecomeVeryManyAreReplacedWithoutALongComparison() {
    let old = (0..<10).map { "a\($0)\n" }.joined()
    let new = (0..<60_000).map { "b\($0)\n" }.joined()
    #expect(difference(old, new).utf8.count { $0 == UInt8(ascii: "\n") } == 60_013)
  }

  @Test func permissionsThatGrowAreToldFromThoseThatShrink() throws {
    func permissions(_ header: String) throws -> SnippetPermissions {
      SnippetPermissions(try ScriptHeader(Array("-- @name a\n\(header)\n".utf8)))
    }
    let before = try permissions("-- @allow ListGateways TagResource\n-- @limit calls=1000 writes=5")
    let after = try permissions("-- @allow ListGateways DeleteGateway\n-- @limit calls=600 writes=9")
    let changes = after.changes(since: before)
    #expect(
      changes.map { "\($0.grows ? "+" : "-") \($0.text)" } == [
        "+ DeleteGateway (writes)", "- TagResource (writes)", "- calls: 1000 → 600", "+ writes: 5 → 9",
      ])
    #expect(before.changes(since: before).isEmpty)
    // Without a number, writes have no end.
    let any = try permissions("-- @allow ListGateways TagResource\n-- @limit calls=1000")
    #expect(any.changes(since: before).map(\.grows) == [true])
  }
}
