// The process's own files: a replaced file is whole, private, and leaves nothing beside it.
import AWSCore
import Glibc
import TestSupport
import Testing

@Suite struct EnvironmentTests {
  @Test func aFileIsReplacedAtOnceWithTheModeAskedFor() throws {
    let folder = "/tmp/moongate-environment-test-\(UUID.random())"
    mkdir(folder, 0o700)
    defer { rmdir(folder) }
    let path = "\(folder)/token.json"
    defer { unlink(path) }
    let environment = Environment.process()
    for text in ["old and long", "new"] {
      try environment.writeFile(path, Array(text.utf8), 0o600)
      #expect(Conformance.text(path) == text)
    }
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(Conformance.names(folder) == ["token.json"])
  }

  /// A base folder that depends on where moongate is started would be somebody else's choice.
  @Test(
    arguments: [
      (["XDG_STATE_HOME": "/var/state"], "/home/me", "/var/state/moongate"),
      (["XDG_STATE_HOME": "state"], "/home/me", "/home/me/.local/state/moongate"),
      ([:], "/home/me", "/home/me/.local/state/moongate"),
      (["XDG_STATE_HOME": "state"], nil, nil),
    ] as [([String: String], String?, String?)])
  func baseFoldersAreAbsolute(_ variables: [String: String], _ home: String?, _ folder: String?) {
    #expect(Environment(variables: variables, homeDirectory: home).stateFolder == folder)
  }

  @Test func whatCannotBeWrittenLeavesWhatWasThere() {
    #expect(throws: Environment.FileError.self) {
      try Environment.process().writeFile("/nonexistent/file", [1], 0o600)
    }
    #expect(throws: Environment.FileError.self) { try Environment().writeFile("/tmp/file", [1], 0o600) }
  }
}
