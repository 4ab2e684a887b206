// Store: the world in tables. What is asked of it and what is written to it, by kind of resource: the other files
// Store+*.swift; where the database comes from is StoreFile's.
//
// Lists are ordered by ARN in byte order (SQLite's BINARY collation of UTF-8) and paged by key: a page is the
// rows after the last ARN of the page before, so the thousandth costs what the first costs.
import AWSCore
import BackupGateway

final class Store {
  let database: Database
  /// Seals the logins of vCenters.
  let vault: AES256GCM

  /// - Parameter database: with the tables of `Schema`.
  init(_ database: Database, _ vault: AES256GCM) {
    self.database = database
    self.vault = vault
  }

  // MARK: Settings

  func setting(_ name: String) throws(DatabaseError) -> String? {
    try database.rows("SELECT value FROM setting WHERE name = ?", [.text(name)]) { $0.text(0) ?? "" }.first
  }

  func set(_ name: String, _ value: String) throws(DatabaseError) {
    try database.run("REPLACE INTO setting VALUES (?, ?)", [.text(name), .text(value)])
  }

  /// How far the server's clock was ahead of the machine's when it was last moved. A world that has lived through days
  /// must not lie in the future after a restart.
  func clockLead() throws(DatabaseError) -> Duration {
    .microseconds(try setting("clock_lead").flatMap(Int64.init) ?? 0)
  }

  func keep(clockLead: Duration) throws(DatabaseError) {
    try set("clock_lead", String(clockLead.microseconds))
  }

  // MARK: Transactions

  /// When time brings something about next, so that reading need not look each time. Nil after a change, when nobody
  /// has looked yet; nobody else writes to the database.
  private var nextDue: Timestamp?

  /// What reads: what time has brought about until now is written first, the rest is a query.
  func reading<T>(at now: Timestamp, _ body: () throws -> T) throws -> T {
    let due = try nextDue ?? nextDueTime() ?? .distantFuture
    nextDue = due
    if due <= now { try change { try catchUp(to: now) } }
    return try body()
  }

  /// What writes: all of it or nothing, with what time has brought about before and what follows from it after.
  func writing<T>(at now: Timestamp, _ body: () throws -> T) throws -> T {
    try change {
      try catchUp(to: now)
      let result = try body()
      try planDiscovery(at: now)
      return result
    }
  }

  private func change<T>(_ body: () throws -> T) throws -> T {
    nextDue = nil
    return try database.transaction(body)
  }

  // MARK: Pages

  /// Up to `limit` rows of a world whose ARNs come after the given one, and that satisfy a condition on `?4`.
  func page<T>(
    _ query: String, of world: World, after arn: String?, limit: Int, _ read: (Statement) -> T
  ) throws(DatabaseError) -> [T] {
    var rows: [T] = []
    try forEachRow(query, of: world, after: arn, limit: limit) { rows.append(read($0)) }
    return rows
  }

  /// The same for whoever keeps nothing of them.
  func forEachRow(
    _ query: String, of world: World, after arn: String?, limit: Int,
    where condition: (sql: String, value: SQLValue)? = nil, _ body: (Statement) -> Void
  ) throws(DatabaseError) {
    let clause = condition.map { "\($0.sql) AND " } ?? ""
    let bounds: [SQLValue] = [
      .text(arn ?? world.firstArn), .text(world.endArn), .integer(Int64(limit)),
    ]
    try database.forEachRow(
      "\(query) WHERE \(clause)arn > ?1 AND arn < ?2 ORDER BY arn LIMIT ?3",
      bounds + (condition.map { [$0.value] } ?? []), body)
  }
}
