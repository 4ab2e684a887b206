// SnippetFolder: the files of a store or a registry. The folder is opened once, by the way that the operator named; from there
// each name is opened by itself and follows no symbolic link, and only regular files are read. A file is written beside its
// place and renamed, so that a reader finds the old one or the new one.
import AWSCore
import CLinux
import Glibc
import Host

/// A folder that is held open.
@safe final class SnippetFolder {
  /// What lies in a folder.
  struct Entry {
    enum Kind: String {
      case file = "a file"
      case folder = "a folder"
      case link = "a symbolic link"
      case pipe = "a named pipe"
      case other = "no regular file"
    }
    let name: String
    let kind: Kind
  }

  let path: String
  private let descriptor: Int32

  /// Opens a folder; nil when there is none.
  /// - Throws: a report when it cannot be opened.
  init?(_ path: String) throws(Report) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Self.report("\(path) cannot be opened")
    }
  }

  /// Opens a folder of the operator's own; nil when there is none.
  /// - Throws: a report when it cannot be opened, or somebody else can write there: they would say what was agreed to.
  convenience init?(ofOwner path: String) throws(Report) {
    try self.init(path)
    try checkOwner()
  }

  /// Opens a folder of the operator's own, made with the folders above it where there is none; nobody else may write there.
  /// - Throws: a report when it cannot be had.
  init(own path: String) throws(Report) {
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
    _ = unsafe mkdir(path, 0o700)
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.report("\(path) cannot be opened") }
    try checkOwner()
  }

  private func checkOwner() throws(Report) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0
    else {
      throw Report(
        message: "\(path) must be a folder of yours that nobody else can write to; chmod go-w \(path)",
        exitCode: ExitCode.refused)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Does something while no other process of ours does the like in this folder (flock(2) on the folder itself).
  func locked<Result>(_ body: () throws(Report) -> Result) throws(Report) -> Result {
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw Self.report("\(path) cannot be locked") }
    }
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }

  /// The names in this folder, or in one below it, in order; none when it is not there.
  func entries(_ folder: String? = nil) throws(Report) -> [Entry] {
    let opened = try openFolder(folder.map { [$0[...]] } ?? [])
    guard let opened else { return [] }
    // A descriptor of its own place in the folder: a copy would share that of ours.
    let listing = unsafe openat(opened, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    close(opened)
    guard listing >= 0, let directory = unsafe fdopendir(listing) else {
      throw Self.report("\(place(folder ?? "")) cannot be read")
    }
    defer { unsafe closedir(directory) }
    var found: [Entry] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      guard unsafe fstatat(listing, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      found.append(Entry(name: name, kind: Self.kind(status)))
    }
    return found.sorted { $0.name < $1.name }
  }

  /// The bytes of a file; nil when there is none.
  /// - Throws: a report for what is no regular file, or holds more than `most` bytes, by its name.
  func read(_ name: String, most: Int) throws(Report) -> [UInt8]? {
    let names = name.split(separator: "/")
    guard let last = names.last, let folder = try openFolder(Array(names.dropLast())) else { return nil }
    defer { close(folder) }
    // O_NONBLOCK: a named pipe in the place of a file must not hang the program.
    let file = unsafe openat(folder, String(last), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else {
      switch errno {
      case ENOENT: return nil
      case ELOOP: throw refused(name, .link)
      case ENXIO: throw refused(name, .other)
      default: throw Self.report("\(place(name)) cannot be read")
      }
    }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw Self.report("\(place(name)) cannot be read") }
    guard Self.kind(status) == .file else { throw refused(name, Self.kind(status)) }
    return try contents(file, name, most)
  }

  private func contents(_ file: Int32, _ name: String, _ most: Int) throws(Report) -> [UInt8] {
    do throws(BoundedRead.Failure) { return try BoundedRead.all(of: file, most: most) } catch {
      guard error == .tooLarge else { throw Self.report("\(place(name)) cannot be read") }
      throw Report(
        message: "\(place(name)) is larger than \(ByteCount.text(most))", exitCode: ExitCode.refused)
    }
  }

  /// Replaces a file, whole or not at all; folders on the way are made.
  func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o600) throws(Report) {
    let names = name.split(separator: "/").map(String.init)
    guard let last = names.last else { return }
    if names.count > 1 { _ = unsafe mkdirat(descriptor, names[0], mode == 0o600 ? 0o700 : 0o755) }
    guard let folder = try openFolder(names.dropLast().map { $0[...] }) else {
      throw Report(message: "\(place(name)) cannot be made", exitCode: ExitCode.network)
    }
    defer { close(folder) }
    let temporary = ".\(last).\(UUID.random())"
    let file = unsafe openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else { throw Self.report("\(place(name)) cannot be written") }
    defer { close(file) }
    let isWritten = (try? WholeWrite.all(bytes, to: file)) != nil
    // Before the rename: a crash must not leave the new name with nothing in it.
    guard isWritten, fsync(file) == 0, unsafe renameat(folder, temporary, folder, last) == 0 else {
      let problem = Self.report("\(place(name)) cannot be written")
      unsafe unlinkat(folder, temporary, 0)
      throw problem
    }
  }

  /// When a file was changed last, in seconds since 1970; nil when it is not there.
  func modified(_ name: String) -> Double? {
    let file = unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return Double(clinux_changed(file))
  }

  /// Removes a file, if it is there.
  func remove(_ name: String) { unsafe unlinkat(descriptor, name, 0) }

  // MARK: The way there

  /// A descriptor of a folder below this one, to be closed; nil when there is none.
  private func openFolder(_ names: [Substring]) throws(Report) -> Int32? {
    var current = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard current >= 0 else { throw Self.report("\(path) cannot be opened") }
    for name in names {
      let next = unsafe openat(current, String(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let cause = errno
      close(current)
      guard next >= 0 else {
        if cause == ENOENT { return nil }
        // With O_DIRECTORY, Linux calls a symbolic link no directory.
        throw refused(String(name), cause == ENOTDIR || cause == ELOOP ? .link : .other)
      }
      current = next
    }
    return current
  }

  private static func kind(_ status: stat) -> Entry.Kind {
    switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFLNK: .link
    case S_IFIFO: .pipe
    default: .other
    }
  }

  func place(_ name: String) -> String { "\(path)/\(name)" }

  func refused(_ name: String, _ kind: Entry.Kind) -> Report {
    Report(message: "\(place(name)) is \(kind.rawValue), which is not used", exitCode: ExitCode.refused)
  }

  /// With the system's reason.
  private static func report(_ message: String) -> Report {
    let reason = unsafe String(cString: strerror(errno))
    return Report(message: "\(message): \(reason)", exitCode: ExitCode.network)
  }
}
