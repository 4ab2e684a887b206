// AuditLog: a line of JSON for each decision about a write, each call that was refused, and what became of those that
// were sent. Parameters are not in it, so no secret is.
import AWSCore
import Glibc

/// A file that is only ever added to.
public final class AuditLog {
  /// Why a line could not be written, for people.
  public struct Problem: Error {
    public let message: String
  }

  /// As it was given, which messages name.
  public let path: String

  public init(path: String) { self.path = path }

  /// `audit.log` in the state folder; nil where there is no home.
  public static func defaultPath(_ environment: Environment) -> String? {
    environment.stateFolder.map { "\($0)/audit.log" }
  }

  /// Adds a line with one write, so that lines of several runs do not mix. The file is opened each time: who rotates
  /// logs may rename it.
  func append(_ line: Value.Object) throws(Problem) {
    makeFolders()
    let descriptor = try open()
    defer { close(descriptor) }
    let bytes = JSON.encode(.object(line)) + [UInt8(ascii: "\n")]
    do throws(WholeWrite.Failure) { try WholeWrite.all(bytes, to: descriptor) } catch {
      throw problem(error.number)
    }
  }

  /// Sees whether a log that is there can be written; makes none.
  public func check() throws(Problem) { close(try open(creating: false)) }

  private func makeFolders() {
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      _ = unsafe mkdir(String(path[..<slash]), 0o700)
    }
  }

  private func open(creating: Bool = true) throws(Problem) -> Int32 {
    // O_NONBLOCK: opening a named pipe must not wait for its other end.
    let flags = O_WRONLY | O_APPEND | (creating ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
    let descriptor = unsafe Glibc.open(path, flags, 0o600)
    guard descriptor >= 0 else { throw problem(errno) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let cause = errno
      close(descriptor)
      throw problem(cause)
    }
    let isTrustworthy =
      status.st_mode & S_IFMT == S_IFREG && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    guard isTrustworthy else {
      close(descriptor)
      throw Problem(message: "\(path) must be a regular file of yours that nobody else can write to")
    }
    return descriptor
  }

  private func problem(_ cause: Int32) -> Problem {
    Problem(message: "\(path): \(unsafe String(cString: strerror(cause)))")
  }
}
