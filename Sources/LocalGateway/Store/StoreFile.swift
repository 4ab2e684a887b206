// StoreFile: where a store comes from. In memory it is made and forgotten. In a folder it is
// `gateway.sqlite3`: made whole or not at all, opened only when it is ours and sound, brought to today's schema in
// one transaction, and never replaced, repaired or deleted.
import AWSCore
import CSQLite
import Glibc

enum StoreFile {
  static let fileName = "gateway.sqlite3"

  /// A new store in memory, filled.
  static func inMemory(_ fill: (Store) throws -> Void) throws(LocalGatewayError) -> Store {
    do {
      return try make(Database(path: nil), AES256GCM(), fill)
    } catch {
      throw LocalGatewayError("Cannot make the local gateway's store in memory: \(error).")
    }
  }

  /// The store in a folder that is locked by the caller; filled when it is new.
  static func open(in folder: String, _ fill: (Store) throws -> Void) throws(LocalGatewayError)
    -> Store
  {
    let path = "\(folder)/\(fileName)"
    var status = stat()
    if unsafe lstat(path, &status) != 0 {
      guard errno == ENOENT else { throw LocalGatewayError("Cannot look at \(path): \(errorText()).") }
      // Before the store: nothing may be sealed with a key that is not on the disk.
      try create(path, in: folder, Vault.open(in: folder, mayMake: true), fill)
    } else if status.st_mode & S_IFMT != S_IFREG {
      throw refusal(path, "is not a regular file")
    } else if status.st_mode & 0o077 != 0 {
      // As it was made: copied by hand, it would go on open to others, with the key of the tokens in it.
      _ = unsafe chmod(path, 0o600)
    }
    let version = try version(of: path)
    return try open(path, from: version, Vault.open(in: folder, mayMake: version < Schema.firstWithLogins))
  }

  /// Makes the folder when it is absent; its parent must exist.
  static func prepare(folder: String) throws(LocalGatewayError) {
    guard unsafe mkdir(folder, 0o700) != 0 else { return }
    guard errno == EEXIST else {
      throw LocalGatewayError("Cannot make the folder '\(folder)': \(errorText()).")
    }
    var status = stat()
    guard unsafe stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw LocalGatewayError("'\(folder)' is not a folder. Name the folder that the local gateway may use.")
    }
  }

  private static func make(
    _ database: Database, _ vault: AES256GCM, _ fill: (Store) throws -> Void
  ) throws -> Store {
    try database.transaction {
      try Schema.create(in: database)
      let store = Store(database, vault)
      try fill(store)
      return store
    }
  }

  /// The file is made under another name, without a journal because nobody needs half of it, then renamed: a
  /// file with the final name is complete, and one that is empty or short was damaged later.
  private static func create(
    _ path: String, in folder: String, _ vault: AES256GCM, _ fill: (Store) throws -> Void
  ) throws(LocalGatewayError) {
    let draft = path + ".new"
    // What a server that died while making it left behind: this process holds the folder's lock.
    unsafe unlink(draft)
    // For its owner only, whatever the folder allows: it holds the key of the tokens.
    let made = unsafe Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if made >= 0 { close(made) }
    do {
      let database = try Database(path: draft, create: true)
      try database.run("PRAGMA journal_mode = OFF")
      try database.run("PRAGMA synchronous = OFF")
      _ = try make(database, vault, fill)
    } catch {
      unsafe unlink(draft)
      throw LocalGatewayError("Cannot make \(path): \(error).")
    }
    guard sync(draft), unsafe rename(draft, path) == 0, sync(folder) else {
      let reason = errorText()
      unsafe unlink(draft)
      throw LocalGatewayError("Cannot make \(path): \(reason).")
    }
  }

  static func sync(_ path: String) -> Bool {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }

  private static func open(_ path: String, from version: Int32, _ vault: AES256GCM) throws(LocalGatewayError)
    -> Store
  {
    do {
      let database = try Database(path: path)
      // One connection, rollback journal, EXTRA: SQLite 3.40.1's WAL can lose a reset, and only FULL and
      // EXTRA promise that an answered write survives a power cut. Exclusive: no second process, whatever it
      // is, writes beside us.
      for setting in ["locking_mode = EXCLUSIVE", "journal_mode = DELETE", "synchronous = EXTRA"] {
        try database.run("PRAGMA \(setting)")
      }
      let verdict = try database.rows("PRAGMA quick_check(1)") { $0.text(0) ?? "" }.first
      guard verdict == "ok" else { throw refusal(path, "is damaged: \(verdict ?? "no answer")") }
      try database.transaction {
        try Schema.migrate(database, from: version)
        if let fault = try Schema.fault(of: database) { throw refusal(path, "is damaged: \(fault)") }
      }
      return Store(database, vault)
    } catch let error as DatabaseError {
      switch error.primaryCode {
      case SQLITE_NOTADB, SQLITE_CORRUPT: throw refusal(path, "is damaged: \(error.problem)")
      case SQLITE_BUSY: throw refusal(path, "is in use by another program")
      // What a migration does not find.
      case SQLITE_ERROR: throw refusal(path, "is damaged: \(error.problem)")
      default: throw LocalGatewayError("Cannot open \(path): \(error).")
      }
    } catch let error as LocalGatewayError {
      throw error
    } catch {
      throw LocalGatewayError("Cannot open \(path): \(error).")
    }
  }

  /// The store version of a file that is ours. Reads the first 100 bytes (SQLite, "Database File Format" 1.3) without SQLite, which would roll back
  /// journals and checkpoint logs of a file that is not ours to touch.
  private static func version(of path: String) throws(LocalGatewayError) -> Int32 {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw LocalGatewayError("Cannot open \(path): \(errorText()).") }
    defer { close(descriptor) }
    let size = 100
    guard let header = try? BoundedRead.part(of: descriptor, from: 0, count: size) else {
      throw LocalGatewayError("Cannot read \(path): \(errorText()).")
    }
    guard header.count == size else { throw refusal(path, "is damaged: it is shorter than any database") }
    guard header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw refusal(path, "is not a SQLite database")
    }
    func number(at offset: Int) -> Int32 {
      Int32(bitPattern: header[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
    guard number(at: 68) == Schema.applicationID else {
      throw refusal(path, "belongs to another program (application id \(number(at: 68)))")
    }
    let version = number(at: 60)
    guard version <= Schema.version else {
      throw LocalGatewayError(
        "\(path) was made by a newer Moongate: its store has version \(version), this one knows "
          + "\(Schema.version). Use that Moongate, or choose another folder.")
    }
    guard version >= 1 else { throw refusal(path, "is damaged: it has store version \(version)") }
    return version
  }

  private static func refusal(_ path: String, _ problem: String) -> LocalGatewayError {
    LocalGatewayError(
      "\(path) \(problem). It is left as it is; move it away to start afresh, or choose another folder.")
  }
}
