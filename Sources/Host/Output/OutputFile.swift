// OutputFile: a file that is there whole or not at all. What is written goes to a file beside it, which takes its name when
// all is written; a run that fails leaves the old file as it was.
import Glibc

final class OutputFile {
  /// Why a file could not be written, with its path.
  struct Failure: Error {
    var message: String
  }

  private let path: String
  /// The file beside it; nil where a name cannot be taken over, as of a pipe.
  private var temporary: String?
  private var descriptor: Int32 = -1
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 16

  init(_ path: String) throws(Failure) {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    // Through a symbolic link: the name stays a link.
    self.path = exists ? Self.resolved(path) ?? path : path
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw Failure(message: "cannot write \(path): it is a folder") }
    if exists, kind != S_IFREG {
      descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
      guard descriptor >= 0 else { throw failure() }
      return
    }
    try openTemporary(mode: exists ? status.st_mode & 0o777 : nil, path)
  }

  deinit { abandon() }

  private func openTemporary(mode: mode_t?, _ given: String) throws(Failure) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) }
    let name = slash.map { String(path[$0...]) } ?? path
    guard !name.isEmpty else { throw Failure(message: "cannot write \(given): it is a folder") }
    let folder = slash.map { String(path[..<$0]) } ?? ""
    // Two runs at once write two files.
    let beside = "\(folder).\(name.prefix(200)).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw failure() }
    temporary = beside
    if let mode { _ = fchmod(descriptor, mode) }
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  func write(_ bytes: [UInt8]) throws(Failure) {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try writeOut() }
  }

  private func writeOut() throws(Failure) {
    var start = 0
    while start < buffer.count {
      let written = unsafe buffer.withUnsafeBytes { raw in
        unsafe Glibc.write(descriptor, raw.baseAddress?.advanced(by: start), raw.count - start)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure() }
      start += written
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Gives the file its name.
  func finish() throws(Failure) {
    try writeOut()
    // What is named is on the disk: a report that a power failure empties would be worse than none.
    if let temporary {
      guard fsync(descriptor) == 0 else { throw failure() }
      guard unsafe rename(temporary, path) == 0 else { throw failure() }
      self.temporary = nil
    }
    abandon()
  }

  /// Leaves nothing behind.
  func abandon() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    if let temporary { _ = unsafe unlink(temporary) }
    temporary = nil
  }

  private func failure() -> Failure {
    let reason = unsafe String(cString: strerror(errno))
    return Failure(message: "cannot write \(path): \(reason)")
  }
}
