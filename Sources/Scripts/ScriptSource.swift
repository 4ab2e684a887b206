// ScriptSource: the bytes of an operator's own script, from a file or from standard input.
import AWSCore
import Glibc

/// A script, read whole. The bytes that were read are the bytes that run.
public struct ScriptSource: Sendable {
  public let bytes: [UInt8]
  /// As they were read, before a mark at the beginning went and `#!` became a comment.
  public let original: [UInt8]
  /// The name as it was given, for `arg[0]`.
  public let name: String
  /// The name as Lua wants it, for error messages: `@file`, or `=stdin`.
  public let chunkName: String

  /// Why a script could not be read, for people.
  public struct Failure: Error, Sendable {
    public let message: String
  }

  /// Largest script: what a person writes is a thousandth of it, and compiling takes time that Ctrl-C cannot cut short.
  private static let largest = 4 << 20

  /// Reads a file, or standard input for `-`.
  /// - Throws: `Failure` when there is no such file, or it cannot be read, or is too large.
  public init(_ path: String) throws(Failure) {
    let isFile = path != "-"
    name = path
    chunkName = isFile ? "@\(path)" : "=stdin"
    let descriptor = isFile ? unsafe open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
    guard descriptor >= 0 else {
      let reason = unsafe String(cString: strerror(errno))
      let hint = errno == ENOENT ? "; scripts are named by their path, as in ./report.lua" : ""
      throw Failure(message: "cannot open script '\(path)': \(reason)\(hint)")
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    original = try Self.read(descriptor, path)
    bytes = Self.withoutPreamble(original)
  }

  /// Reads a file that runs without being named, as init.lua does: whoever can write it runs code as its reader.
  /// - Returns: nil when there is none.
  /// - Throws: `Failure` when somebody else can write it too, or it cannot be read.
  public init?(ofOwner path: String) throws(Failure) {
    // O_NONBLOCK: a named pipe in the place of the file must not hang the program.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw Failure(message: "\(path) is not run: \(unsafe String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(message: "\(path) is not run: it is no regular file")
    }
    guard status.st_uid == geteuid() else {
      throw Failure(message: "\(path) is not run: it belongs to somebody else")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw Failure(message: "\(path) is not run: others can write to it; chmod go-w \(path)")
    }
    name = path
    chunkName = "@\(path)"
    original = try Self.read(descriptor, path)
    bytes = Self.withoutPreamble(original)
  }

  private static func read(_ descriptor: Int32, _ path: String) throws(Failure) -> [UInt8] {
    do throws(BoundedRead.Failure) { return try BoundedRead.all(of: descriptor, most: largest) } catch {
      switch error {
      case .system(let number):
        throw Failure(message: "cannot read script '\(path)': \(unsafe String(cString: strerror(number)))")
      case .tooLarge: throw Failure(message: "script '\(path)' is larger than \(largest >> 20) MiB")
      }
    }
  }

  /// Without a UTF-8 byte order mark, and with a first line `#!…` turned into a comment, so that lines keep their
  /// numbers.
  public static func withoutPreamble(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.starts(with: Array("#".utf8)) { bytes.insert(contentsOf: Array("--".utf8), at: 0) }
    return bytes
  }
}
