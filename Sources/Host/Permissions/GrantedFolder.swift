// GrantedFolder: a folder that code may reach into, held open from the start, so that nothing put in its place later is
// reached instead. Each name of a way into it is opened by itself and follows no symbolic link.
import AWSCore
import Glibc

public struct GrantedFolder: Sendable {
  /// As the operator wrote it, absolute.
  public let path: String
  /// Without symbolic links.
  private let realPath: String
  private let descriptor: Int32

  init(_ text: String, _ protected: ProtectedPlaces) throws(Grants.Problem) {
    path = FilePath.absolute(text)
    // The way to it is the operator's own, links and all.
    descriptor = unsafe Glibc.open(text, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Grants.Problem(message: "\(text): \(unsafe String(cString: strerror(errno)))")
    }
    realPath = Self.realPath(text) ?? path
    guard !protected.covers(realPath), !protected.covers(path) else {
      throw Grants.Problem(
        message: "\(text) holds credentials or belongs to moongate; code is never let in there")
    }
  }

  static var workingFolder: String { realPath(".") ?? "/" }

  static func realPath(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// The names that lead to an absolute path; nil for what lies elsewhere.
  func names(to absolute: String) -> [String]? {
    FilePath.names(from: path, to: absolute) ?? FilePath.names(from: realPath, to: absolute)
  }

  /// Opens a regular file.
  /// - Parameter flags: of open(2); O_TRUNC takes effect only when it is known what the file is.
  func open(_ names: [String], _ flags: Int32, _ protected: ProtectedPlaces) throws(FileProblem) -> Int32 {
    let parent = try self.parent(of: names, protected)
    defer { close(parent) }
    // O_NONBLOCK: a named pipe in the place of a file must not hang the program.
    let safe = flags & ~O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let file = unsafe openat(parent, names[names.count - 1], safe, 0o666)
    guard file >= 0 else { throw Self.problem(errno, names) }
    do throws(FileProblem) {
      let status = try Self.status(file)
      guard status.st_mode & S_IFMT == S_IFREG else { throw Self.notRegular(names) }
      guard !protected.contains(status) else { throw ProtectedPlaces.refusal }
      if flags & O_TRUNC != 0, ftruncate(file, 0) != 0 { throw .system(errno) }
    } catch {
      close(file)
      throw error
    }
    return file
  }

  /// Removes a file, or an empty folder.
  func remove(_ names: [String], _ protected: ProtectedPlaces) throws(FileProblem) {
    let parent = try self.parent(of: names, protected)
    defer { close(parent) }
    try Self.checkReplaceable(names, in: parent, protected)
    let name = names[names.count - 1]
    if unsafe unlinkat(parent, name, 0) == 0 { return }
    guard errno == EISDIR || errno == EPERM, unsafe unlinkat(parent, name, AT_REMOVEDIR) == 0 else {
      throw .system(errno)
    }
  }

  /// Renames within granted folders.
  func rename(
    _ names: [String], to target: GrantedFolder, _ targetNames: [String], _ protected: ProtectedPlaces
  ) throws(FileProblem) {
    let from = try parent(of: names, protected)
    defer { close(from) }
    let to = try target.parent(of: targetNames, protected)
    defer { close(to) }
    try Self.checkReplaceable(names, in: from, protected)
    try Self.checkReplaceable(targetNames, in: to, protected)
    guard unsafe renameat(from, names[names.count - 1], to, targetNames[targetNames.count - 1]) == 0 else {
      throw .system(errno)
    }
  }

  // MARK: The way there

  /// A descriptor of the folder that holds the last name.
  func parent(of names: [String], _ protected: ProtectedPlaces) throws(FileProblem) -> Int32 {
    var current = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard current >= 0 else { throw .system(errno) }
    for (index, name) in names.dropLast().enumerated() {
      let next = unsafe openat(current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else {
        let cause = Self.isLink(name, in: current) ? ELOOP : errno
        close(current)
        throw Self.problem(cause, Array(names.prefix(index + 1)))
      }
      close(current)
      current = next
      do throws(FileProblem) {
        guard !protected.contains(try Self.status(current)) else { throw ProtectedPlaces.refusal }
      } catch {
        close(current)
        throw error
      }
    }
    return current
  }

  /// - Returns: what has the last name now; nil for nothing.
  @discardableResult static func checkReplaceable(
    _ names: [String], in parent: Int32, _ protected: ProtectedPlaces
  ) throws(FileProblem) -> stat? {
    var status = stat()
    guard unsafe fstatat(parent, names[names.count - 1], &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      return nil
    }
    guard !protected.contains(status) else { throw ProtectedPlaces.refusal }
    return status
  }

  /// With O_DIRECTORY, Linux calls a symbolic link no directory. Leaves errno as it was.
  private static func isLink(_ name: String, in parent: Int32) -> Bool {
    let cause = errno
    defer { errno = cause }
    var status = stat()
    return unsafe fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func status(_ descriptor: Int32) throws(FileProblem) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
    return status
  }

  static func problem(_ cause: Int32, _ names: [String]) -> FileProblem {
    switch cause {
    case ELOOP:
      .refused(
        "'\(names.joined(separator: "/"))' is a symbolic link, which is not followed out of a granted folder; "
          + "grant the folder that it leads to")
    // A named pipe without a reader.
    case ENXIO: notRegular(names)
    default: .system(cause)
    }
  }

  static func notRegular(_ names: [String]) -> FileProblem {
    .refused("'\(names.joined(separator: "/"))' is not a regular file")
  }
}
