// Stores of other versions, stores that are not whole, and the key beside a store.
import AWSCore
import BackupGateway
import CSQLite
import Glibc
import Testing

@testable import LocalGateway

struct SchemaTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private var options: LocalGateway.Options {
    var options = LocalGateway.Options(folder: scratch.path, virtualMachines: 20)
    options.clock = { Timestamp(year: 2026, month: 3, day: 14) }
    return options
  }

  private var home: World { TestWorld.home }

  /// The schema of version 1, as it was written.
  private static let first = [
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE hypervisor (arn TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
      host TEXT NOT NULL, kms_key_arn TEXT, is_reachable INTEGER NOT NULL,
      accepts_credentials INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE gateway (arn TEXT PRIMARY KEY, name TEXT NOT NULL, hypervisor_id TEXT,
      is_live INTEGER NOT NULL, last_seen INTEGER NOT NULL, hour_of_day INTEGER, minute_of_hour INTEGER,
      day_of_week INTEGER, day_of_month INTEGER, next_update INTEGER, vpc_endpoint TEXT, deprecation INTEGER,
      software_version TEXT) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX gateway_by_hypervisor ON gateway (hypervisor_id, is_live)",
    """
    CREATE TABLE virtual_machine (arn TEXT PRIMARY KEY, hypervisor_id TEXT NOT NULL, name TEXT NOT NULL,
      host_name TEXT, path TEXT, last_backup INTEGER, vmware_tags TEXT) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX virtual_machine_by_hypervisor ON virtual_machine (hypervisor_id, arn)",
  ]

  /// A store of version 1 with three hypervisors (all well, out of reach, and refusing), a gateway each, a machine.
  private func makeFirst(without part: String? = nil) throws {
    let database = try Database(path: scratch.database, create: true)
    try database.run("PRAGMA application_id = \(Schema.applicationID)")
    try database.run("PRAGMA user_version = 1")
    for statement in Self.first where part.map({ !statement.contains(" \($0) ") }) ?? true {
      try database.run(statement)
    }
    guard part == nil else { return }
    try database.run("INSERT INTO setting VALUES ('page_token_key', 'abcd')")
    for (number, flags) in ["1, 1", "0, 1", "1, 0"].enumerated() {
      let id = "hype-\(number)"
      try database.run(
        "INSERT INTO hypervisor VALUES (?, ?, 'n', 'Host\(number)', NULL, \(flags))",
        [.text(home.arn(.hypervisor, id)), .text(id)])
      try database.run(
        "INSERT INTO gateway VALUES (?, 'g', ?, 1, 5000000, 3, 15, 0, NULL, 6000000, 'vpce', 7000000, '1.2.3')",
        [.text(home.arn(.gateway, "bgw-\(number)")), .text(id)])
    }
    try database.run(
      "INSERT INTO virtual_machine VALUES (?, 'hype-0', 'vm', 'esxi', '/path', 8000000, ?)",
      [.text(home.arn(.virtualMachine, "vm-1")), .text(#"[{"VmwareCategory":"c","VmwareTagName":"t"}]"#)])
  }

  @Test func aStoreOfVersion1IsBroughtToToday() throws {
    try makeFirst()
    for _ in 0..<2 {
      let store = try LocalGateway.store(options)
      let states = try store.hypervisors(of: home, after: nil, limit: 10).map(Rules.state)
      #expect(states == ["ONLINE", "OFFLINE", "ERROR"])
      let gateway = try #require(try store.gateway(home.arn(.gateway, "bgw-1")))
      #expect(
        gateway.hypervisorID == "hype-1" && gateway.isLive && gateway.lastSeen.microseconds == 5_000_000)
      #expect(
        gateway.maintenance == .init(hour: 3, minute: 15, dayOfWeek: 0) && gateway.vpcEndpoint == "vpce")
      #expect(
        gateway.software
          == .init(
            version: "1.2.3", nextUpdate: Timestamp(microseconds: 6_000_000),
            deprecation: Timestamp(microseconds: 7_000_000)))
      let machine = try #require(try store.virtualMachine(home.arn(.virtualMachine, "vm-1")))
      #expect(
        machine.name == "vm" && machine.path == "/path" && machine.lastBackup?.microseconds == 8_000_000)
      #expect(machine.tags == [.init(category: "c", name: "t")] && machine.vcenterTags == nil)
      #expect(try store.setting("page_token_key") == "abcd", "tokens outlive it")
      #expect(try store.database.rows("PRAGMA user_version") { $0.integer(0) } == [2])
      #expect(try Schema.fault(of: store.database) == nil)
    }
  }

  @Test func whatIsBroughtToTodayWorks() throws {
    try makeFirst()
    let store = try LocalGateway.store(options)
    let lab = Lab(store, home, ServerClock(options.clock))
    try lab.moveMachine(home.arn(.virtualMachine, "vm-1"), to: "/elsewhere")
    try store.save(Tag(key: "a", value: "b"), of: home.arn(.gateway, "bgw-1"))
    #expect(try store.virtualMachine(home.arn(.virtualMachine, "vm-1"))?.discoveredPath == "/path")
  }

  @Test(arguments: ["setting", "hypervisor", "gateway", "gateway_by_hypervisor", "virtual_machine"])
  func aStoreOfVersion1ThatIsNotWholeIsRefusedAsItIs(part: String) throws {
    try makeFirst(without: part)
    let before = scratch.read()
    let error = #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(error?.message.contains("is damaged") == true)
    #expect(scratch.read() == before)
  }

  /// A missing table was found only by the first operation that needed it.
  @Test(arguments: [
    ("DROP TABLE tag", "has no table 'tag'"), ("DROP TABLE setting", "has no table 'setting'"),
    ("DROP INDEX virtual_machine_by_hypervisor", "has no index 'virtual_machine_by_hypervisor'"),
    ("ALTER TABLE gateway DROP COLUMN bandwidth", "its table 'gateway' is not the one of store version 2"),
    ("ALTER TABLE hypervisor RENAME COLUMN login TO secret", "its table 'hypervisor' is not the one"),
  ])
  func aStoreThatLacksSomethingIsRefused(change: String, problem: String) throws {
    do { try LocalGateway.store(options).database.run(change) }
    let before = scratch.read()
    let error = #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    #expect(scratch.read() == before)
  }

  @Test func whatTheOwnerAddedIsNoHarm() throws {
    do { try LocalGateway.store(options).database.run("CREATE VIEW mine AS SELECT name FROM gateway") }
    _ = try LocalGateway.store(options)
  }

  // MARK: The key

  private var key: String { "\(scratch.path)/gateway.key" }

  @Test func theKeyIsItsOwnersAndStays() throws {
    let sealed = try LocalGateway.store(options).vault.seal([1, 2, 3], for: "x")
    var status = stat()
    #expect(stat(key, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_size == 65)
    #expect(try LocalGateway.store(options).vault.open(try #require(sealed), for: "x") == [1, 2, 3])
  }

  @Test func aStoreWithoutItsKeyIsRefused() throws {
    _ = try LocalGateway.store(options)
    unlink(key)
    let error = #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(error?.message.contains("gateway.key is missing") == true)
    #expect(access(key, F_OK) != 0, "another key would hide what has happened")
  }

  @Test func aKeyThatOthersCanReadIsRefused() throws {
    _ = try LocalGateway.store(options)
    chmod(key, 0o640)
    let error = #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(error?.message.contains("chmod 600") == true)
  }

  @Test(arguments: [
    "", "00\n", "no key at all", String(repeating: "0", count: 66), String(repeating: "G", count: 64),
  ])
  func whatIsNoKeyIsRefused(text: String) throws {
    _ = try LocalGateway.store(options)
    let file = open(key, O_WRONLY | O_TRUNC)
    _ = Glibc.write(file, text, text.utf8.count)
    close(file)
    let error = #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(error?.message.contains("is not a key") == true)
  }

  @Test func aLinkInThePlaceOfTheKeyIsRefused() throws {
    symlink("/etc/hostname", key)
    #expect(throws: LocalGatewayError.self) { try LocalGateway.store(options) }
    #expect(access(scratch.database, F_OK) != 0)
  }

  /// Killed between key and store: the key is used.
  @Test func aKeyWithoutAStoreIsTheKeyOfTheNext() throws {
    _ = try LocalGateway.store(options)
    unlink(scratch.database)
    _ = try LocalGateway.store(options)
  }
}
