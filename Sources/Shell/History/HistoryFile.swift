// HistoryFile: the history on disk, which several sessions write to at once. An entry is one write at the end of the
// file, under a lock. A line that is no entry is skipped, so a damaged file costs its damaged lines only.
import AWSCore
import Glibc

/// A history file. It is readable by its owner only, and must be a regular file: no symbolic link is
/// followed.
struct HistoryFile {
  /// Why the file cannot be used.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// The size at which the older half of the file is given up: two hundred thousand entries of 160 bytes.
  static let bound: off_t = 32 << 20

  let path: String
  private let bound: off_t

  /// - Parameter bound: the size in bytes at which the older half is given up.
  init(path: String, bound: off_t = HistoryFile.bound) {
    self.path = path
    self.bound = bound
  }

  /// Makes the file and its folders when there are none, and sees whether it can be used.
  func prepare() throws(Problem) {
    makeFolders()
    close(try open())
  }

  /// Sees whether a file that is there can be used; makes none, and leaves its mode as it is.
  func check() throws(Problem) { close(try open(creating: false)) }

  /// The texts of the last entries, oldest first. Of those that are equal only the newest is there.
  func texts(limit: Int) throws(Problem) -> [String] {
    let bytes = try bytes(last: bound / 2)
    var texts: [String] = []
    var known: Set<String> = []
    let lines = Self.lines(of: bytes)
    texts.reserveCapacity(min(limit, lines.count))
    known.reserveCapacity(min(limit, lines.count))
    for line in lines.reversed() {
      if texts.count == limit { break }
      guard let text = HistoryEntry(line: bytes[line])?.text, known.insert(text).inserted else { continue }
      texts.append(text)
    }
    return texts.reversed()
  }

  /// Every entry, oldest first, those of other sessions too; of a file that others have made huge, the last ones.
  func entries() throws(Problem) -> [HistoryEntry] {
    let bytes = try bytes(last: 2 * bound)
    return Self.lines(of: bytes).compactMap { HistoryEntry(line: bytes[$0]) }
  }

  /// Adds an entry, with one write where the system does not interrupt it.
  func append(_ entry: HistoryEntry) throws(Problem) {
    let descriptor = try openLocked()
    defer { close(descriptor) }
    let size = try self.size(of: descriptor)
    var bytes = entry.line
    // The rest of a line that another program left unfinished must not swallow this one.
    let last = size > 0 ? try read(descriptor, from: size - 1, count: 1) : []
    if let last = last.first, last != UInt8(ascii: "\n") { bytes.insert(UInt8(ascii: "\n"), at: 0) }
    do throws(WholeWrite.Failure) { try WholeWrite.all(bytes, to: descriptor) } catch {
      // Half an entry helps nobody.
      _ = ftruncate(descriptor, size)
      throw problem("cannot be written", error.number)
    }
    if size > bound { try dropOlderHalf(descriptor, size + off_t(bytes.count)) }
  }

  // MARK: The file

  private func makeFolders() {
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
  }

  private func open(creating: Bool = true) throws(Problem) -> Int32 {
    // O_NONBLOCK: opening a named pipe must not wait for its other end.
    let flags = O_RDWR | O_APPEND | (creating ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let descriptor = unsafe Glibc.open(path, flags, 0o600)
    guard descriptor >= 0 else {
      throw errno == ELOOP ? problem("is a symbolic link", nil) : problem("cannot be opened")
    }
    var status = stat()
    let isKnown = unsafe fstat(descriptor, &status) == 0
    guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw problem("is not a regular file", nil)
    }
    if creating, status.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
    return descriptor
  }

  /// The file, open and locked. Who waited for the lock may hold a file that has been replaced since: then once more.
  private func openLocked() throws(Problem) -> Int32 {
    while true {
      let descriptor = try open()
      do { try lock(descriptor) } catch {
        close(descriptor)
        throw error
      }
      var status = stat()
      if unsafe fstat(descriptor, &status) != 0 || status.st_nlink > 0 { return descriptor }
      close(descriptor)
    }
  }

  /// Other sessions hold the lock for one write. What holds it longer, as a session that was stopped meanwhile or another
  /// program, must not keep the operator from the prompt.
  private func lock(_ descriptor: Int32) throws(Problem) {
    for _ in 0..<Self.lockTries {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw problem("cannot be locked") }
      usleep(10_000)
    }
    throw problem("is locked by another program", nil)
  }

  /// A hundredth of a second apart.
  private static let lockTries = 200

  /// Puts the newer half into the place of the file, at once or not at all. The lock is held.
  private func dropOlderHalf(_ descriptor: Int32, _ size: off_t) throws(Problem) {
    let kept = try read(descriptor, from: size - bound / 2, count: Int(bound / 2))
      .drop { $0 != UInt8(ascii: "\n") }.dropFirst()
    let copy = path + ".new"
    let target = unsafe Glibc.open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw problem("cannot be shortened") }
    defer { close(target) }
    do throws(WholeWrite.Failure) {
      try WholeWrite.all(Array(kept), to: target)
      guard fsync(target) == 0, unsafe rename(copy, path) == 0 else {
        throw WholeWrite.Failure(number: errno)
      }
    } catch {
      // As on a full disk: the file is as it was.
      _ = unsafe unlink(copy)
      throw problem("cannot be shortened", error.number)
    }
  }

  /// So many bytes of the end, from the start of a line.
  private func bytes(last count: off_t) throws(Problem) -> ArraySlice<UInt8> {
    let descriptor = try open()
    defer { close(descriptor) }
    let size = try self.size(of: descriptor)
    let start = max(0, size - count)
    let bytes = try read(descriptor, from: start, count: Int(size - start))[...]
    return start > 0 ? bytes.drop { $0 != UInt8(ascii: "\n") } : bytes
  }

  /// Where the lines are, without their ends. `split` takes twice as long as all else together.
  private static func lines(of bytes: ArraySlice<UInt8>) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var start = 0
      while start < buffer.count {
        let found = unsafe memchr(base + start, 0x0A, buffer.count - start)
        let end = unsafe found.map { unsafe UnsafeRawPointer($0) - base } ?? buffer.count
        lines.append(bytes.startIndex + start..<bytes.startIndex + end)
        start = end + 1
      }
    }
    return lines
  }

  private func size(of descriptor: Int32) throws(Problem) -> off_t {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw problem("cannot be read") }
    return size
  }

  private func read(_ descriptor: Int32, from start: off_t, count: Int) throws(Problem) -> [UInt8] {
    guard let bytes = try? BoundedRead.part(of: descriptor, from: start, count: count) else {
      throw problem("cannot be read")
    }
    return bytes
  }

  private func problem(_ what: String, _ cause: Int32? = errno) -> Problem {
    let reason = cause.flatMap { unsafe strerror($0).map { unsafe ": " + String(cString: $0) } } ?? ""
    return Problem(description: "\(path) \(what)\(reason)")
  }
}
