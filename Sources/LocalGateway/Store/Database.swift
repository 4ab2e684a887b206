// Database: one SQLite connection, its prepared statements, and errors instead of traps. Knows nothing of
// gateways.
import CSQLite

/// What SQLite said when it could not do something.
struct DatabaseError: Error, CustomStringConvertible {
  /// SQLite's extended result code.
  var code: Int32
  /// SQLite's own words.
  var problem: String
  /// The statement that failed, without its arguments: those may be secrets.
  var statement: String

  /// The class of the error, such as SQLITE_FULL, whatever its details.
  var primaryCode: Int32 { code & 0xFF }
  var description: String { "\(problem) (SQLite \(code), \(statement))" }
}

/// A value that a statement is given.
enum SQLValue {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
  init(_ number: Int64?) { self = number.map(SQLValue.integer) ?? .null }
  init(_ bytes: [UInt8]?) { self = bytes.map(SQLValue.blob) ?? .null }
  init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}

/// An open database. Not safe to share: one thread at a time.
@safe final class Database {
  /// The version of SQLite, as `3.40.1`.
  static var version: String { unsafe String(cString: sqlite3_libversion()) }

  private let handle: OpaquePointer
  /// By their text, as they were prepared.
  private(set) var statements: [String: Statement] = [:]

  /// Opens a file, or a database in memory when `path` is nil. Only with `create` may the file be new.
  init(path: String?, create: Bool = false) throws(DatabaseError) {
    // One thread at a time uses the connection, so SQLite's own mutexes are left out.
    var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    if create || path == nil { flags |= SQLITE_OPEN_CREATE }
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path ?? ":memory:", &opened, flags, nil)
    guard code == SQLITE_OK, let opened = unsafe opened else {
      unsafe sqlite3_close_v2(opened)
      throw DatabaseError(
        code: code, problem: unsafe String(cString: sqlite3_errstr(code)), statement: "open")
    }
    unsafe handle = opened
  }

  deinit {
    statements.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs a statement that returns nothing of interest.
  func run(_ sql: String, _ arguments: [SQLValue] = []) throws(DatabaseError) {
    let statement = try prepared(sql)
    try statement.start(arguments)
    defer { statement.finish() }
    while try statement.step() {}
  }

  /// All rows of a query, read one by one.
  func rows<T>(_ sql: String, _ arguments: [SQLValue] = [], _ read: (Statement) -> T) throws(DatabaseError)
    -> [T]
  {
    var rows: [T] = []
    try forEachRow(sql, arguments) { rows.append(read($0)) }
    return rows
  }

  /// The same for whoever keeps nothing of them.
  func forEachRow(
    _ sql: String, _ arguments: [SQLValue] = [], _ body: (Statement) -> Void
  ) throws(DatabaseError) {
    let statement = try prepared(sql)
    try statement.start(arguments)
    defer { statement.finish() }
    while try statement.step() { body(statement) }
  }

  /// Everything in `body` or nothing of it.
  func transaction<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // A full disk may have rolled back already; then there is nothing left to undo.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  /// A statement is compiled once and kept for the next time.
  private func prepared(_ sql: String) throws(DatabaseError) -> Statement {
    if let statement = statements[sql] { return statement }
    let statement = try unsafe Statement(sql, of: handle)
    statements[sql] = statement
    return statement
  }
}

/// A prepared statement; while it steps, the current row.
@safe final class Statement {
  let handle: OpaquePointer
  private let database: OpaquePointer
  private let sql: String

  fileprivate init(_ sql: String, of database: OpaquePointer) throws(DatabaseError) {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared = unsafe prepared else {
      throw DatabaseError(
        code: code, problem: unsafe String(cString: sqlite3_errmsg(database)), statement: sql)
    }
    unsafe handle = prepared
    unsafe self.database = database
    self.sql = sql
  }

  deinit { unsafe sqlite3_finalize(handle) }

  fileprivate func start(_ arguments: [SQLValue]) throws(DatabaseError) {
    for (index, argument) in arguments.enumerated() {
      let position = Int32(index + 1)
      let code =
        switch argument {
        case .null: unsafe sqlite3_bind_null(handle, position)
        case .integer(let number): unsafe sqlite3_bind_int64(handle, position, number)
        case .text(let text):
          unsafe sqlite3_bind_text(handle, position, text, Int32(text.utf8.count), csqlite_transient())
        case .blob(let bytes):
          unsafe sqlite3_bind_blob(handle, position, bytes, Int32(bytes.count), csqlite_transient())
        }
      guard code == SQLITE_OK else { throw error(code) }
    }
  }

  /// Goes to the next row; false after the last.
  fileprivate func step() throws(DatabaseError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw error(code)
    }
  }

  /// Ready for the next use. What went wrong in stepping was reported by `step`.
  fileprivate func finish() {
    unsafe sqlite3_reset(handle)
    unsafe sqlite3_clear_bindings(handle)
  }

  private func error(_ code: Int32) -> DatabaseError {
    DatabaseError(code: code, problem: unsafe String(cString: sqlite3_errmsg(database)), statement: sql)
  }

  /// The text in a column of the current row, counted from 0; nil for NULL.
  func text(_ column: Int32) -> String? {
    unsafe bytes(column).map { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// The same as it lies in SQLite's memory until the next step.
  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8>? {
    guard let start = unsafe sqlite3_column_text(handle, column) else { return nil }
    return unsafe UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  /// The bytes in a column of the current row, counted from 0; nil for NULL.
  func blob(_ column: Int32) -> [UInt8]? {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return nil }
    let length = unsafe Int(sqlite3_column_bytes(handle, column))
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: length))
  }

  /// The integer in a column of the current row, counted from 0; nil for NULL.
  func integer(_ column: Int32) -> Int64? {
    guard unsafe sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
    return unsafe sqlite3_column_int64(handle, column)
  }

  /// The flag in a column of the current row; false for NULL.
  func flag(_ column: Int32) -> Bool { integer(column) == 1 }
}
