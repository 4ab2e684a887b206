// Store: the world in tables. Queries and inserts; where the database comes from is StoreFile's.
//
// Lists are ordered by ARN in byte order (SQLite's BINARY collation of UTF-8) and paged by key: a page is the
// rows after the last ARN of the page before, so the thousandth costs what the first costs.
import AWSCore
import BackupGateway

final class Store {
  /// The version of this schema, kept as user_version.
  static let version: Int32 = 1
  /// "MnGt": tells our files from other programs', kept as application_id.
  static let applicationID: Int32 = 0x4D6E_4774

  /// Timestamps are microseconds since the epoch, flags 0 or 1, lists JSON.
  static let schema = [
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

  let database: Database

  init(_ database: Database) { self.database = database }

  // MARK: Settings

  func setting(_ name: String) throws(DatabaseError) -> String? {
    try database.rows("SELECT value FROM setting WHERE name = ?", [.text(name)]) { $0.text(0) ?? "" }.first
  }

  func set(_ name: String, _ value: String) throws(DatabaseError) {
    try database.run("REPLACE INTO setting VALUES (?, ?)", [.text(name), .text(value)])
  }

  // MARK: Reading

  func gateway(_ arn: String) throws(DatabaseError) -> GatewayRecord? {
    try database.rows("\(GatewayRecord.query) WHERE arn = ?", [.text(arn)], GatewayRecord.init).first
  }

  func hypervisor(_ arn: String) throws(DatabaseError) -> HypervisorRecord? {
    try database.rows("\(HypervisorRecord.query) WHERE arn = ?", [.text(arn)], HypervisorRecord.init).first
  }

  func virtualMachine(_ arn: String) throws(DatabaseError) -> VirtualMachineRecord? {
    try database.rows(
      "\(VirtualMachineRecord.query) WHERE arn = ?", [.text(arn)], VirtualMachineRecord.init
    ).first
  }

  /// Up to `limit` gateways of a world whose ARNs come after the given one.
  func gateways(of world: World, after arn: String?, limit: Int) throws(DatabaseError) -> [GatewayRecord] {
    try database.rows(
      "\(GatewayRecord.query) \(Self.page)", Self.bounds(world, arn, limit), GatewayRecord.init)
  }

  /// Up to `limit` hypervisors of a world whose ARNs come after the given one.
  func hypervisors(of world: World, after arn: String?, limit: Int) throws(DatabaseError)
    -> [HypervisorRecord]
  {
    try database.rows(
      "\(HypervisorRecord.query) \(Self.page)", Self.bounds(world, arn, limit), HypervisorRecord.init)
  }

  /// Up to `limit` virtual machines of a world, or of one of its hypervisors, whose ARNs come after the given
  /// one.
  func virtualMachines(of world: World, hypervisorID: String?, after arn: String?, limit: Int)
    throws(DatabaseError) -> [VirtualMachineRecord]
  {
    let bounds = Self.bounds(world, arn, limit)
    guard let hypervisorID else {
      return try database.rows(
        "\(VirtualMachineRecord.list) \(Self.page)", bounds, VirtualMachineRecord.init)
    }
    return try database.rows(
      "\(VirtualMachineRecord.list) \(Self.page(where: "hypervisor_id = ?4 AND"))",
      bounds + [.text(hypervisorID)], VirtualMachineRecord.init)
  }

  private static let page = page(where: "")

  private static func page(where condition: String) -> String {
    "WHERE \(condition) arn > ?1 AND arn < ?2 ORDER BY arn LIMIT ?3"
  }

  private static func bounds(_ world: World, _ arn: String?, _ limit: Int) -> [SQLValue] {
    [.text(arn ?? world.firstArn), .text(world.endArn), .integer(Int64(limit))]
  }

  // MARK: Writing

  func insert(_ hypervisor: HypervisorRecord) throws(DatabaseError) {
    try database.run(
      "INSERT INTO hypervisor VALUES (?, ?, ?, ?, ?, ?, ?)",
      [
        .text(hypervisor.arn), .text(hypervisor.id), .text(hypervisor.name), .text(hypervisor.host),
        SQLValue(hypervisor.kmsKeyArn), .integer(hypervisor.isReachable ? 1 : 0),
        .integer(hypervisor.acceptsCredentials ? 1 : 0),
      ])
  }

  func insert(_ gateway: GatewayRecord) throws(DatabaseError) {
    try database.run(
      "INSERT INTO gateway VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        .text(gateway.arn), .text(gateway.name), SQLValue(gateway.hypervisorID),
        .integer(gateway.isLive ? 1 : 0), .integer(gateway.lastSeen.microseconds),
        SQLValue(gateway.maintenance?.hour), SQLValue(gateway.maintenance?.minute),
        SQLValue(gateway.maintenance?.dayOfWeek), SQLValue(gateway.maintenance?.dayOfMonth),
        SQLValue(gateway.nextUpdate?.microseconds), SQLValue(gateway.vpcEndpoint),
        SQLValue(gateway.deprecation?.microseconds), SQLValue(gateway.softwareVersion),
      ])
  }

  func insert(_ machine: VirtualMachineRecord) throws(DatabaseError) {
    let tags =
      machine.tags.isEmpty
      ? nil : String(decoding: JSON.encode(.array(machine.tags.map(\.value))), as: UTF8.self)
    try database.run(
      "INSERT INTO virtual_machine VALUES (?, ?, ?, ?, ?, ?, ?)",
      [
        .text(machine.arn), .text(machine.hypervisorID), .text(machine.name), SQLValue(machine.hostName),
        SQLValue(machine.path), SQLValue(machine.lastBackup?.microseconds), SQLValue(tags),
      ])
  }
}

extension GatewayRecord {
  fileprivate static let query = """
    SELECT arn, name, hypervisor_id, is_live, last_seen, hour_of_day, minute_of_hour, day_of_week, day_of_month,
      next_update, vpc_endpoint, deprecation, software_version FROM gateway
    """

  fileprivate init(_ row: Statement) {
    arn = row.text(0) ?? ""
    name = row.text(1) ?? ""
    hypervisorID = row.text(2)
    isLive = row.integer(3) == 1
    lastSeen = row.timestamp(4) ?? Timestamp(microseconds: 0)
    if let hour = row.integer(5), let minute = row.integer(6) {
      maintenance = Maintenance(
        hour: hour, minute: minute, dayOfWeek: row.integer(7), dayOfMonth: row.integer(8))
    }
    nextUpdate = row.timestamp(9)
    vpcEndpoint = row.text(10)
    deprecation = row.timestamp(11)
    softwareVersion = row.text(12)
  }
}

extension HypervisorRecord {
  fileprivate static let query = """
    SELECT arn, id, name, host, kms_key_arn, is_reachable, accepts_credentials,
      EXISTS (SELECT 1 FROM gateway WHERE hypervisor_id = hypervisor.id AND is_live) FROM hypervisor
    """

  fileprivate init(_ row: Statement) {
    arn = row.text(0) ?? ""
    id = row.text(1) ?? ""
    name = row.text(2) ?? ""
    host = row.text(3) ?? ""
    kmsKeyArn = row.text(4)
    isReachable = row.integer(5) == 1
    acceptsCredentials = row.integer(6) == 1
    hasLiveGateway = row.integer(7) == 1
  }
}

extension VirtualMachineRecord {
  private static let columns = "arn, hypervisor_id, name, host_name, path, last_backup"
  /// With tags, and without: listings do not show them.
  fileprivate static let query = "SELECT \(columns), vmware_tags FROM virtual_machine"
  fileprivate static let list = "SELECT \(columns), NULL FROM virtual_machine"

  fileprivate init(_ row: Statement) {
    arn = row.text(0) ?? ""
    hypervisorID = row.text(1) ?? ""
    name = row.text(2) ?? ""
    hostName = row.text(3)
    path = row.text(4)
    lastBackup = row.timestamp(5)
    if let text = row.text(6), let tags = try? JSON.decode(Array(text.utf8)).array {
      self.tags = tags.compactMap(Tag.init)
    }
  }
}

extension Statement {
  fileprivate func timestamp(_ column: Int32) -> Timestamp? {
    integer(column).map(Timestamp.init(microseconds:))
  }
}
