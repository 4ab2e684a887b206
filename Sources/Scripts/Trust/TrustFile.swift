// TrustFile: a file that decides what may run. Whoever can write it, or put another in its place, decides; so it must be
// the operator's own, or root's.
import AWSCore
import CLinux
import Glibc

enum TrustFile {
  /// Thousands of keys fit in it.
  private static let largest = 1 << 20

  /// The bytes of the file; nil when there is none.
  /// - Parameter home: above it nobody looks, as sshd's StrictModes does not: in a container, folders of the machine's
  ///   root belong to nobody that is known there.
  /// - Throws: why it is not believed, for people.
  static func read(_ path: String, home: String?) throws(Trust.Problem) -> (
    bytes: [UInt8], changed: Timestamp
  )? {
    // O_NONBLOCK: a named pipe in the place of the file must not hang the program.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw problem(path, unsafe String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw problem(path, "it is no regular file")
    }
    try check(status, path)
    // The folder of a link too: whoever can write there can lead it elsewhere.
    try checkFolders(above: path, upTo: home.flatMap(resolved))
    return (try contents(descriptor, path), Timestamp(microseconds: clinux_changed(descriptor) * 1_000_000))
  }

  private static func check(_ status: stat, _ path: String) throws(Trust.Problem) {
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw problem(path, "it belongs to somebody else")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw problem(path, "others can write to it; chmod go-w \(path)")
    }
  }

  /// Every folder on the way must be as well kept. Where the sticky bit is set, as on /tmp, nobody can rename what is
  /// not theirs.
  private static func checkFolders(above path: String, upTo home: String?) throws(Trust.Problem) {
    let named = path.contains("/") ? path : "./\(path)"
    for place in [resolved(parent(of: named)), resolved(path).map(parent)] {
      guard var folder = place else { throw problem(path, unsafe String(cString: strerror(errno))) }
      while true {
        try checkFolder(folder, of: path)
        if folder == "/" || folder == home { break }
        folder = parent(of: folder)
      }
    }
  }

  private static func checkFolder(_ folder: String, of path: String) throws(Trust.Problem) {
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else {
      throw problem(path, unsafe String(cString: strerror(errno)))
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw problem(path, "the folder \(folder) belongs to somebody else")
    }
    let isSticky = status.st_mode & 0o1000 != 0
    guard status.st_mode & 0o022 == 0 || isSticky else {
      throw problem(path, "others can write to the folder \(folder); chmod go-w \(folder)")
    }
  }

  /// Of a path with a slash in it.
  private static func parent(of path: String) -> String {
    let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    return folder.isEmpty ? "/" : String(folder)
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  private static func contents(_ descriptor: Int32, _ path: String) throws(Trust.Problem) -> [UInt8] {
    do throws(BoundedRead.Failure) { return try BoundedRead.all(of: descriptor, most: largest) } catch {
      switch error {
      case .system(let number): throw problem(path, unsafe String(cString: strerror(number)))
      case .tooLarge: throw problem(path, "it is larger than \(largest >> 20) MiB")
      }
    }
  }

  /// The lines of a text file that say something, with their numbers and without white space around them.
  /// - Throws: when it is not UTF-8 text.
  static func lines(_ bytes: [UInt8], _ path: String) throws(Trust.Problem) -> [(number: Int, text: String)] {
    var lines: [(Int, String)] = []
    let all = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in all.enumerated() {
      guard let text = String(validating: line, as: UTF8.self), !text.utf8.contains(0) else {
        throw Trust.Problem(message: "\(path):\(index + 1): this is not UTF-8 text")
      }
      let content = trimmed(text)
      if !content.isEmpty, !content.hasPrefix("#") { lines.append((index + 1, content)) }
    }
    return lines
  }

  private static func problem(_ path: String, _ reason: String) -> Trust.Problem {
    Trust.Problem(message: "\(path) is not believed: \(reason)")
  }
}
