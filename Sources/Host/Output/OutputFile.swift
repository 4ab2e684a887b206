// OutputFile: a file that is there whole or not at all. What is written goes to a file beside it, which takes its name when
// all is written; a run that fails leaves the old file as it was.
import Glibc
import LuaRuntime

public final class OutputFile: OutputSink {
  typealias Failure = OutputFailure

  /// As a script wrote it, for errors.
  private let path: String
  /// The folder, and the name in it.
  private var folder: Int32
  private let name: String
  /// The file beside it; nil where a name cannot be taken over, as of a pipe.
  private var temporary: String?
  private var descriptor: Int32 = -1
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 16

  /// A file in an open folder, which it closes.
  /// - Parameter mode: of the file that is there, or that it is to have; nil where that is the umask's to say.
  init(_ path: String, in folder: Int32, name: String, mode: mode_t?) throws(Failure) {
    self.path = path
    self.folder = folder
    self.name = name
    // Two runs at once write two files.
    let beside = ".\(name.prefix(100)).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    // From the start: who opened it while others could would read on.
    let mode = mode.map { $0 & 0o777 }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    descriptor = unsafe openat(folder, beside, flags, mode ?? 0o666)
    guard descriptor >= 0 else { throw failure() }
    temporary = beside
    // The umask may have taken some of it.
    if let mode { _ = fchmod(descriptor, mode) }
  }

  /// A file that the operator names: through symbolic links, and whatever is there already.
  /// - Parameter isPrivate: nobody but its owner may read it, whoever could read the one that is there.
  public convenience init(_ path: String, isPrivate: Bool = false) throws(OutputFailure) {
    var status = stat()
    let exists = unsafe stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind != S_IFREG {
      guard kind != S_IFDIR else { throw Failure(message: "cannot write \(path): it is a folder") }
      try self.init(special: path)
      return
    }
    // The name that is a link stays one.
    let real = exists ? GrantedFolder.realPath(path) ?? path : path
    let slash =
      real.utf8.lastIndex(of: UInt8(ascii: "/")).map { real.utf8.index(after: $0) } ?? real.startIndex
    let folder = slash == real.startIndex ? "." : String(real[..<slash])
    let opened = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0, slash < real.endIndex else {
      throw Failure(message: "cannot write \(path): \(opened < 0 ? Self.reason : "it names a folder")")
    }
    let mode = isPrivate ? 0o600 : exists ? status.st_mode : nil
    try self.init(path, in: opened, name: String(real[slash...]), mode: mode)
  }

  /// A pipe or a device, which is written to as it is.
  private init(special path: String) throws(Failure) {
    self.path = path
    folder = -1
    name = ""
    descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw failure() }
  }

  deinit { abandon() }

  public func write(_ bytes: [UInt8]) throws(OutputFailure) {
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
  public func finish() throws(OutputFailure) {
    try writeOut()
    // What is named is on the disk: a report that a power failure empties would be worse than none.
    if let temporary {
      guard fsync(descriptor) == 0 else { throw failure() }
      guard unsafe renameat(folder, temporary, folder, name) == 0 else { throw failure() }
      self.temporary = nil
    }
    abandon()
  }

  /// Leaves nothing behind.
  public func abandon() {
    if descriptor >= 0 { close(descriptor) }
    if let temporary { _ = unsafe unlinkat(folder, temporary, 0) }
    if folder >= 0 { close(folder) }
    (descriptor, folder, temporary) = (-1, -1, nil)
  }

  private func failure() -> Failure { Failure(message: "cannot write \(path): \(Self.reason)") }

  private static var reason: String { unsafe String(cString: strerror(errno)) }
}

/// A file of Moongate's own that the operator names: whole or not at all.
public enum WholeFile {
  /// Whether something has the name, be it a link that leads nowhere.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// - Parameter isPrivate: nobody but its owner may read it.
  /// - Throws: a report that names the file.
  public static func write(_ bytes: [UInt8], to path: String, isPrivate: Bool = false) throws(Report) {
    do throws(OutputFile.Failure) {
      let file = try OutputFile(path, isPrivate: isPrivate)
      try file.write(bytes)
      try file.finish()
    } catch {
      throw Report(message: error.message, exitCode: ExitCode.network)
    }
  }
}

extension Grants {
  /// A file to write, whole or not at all. What the operator types at the prompt is itself the grant.
  func replace(_ path: String, by author: Author) throws(LuaRaise) -> OutputFile {
    guard !path.isEmpty else { throw LuaRaise.refused("a file needs a name") }
    let result: Result<OutputFile, OutputFile.Failure> = try raising(path) { () throws(FileProblem) in
      if isTrusting || author.kind == .typed {
        guard !path.utf8.contains(0) else { throw .refused("a file's name holds no zero byte") }
        guard isTrusting || !protected.covers(FilePath.absolute(path)) else { throw ProtectedPlaces.refusal }
        return Result { () throws(OutputFile.Failure) in try OutputFile(path) }
      }
      let place = try place(of: path, for: .write)
      let opened = try place.folder.openForReplacing(place.names, protected)
      return Result { () throws(OutputFile.Failure) in
        try OutputFile(path, in: opened.folder, name: place.names[place.names.count - 1], mode: opened.mode)
      }
    }
    switch result {
    case .success(let file): return file
    case .failure(let failure): throw LuaRaise(text: failure.message)
    }
  }
}

extension GrantedFolder {
  /// The folder that holds the last name, which the caller closes, and the mode of the file that has it now.
  fileprivate func openForReplacing(
    _ names: [String], _ protected: ProtectedPlaces
  ) throws(FileProblem) -> (folder: Int32, mode: mode_t?) {
    let parent = try parent(of: names, protected)
    do throws(FileProblem) {
      let status = try Self.checkReplaceable(names, in: parent, protected)
      switch status.map({ $0.st_mode & S_IFMT }) {
      case nil, S_IFREG: return (parent, status?.st_mode)
      case S_IFLNK: throw Self.problem(ELOOP, names)
      default: throw Self.notRegular(names)
      }
    } catch {
      close(parent)
      throw error
    }
  }
}
