// Schema: the tables of a store, and how an older store becomes one of today.
//
// Timestamps are microseconds since the epoch, flags 0 or 1, lists JSON as the API has them. What follows from other
// columns and the clock (a hypervisor's state, a heartbeat, how far a sync has got) is in no table; see Rules.
import CSQLite

enum Schema {
  /// The version of this schema, kept as user_version.
  static let version: Int32 = 2
  /// The first version that keeps logins, and so has a key beside it.
  static let firstWithLogins: Int32 = 2
  /// "MnGt": tells our files from other programs', kept as application_id.
  static let applicationID: Int32 = 0x4D6E_4774

  static let statements = [
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    // login: sealed with the store's key. sync_*: the latest metadata sync, its outcome once it has one.
    """
    CREATE TABLE hypervisor (arn TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
      host TEXT NOT NULL, kms_key_arn TEXT, log_group_arn TEXT, login BLOB, mappings TEXT, mapping_role TEXT,
      sync_started INTEGER, sync_outcome TEXT, sync_message TEXT, last_sync INTEGER) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE gateway (arn TEXT PRIMARY KEY, name TEXT NOT NULL, hypervisor_id TEXT,
      is_live INTEGER NOT NULL, last_seen INTEGER NOT NULL, hour_of_day INTEGER, minute_of_hour INTEGER,
      day_of_week INTEGER, day_of_month INTEGER, next_update INTEGER, vpc_endpoint TEXT, deprecation INTEGER,
      software_version TEXT, bandwidth TEXT, update_started INTEGER) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX gateway_by_hypervisor ON gateway (hypervisor_id, is_live)",
    // vmware_tags: as the service knows them; vcenter_tags: as they are in vCenter, where that is something else.
    // discovered_path: where the machine was when it was found, once it is elsewhere.
    """
    CREATE TABLE virtual_machine (arn TEXT PRIMARY KEY, hypervisor_id TEXT NOT NULL, name TEXT NOT NULL,
      host_name TEXT, path TEXT, last_backup INTEGER, vmware_tags TEXT, vcenter_tags TEXT,
      discovered_path TEXT) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX virtual_machine_by_hypervisor ON virtual_machine (hypervisor_id, arn)",
    // Machines that are in vCenter and not yet in the service. In a table of their own, so that a page of the
    // listing never walks over what it does not show. appears: when they are found; NULL while nobody looks.
    """
    CREATE TABLE undiscovered_machine (arn TEXT PRIMARY KEY, hypervisor_id TEXT NOT NULL, name TEXT NOT NULL,
      host_name TEXT, path TEXT, vcenter_tags TEXT, appears INTEGER) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX undiscovered_machine_by_time ON undiscovered_machine (appears)",
    "CREATE INDEX undiscovered_machine_by_hypervisor ON undiscovered_machine (hypervisor_id, arn)",
    // is_mapped: a metadata sync made it from a VMware tag.
    """
    CREATE TABLE tag (resource_arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
      is_mapped INTEGER NOT NULL, PRIMARY KEY (resource_arn, key)) STRICT, WITHOUT ROWID
    """,
    // What is to be said of a host; one that is not here can be reached and takes any login.
    """
    CREATE TABLE vcenter (world TEXT NOT NULL, host TEXT NOT NULL, is_reachable INTEGER NOT NULL,
      takes TEXT NOT NULL, login BLOB, PRIMARY KEY (world, host)) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE activation_key (key TEXT PRIMARY KEY, region TEXT NOT NULL, issued INTEGER NOT NULL,
      is_used INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """,
  ]

  /// What makes a store of one version a store of the next.
  private static let migrations: [Int32: [String]] = [
    1: [
      // What version 1 kept at the hypervisor is a fact about the vCenter behind its host.
      created("vcenter"),
      """
      INSERT OR IGNORE INTO vcenter SELECT substr(arn, 1, instr(arn, 'hypervisor/') - 1), lower(host), is_reachable,
        iif(accepts_credentials, 'any', 'none'), NULL
        FROM hypervisor WHERE NOT (is_reachable AND accepts_credentials)
      """,
      "ALTER TABLE hypervisor DROP COLUMN is_reachable",
      "ALTER TABLE hypervisor DROP COLUMN accepts_credentials",
      "ALTER TABLE hypervisor ADD COLUMN log_group_arn TEXT",
      "ALTER TABLE hypervisor ADD COLUMN login BLOB",
      "ALTER TABLE hypervisor ADD COLUMN mappings TEXT",
      "ALTER TABLE hypervisor ADD COLUMN mapping_role TEXT",
      "ALTER TABLE hypervisor ADD COLUMN sync_started INTEGER",
      "ALTER TABLE hypervisor ADD COLUMN sync_outcome TEXT",
      "ALTER TABLE hypervisor ADD COLUMN sync_message TEXT",
      "ALTER TABLE hypervisor ADD COLUMN last_sync INTEGER",
      "ALTER TABLE gateway ADD COLUMN bandwidth TEXT",
      "ALTER TABLE gateway ADD COLUMN update_started INTEGER",
      "ALTER TABLE virtual_machine ADD COLUMN vcenter_tags TEXT",
      "ALTER TABLE virtual_machine ADD COLUMN discovered_path TEXT",
      created("undiscovered_machine"), created("undiscovered_machine_by_time"),
      created("undiscovered_machine_by_hypervisor"), created("tag"), created("activation_key"),
    ]
  ]

  /// Today's statement that makes a table or an index.
  private static func created(_ name: String) -> String {
    statements.first { $0.split(whereSeparator: \.isWhitespace).dropFirst(2).first ?? "" == name } ?? ""
  }

  /// Makes the tables in an empty database.
  static func create(in database: Database) throws(DatabaseError) {
    try database.run("PRAGMA application_id = \(applicationID)")
    try database.run("PRAGMA user_version = \(version)")
    for statement in statements { try database.run(statement) }
  }

  /// Makes a store of an earlier version one of today. Call it inside a transaction.
  static func migrate(_ database: Database, from old: Int32) throws(DatabaseError) {
    guard old < version else { return }
    for number in old..<version {
      for statement in migrations[number] ?? [] { try database.run(statement) }
    }
    try database.run("PRAGMA user_version = \(version)")
  }

  /// What a database lacks of this schema, in words; nil when it lacks nothing. More than the schema is no harm.
  static func fault(of database: Database) throws(DatabaseError) -> String? {
    let model = try Database(path: nil)
    try create(in: model)
    let found = try parts(of: database)
    for (name, part) in try parts(of: model).sorted(by: { $0.key < $1.key }) {
      guard let other = found[name] else { return "it has no \(part.kind) '\(name)'" }
      if other != part { return "its \(part.kind) '\(name)' is not the one of store version \(version)" }
    }
    return nil
  }

  private struct Part: Equatable {
    var kind: String
    var sql: String
  }

  /// Tables and indexes by name. SQLite keeps the text that made them, white space and all.
  private static func parts(of database: Database) throws(DatabaseError) -> [String: Part] {
    let rows = try database.rows("SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL") {
      let words = ($0.text(2) ?? "").split(whereSeparator: \.isWhitespace)
      return ($0.text(0) ?? "", Part(kind: $0.text(1) ?? "", sql: words.joined(separator: " ")))
    }
    return Dictionary(rows) { first, _ in first }
  }
}
