// The history: what is kept, what is not, and what a file may do to it.
import Glibc
import Testing

@testable import Shell

/// A folder of its own for each test, removed with it.
final class Folder {
  let path: String

  init() throws {
    var template = Array("/tmp/moongate-history-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { for name in ["history", "history.new", "target", "pipe", ""] { remove(path + "/" + name) } }

  var file: String { path + "/history" }

  func write(_ text: String, to name: String = "history") throws {
    let stream = try #require(fopen(path + "/" + name, "w"))
    fputs(text, stream)
    fclose(stream)
  }

  func read(_ name: String = "history") -> String {
    guard let stream = fopen(path + "/" + name, "r") else { return "" }
    defer { fclose(stream) }
    var text = ""
    var buffer = [CChar](repeating: 0, count: 65536)
    while fgets(&buffer, Int32(buffer.count), stream) != nil {
      text += String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return text
  }

  func mode(_ name: String = "history") -> mode_t {
    var status = stat()
    stat(path + "/" + name, &status)
    return status.st_mode & 0o777
  }
}

private func remember(_ texts: String..., in history: History) {
  for text in texts { history.add(text, label: "local/us-east-1", succeeded: true, time: 1_700_000_000) }
}

@Suite struct HistoryTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  @Test func aBlockComesBackWhole() {
    remember("list_gateways()", "for g in x do\n\tprint(\"g\\n\")\nend", in: History(path: folder.file))
    #expect(
      History(path: folder.file).entries == ["list_gateways()", "for g in x do\n\tprint(\"g\\n\")\nend"])
  }

  @Test func anEntryIsOneLineOfJSON() {
    History(path: folder.file).add("x = \"é\"\ny", label: "prod/eu-west-1", succeeded: false, time: 17)
    #expect(
      folder.read()
        == #"{"time":17,"label":"prod/eu-west-1","ok":false,"text":"x = \"é\"\ny"}"# + "\n")
  }

  @Test func onlyTheOwnerMayReadIt() throws {
    try folder.write("")
    chmod(folder.file, 0o644)
    remember("x = 1", in: History(path: folder.file))
    #expect(folder.mode() == 0o600)
  }

  @Test func foldersAreMade() {
    let path = folder.path + "/a/b/history"
    remember("x = 1", in: History(path: path))
    #expect(folder.mode("a/b/history") == 0o600)
    #expect(folder.mode("a") == 0o700)
    for name in ["/a/b/history", "/a/b", "/a"] { remove(folder.path + name) }
  }

  @Test func twoWritersLoseNothing() async {
    let path = folder.file
    await withTaskGroup(of: Void.self) { group in
      for writer in ["a", "b"] {
        group.addTask {
          let history = History(path: path)
          for number in 0..<500 { remember("\(writer) = \(number)", in: history) }
        }
      }
    }
    let entries = History(path: path).entries
    #expect(entries.count == 1000)
    #expect(entries.filter { $0.hasPrefix("a") } == (0..<500).map { "a = \($0)" })
    #expect(entries.filter { $0.hasPrefix("b") } == (0..<500).map { "b = \($0)" })
  }

  @Test func damagedLinesCostOnlyThemselves() throws {
    try folder.write(
      """
      {"time":1,"label":"l","ok":true,"text":"one"}
      not json
      {"text":17}
      []
      {"text":"two"}
      {"time":1,"label":"l","ok":true,"te
      """)
    let history = History(path: folder.file)
    #expect(history.entries == ["one", "two"])
    #expect(history.takeWarning() == nil)
    remember("three", in: history)
    #expect(History(path: folder.file).entries == ["one", "two", "three"])
  }

  @Test func theLastFiftyThousandAreLoaded() throws {
    try folder.write((0..<50_005).map { #"{"text":"x = \#($0)"}"# + "\n" }.joined())
    let entries = History(path: folder.file).entries
    #expect(entries.count == 50_000)
    #expect(entries.first == "x = 5")
    #expect(entries.last == "x = 50004")
  }

  @Test func ofEqualTextsTheNewestIsRecalled() throws {
    let history = History(path: folder.file)
    remember("a", "a", "b", "a", "  \n", in: history)
    #expect(history.entries == ["b", "a"])
    #expect(History(path: folder.file).entries == ["b", "a"])
    remember("b", in: history)
    #expect(history.entries == ["a", "b"])
    // Each run is in the file, with how it went.
    #expect(try history.all().map(\.text) == ["a", "a", "b", "a", "b"])
  }

  @Test func howItWentIsKept() throws {
    History(path: folder.file).add(
      "f()\n\t\"\\é\"", label: "p\"q", succeeded: false, time: 17, seconds: 0.21349)
    let expected = HistoryEntry(
      time: 17, label: "p\"q", succeeded: false, seconds: 0.213, text: "f()\n\t\"\\é\"")
    #expect(try History(path: folder.file).all() == [expected])
  }

  /// Both readers of a line, the quick one and the JSON one, see the same.
  @Test(arguments: [
    #"{"time":1,"label":"l","ok":true,"seconds":0.5,"text":"a\nb\t\"\\é"}"#,
    #"{"time":1,"label":"l","ok":true,"seconds":0.5,"text":"a\u000ab\u0009\u0022\u005c\u00e9"}"#,
    #"{ "text":"a\nb\t\"\\é", "seconds":0.5, "ok":true, "label":"l", "time":1 }"#,
  ])
  func aLineMaybeWrittenOtherwise(_ line: String) {
    let expected = HistoryEntry(time: 1, label: "l", succeeded: true, seconds: 0.5, text: "a\nb\t\"\\é")
    #expect(HistoryEntry(line: Array(line.utf8)[...]) == expected)
  }

  @Test func theFileIsReadWhenSomethingIsRecalled() {
    let history = History(path: folder.file)
    let other = History(path: folder.file)
    remember("mine", in: history)
    remember("yours", in: other)
    #expect(other.entries == ["mine", "yours"])
    #expect(history.entries == ["yours", "mine"])
  }

  @Test func aFileThatGrewTooLargeLosesItsOlderHalfAndNothingElse() async throws {
    let path = folder.file
    await withTaskGroup(of: Void.self) { group in
      for writer in ["a", "b"] {
        group.addTask {
          let file = HistoryFile(path: path, bound: 40_000)
          for number in 0..<1_000 {
            try? file.append(
              HistoryEntry(time: 1, label: "l", succeeded: true, text: "\(writer) = \(number)"))
          }
        }
      }
    }
    let texts = try HistoryFile(path: path, bound: 40_000).entries().map(\.text)
    for writer in ["a", "b"] {
      let own = texts.filter { $0.hasPrefix(writer) }
      #expect(own == (1_000 - own.count..<1_000).map { "\(writer) = \($0)" })
    }
    #expect(texts.count > 300)
    #expect(folder.mode() == 0o600)
    #expect(folder.read("history.new").isEmpty)
  }

  @Test func secretsAndIndentedLinesStayInTheSession() {
    let history = History(path: folder.file)
    remember(" x = 1", in: history)
    history.add("Password = 'hunter2'", label: "local", succeeded: true, time: 1, isSensitive: true)
    #expect(history.entries == [" x = 1", "Password = 'hunter2'"])
    #expect(folder.read().isEmpty)
  }

  @Test func aSymbolicLinkIsRefused() throws {
    try folder.write("untouched", to: "target")
    symlink(folder.path + "/target", folder.file)
    let history = History(path: folder.file)
    #expect(
      history.takeWarning() == "The history is not kept: \(folder.file) is a symbolic link.")
    #expect(history.takeWarning() == nil)
    remember("x = 1", in: history)
    #expect(history.entries == ["x = 1"])
    #expect(folder.read("target") == "untouched")
  }

  @Test func aPipeIsRefusedWithoutWaiting() {
    mkfifo(folder.file, 0o600)
    #expect(
      History(path: folder.file).takeWarning()
        == "The history is not kept: \(folder.file) is not a regular file.")
  }

  @Test func withoutAFolderTheSessionWorks() {
    let history = History(path: "/proc/moongate/history")
    #expect(
      history.takeWarning()?.hasPrefix("The history is not kept: /proc/moongate/history cannot be") == true)
    remember("x = 1", in: history)
    #expect(history.entries == ["x = 1"])
  }
}

@Suite struct RecallTests {
  @Test func upAndDownWalkBetweenTheOldestAndTheDraft() {
    let history = History(path: nil)
    remember("one", "two", in: history)
    var recall = History.Recall(history)
    #expect(recall.next() == nil)
    #expect(recall.previous(from: "draft") == "two")
    #expect(recall.previous(from: "two") == "one")
    #expect(recall.previous(from: "one") == nil)
    #expect(recall.next() == "two")
    #expect(recall.next() == "draft")
    #expect(recall.next() == nil)
  }

  @Test func aPrefixSkipsWhatDoesNotBeginWithIt() {
    let history = History(path: nil)
    remember("get_a()", "list_b()", "get_c()", "x = 1", in: history)
    var recall = History.Recall(history)
    #expect(recall.previous(from: "get", startingWith: "get") == "get_c()")
    #expect(recall.previous(from: "get_c()", startingWith: "get") == "get_a()")
    #expect(recall.previous(from: "get_a()", startingWith: "get") == nil)
    #expect(recall.next(startingWith: "get") == "get_c()")
    #expect(recall.next(startingWith: "get") == "get")
  }
}
