// HistoryFile: the history on disk, one JSON object a line.
//
//   {"time":1700000000,"label":"prod/eu-west-1","ok":true,"text":"list_gateways()"}
//
// Several sessions write to it at once: an entry is one write at the end of the file, under a lock. A line
// that is not such an object is skipped, so a damaged file costs its damaged lines only.
import AWSCore
import Glibc

/// A history file. It is readable by its owner only, and must be a regular file: no symbolic link is
/// followed.
struct HistoryFile {
  struct Entry: Equatable {
    /// Seconds since 1970.
    var time: Int64
    var label: String
    var succeeded: Bool
    var text: String
  }

  /// Why the file cannot be used.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// How much of the end of the file is read: 16 MiB, 1,600 bytes for each entry that is kept.
  private static let tail: off_t = 16 << 20

  let path: String

  /// The texts of the last entries, oldest first, adjacent repeats left out. Makes the file when there is
  /// none.
  func load(limit: Int) throws(Problem) -> [String] {
    makeFolders()
    let descriptor = try open()
    defer { close(descriptor) }
    let size = try self.size(of: descriptor)
    let start = max(0, size - HistoryFile.tail)
    let bytes = try read(descriptor, from: start, count: Int(size - start))
    var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
    if start > 0 { lines = lines.dropFirst() }

    var texts: [String] = []
    for line in lines.reversed() where texts.count < limit {
      guard let text = HistoryFile.entry(from: Array(line))?.text, text != texts.last else { continue }
      texts.append(text)
    }
    return texts.reversed()
  }

  /// Adds an entry with one write.
  func append(_ entry: Entry) throws(Problem) {
    let descriptor = try open()
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw problem("cannot be locked") }
    }
    let size = try self.size(of: descriptor)
    var bytes = HistoryFile.line(entry)
    // The rest of a line that another program left unfinished must not swallow this one.
    let last = size > 0 ? try read(descriptor, from: size - 1, count: 1) : []
    if let last = last.first, last != UInt8(ascii: "\n") { bytes.insert(UInt8(ascii: "\n"), at: 0) }
    let written = unsafe write(descriptor, bytes, bytes.count)
    guard written == bytes.count else {
      let cause = written < 0 ? errno : ENOSPC
      // Half an entry helps nobody.
      _ = ftruncate(descriptor, size)
      throw problem("cannot be written", cause)
    }
  }

  // MARK: Lines

  static func line(_ entry: Entry) -> [UInt8] {
    let object: Value = [
      "time": .integer(entry.time), "label": .string(entry.label), "ok": .bool(entry.succeeded),
      "text": .string(entry.text),
    ]
    return JSON.encode(object) + [UInt8(ascii: "\n")]
  }

  static func entry(from line: [UInt8]) -> Entry? {
    guard let value = try? JSON.decode(line), let text = value["text"]?.string else { return nil }
    return Entry(
      time: value["time"]?.integer ?? 0, label: value["label"]?.string ?? "",
      succeeded: value["ok"] != .bool(false), text: text)
  }

  // MARK: The file

  private func makeFolders() {
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
  }

  private func open() throws(Problem) -> Int32 {
    // O_NONBLOCK: opening a named pipe must not wait for its other end.
    let flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
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
    if status.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
    return descriptor
  }

  private func size(of descriptor: Int32) throws(Problem) -> off_t {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw problem("cannot be read") }
    return size
  }

  private func read(_ descriptor: Int32, from start: off_t, count: Int) throws(Problem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, start + off_t(filled))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw problem("cannot be read") }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes.prefix(filled))
  }

  private func problem(_ what: String, _ cause: Int32? = errno) -> Problem {
    let reason = cause.flatMap { unsafe strerror($0).map { unsafe ": " + String(cString: $0) } } ?? ""
    return Problem(description: "\(path) \(what)\(reason)")
  }
}
