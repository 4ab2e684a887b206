// What is on disk: it lasts, it is ours, and it belongs to one server at a time.
import AWSCore
import CSQLite
import Glibc
import Testing

@testable import LocalGateway

struct StoreTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private var options: LocalGateway.Options {
    LocalGateway.Options(folder: scratch.path, virtualMachines: 20)
  }

  private func refusal() throws -> String {
    let before = scratch.read()
    let error = #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(scratch.read() == before, "a file that is refused is left as it is")
    return try #require(error).message
  }

  @Test func whatWasWrittenIsThereAfterAReopen() throws {
    let gateway = GatewayRecord(
      arn: "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-FFFFFFFF", name: "new", isLive: false,
      lastSeen: Timestamp(microseconds: 1))
    do {
      let store = try LocalGateway.store(options)
      try store.save(gateway)
    }
    let store = try LocalGateway.store(options)
    #expect(try store.gateway(gateway.arn)?.name == "new")
    let world = World(account: LocalGateway.account, region: "us-east-1")
    #expect(try store.virtualMachines(of: world, hypervisorID: nil, after: nil, limit: 100).count == 20)
    #expect(try store.gateways(of: world, after: nil, limit: 100).count == 4, "the sample is not added again")
  }

  @Test func aPageTokenOutlivesARestart() throws {
    func token() throws -> String {
      try PageToken(LocalGateway.store(options)).text(after: "arn", scope: "s")
    }
    #expect(try token() == token())
  }

  @Test func theFileSaysWhoseItIsAndIsDurable() throws {
    let store = try LocalGateway.store(options)
    func pragma(_ name: String) throws -> String? {
      try store.database.rows("PRAGMA \(name)") { $0.text(0) ?? "" }.first
    }
    #expect(try pragma("application_id") == String(Schema.applicationID))
    #expect(try pragma("user_version") == String(Schema.version))
    #expect(try pragma("journal_mode") == "delete")
    #expect(try pragma("synchronous") == "3", "EXTRA")
    #expect(try pragma("locking_mode") == "exclusive")
  }

  @Test func aHalfMadeStoreIsMadeAnew() throws {
    let draft = open(scratch.database + ".new", O_WRONLY | O_CREAT, 0o600)
    _ = Glibc.write(draft, "half", 4)
    close(draft)
    _ = try LocalGateway.store(options)
    #expect(access(scratch.database + ".new", F_OK) != 0)
  }

  @Test func aTextFileIsRefused() throws {
    scratch.write(Array(String(repeating: "my notes\n", count: 100).utf8))
    #expect(try refusal().contains("is not a SQLite database"))
  }

  @Test(arguments: [0, 16, 99])
  func aFileThatIsTooShortIsRefused(length: Int) throws {
    _ = try LocalGateway.store(options)
    scratch.write(Array(scratch.read().prefix(length)))
    #expect(try refusal().contains("shorter than any database"))
  }

  @Test func anotherProgramsDatabaseIsRefused() throws {
    do { try Database(path: scratch.database, create: true).run("CREATE TABLE t (x)") }
    #expect(try refusal().contains("belongs to another program"))
  }

  @Test func aNewerStoreIsRefused() throws {
    do { try LocalGateway.store(options).database.run("PRAGMA user_version = 3") }
    #expect(try refusal().contains("made by a newer Moongate: its store has version 3, this one knows 2"))
  }

  @Test func aTruncatedStoreIsRefused() throws {
    _ = try LocalGateway.store(options)
    scratch.write(Array(scratch.read().dropLast(8_192)))
    #expect(try refusal().contains("is damaged"))
  }

  @Test func aDamagedPageIsRefused() throws {
    _ = try LocalGateway.store(options)
    var bytes = scratch.read()
    for index in bytes.count / 2..<bytes.count / 2 + 4_096 { bytes[index] = 0xA5 }
    scratch.write(bytes)
    #expect(try refusal().contains("is damaged"))
  }

  @Test func aLinkIsRefused() throws {
    symlink("/etc/hostname", scratch.database)
    #expect(try refusal().contains("is not a regular file"))
  }

  @Test func aFolderThatCannotBeIsAnError() throws {
    for folder in ["/dev/null", "/nowhere/at/all", ""] {
      #expect(throws: LocalGatewayError.self) { try LocalGateway.start(.init(folder: folder)) }
    }
  }
}

struct FolderLockTests {
  @Test func aSecondServerIsToldWhereTheFirstIs() throws {
    let scratch = try Scratch()
    let first = try LocalGateway.start(.init(folder: scratch.path, virtualMachines: 1))
    let error = #expect(throws: LocalGatewayError.self) {
      _ = try LocalGateway.start(.init(folder: scratch.path))
    }
    #expect(error?.owner == FolderOwner(pid: getpid(), endpoint: first.endpoint))
    #expect(error?.message.contains("pid \(getpid()) at \(first.endpoint)") == true)
    first.stop()
    let second = try LocalGateway.start(.init(folder: scratch.path))
    second.stop()
    withExtendedLifetime(first) {}
  }

  @Test func whatACrashedServerLeftBehindIsNoOwner() throws {
    let scratch = try Scratch()
    let file = open("\(scratch.path)/gateway.lock", O_RDWR | O_CREAT, 0o600)
    _ = Glibc.write(file, #"{"pid":1,"endpoint":"http://127.0.0.1:1"}"#, 41)
    close(file)
    try LocalGateway.start(.init(folder: scratch.path, virtualMachines: 1)).stop()
  }

  @Test func aForeignOwnerWithoutWordsIsStillAnOwner() throws {
    let scratch = try Scratch()
    let file = open("\(scratch.path)/gateway.lock", O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    try #require(flock(file, LOCK_EX) == 0)
    let error = #expect(throws: LocalGatewayError.self) { _ = try FolderLock(folder: scratch.path) }
    #expect(error?.owner == nil)
    #expect(error?.message.contains("in use by another process") == true)
  }
}
