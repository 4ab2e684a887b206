// Environment: what configuration is read from, and where a renewed token is written to. The one place that asks the
// process and the disk; tests bring a dictionary.

// `environ` is a C global, which Swift 6 takes only from a module it was told to trust.
@unsafe @preconcurrency import Glibc

public struct Environment: Sendable {
  /// Why a file cannot be read or written: the system's words.
  public struct FileError: Error, Sendable {
    public var reason: String
    public init(reason: String) { self.reason = reason }
  }

  /// The process's variables by name; an empty one is as good as none.
  public var variables: [String: String]
  /// Where `~` points.
  public var homeDirectory: String?
  /// The bytes of a file; nil when there is none.
  public var readFile: @Sendable (_ path: String) throws(FileError) -> [UInt8]?
  /// Replaces a file by one with these bytes and this mode, at once: no reader finds half of it, and a crash leaves the
  /// old one or the new one.
  public var writeFile: @Sendable (_ path: String, _ bytes: [UInt8], _ mode: UInt32) throws(FileError) -> Void

  public init(
    variables: [String: String] = [:], homeDirectory: String? = nil,
    readFile: @escaping @Sendable (_ path: String) throws(FileError) -> [UInt8]? = { _ in nil },
    writeFile:
      @escaping @Sendable (_ path: String, _ bytes: [UInt8], _ mode: UInt32) throws(FileError) -> Void =
      { _, _, _ throws(FileError) in throw FileError(reason: "nothing is written here") }
  ) {
    self.variables = variables
    self.homeDirectory = homeDirectory
    self.readFile = readFile
    self.writeFile = writeFile
  }

  /// The environment of this process, as it was when it was first asked for. The home directory is $HOME, then the
  /// password file's.
  public static func process() -> Environment { ofProcess }

  private static let ofProcess: Environment = {
    // Room for what a login shell has, so that it is not moved five times on the way.
    var variables = [String: String](minimumCapacity: 48)
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      if let equals = unsafe strchr(text, Int32(UInt8(ascii: "="))) {
        // Bytes: a search for the character "=" would look for graphemes, at ten times the price.
        let name = unsafe UnsafeRawBufferPointer(start: text, count: equals - text)
        variables[unsafe String(decoding: name, as: UTF8.self)] = unsafe String(cString: equals + 1)
      }
      unsafe entry += 1
    }
    return Environment(
      variables: variables, homeDirectory: homeDirectory(variables, ofUser: homeOfUser()),
      readFile: contents(of:), writeFile: replace)
  }()

  /// $HOME, then what the system says of the user.
  static func homeDirectory(_ variables: [String: String], ofUser home: @autoclosure () -> String?) -> String?
  {
    variables["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home()
  }

  private static func homeOfUser() -> String? {
    guard let user = unsafe getpwuid(getuid()), let home = unsafe user.pointee.pw_dir else { return nil }
    return unsafe String(cString: home)
  }

  /// A variable's value without white space around it; nil when it is unset or blank.
  public func variable(_ name: String) -> String? {
    variables[name].map { trimmed($0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A base folder (XDG Base Directory Specification): the variable's when it is absolute, else the one below the home
  /// folder; nil where there is no home.
  func baseFolder(_ variable: String, orHome path: String) -> String? {
    self.variable(variable).flatMap { $0.hasPrefix("/") ? $0 : nil } ?? homeDirectory.map { "\($0)/\(path)" }
  }

  /// `$XDG_STATE_HOME/moongate`, or below `~/.local/state`: the audit log, and what was typed at the prompt.
  public var stateFolder: String? {
    baseFolder("XDG_STATE_HOME", orHome: ".local/state").map { "\($0)/moongate" }
  }

  /// `$XDG_CONFIG_HOME/moongate`, or below `~/.config`: what the operator wrote for moongate.
  public var configurationFolder: String? {
    baseFolder("XDG_CONFIG_HOME", orHome: ".config").map { "\($0)/moongate" }
  }

  /// `$XDG_DATA_HOME/moongate`, or below `~/.local/share`: the user's modules.
  public var dataFolder: String? {
    baseFolder("XDG_DATA_HOME", orHome: ".local/share").map { "\($0)/moongate" }
  }

  /// A path with a leading `~` replaced.
  public func expanded(_ path: String) -> String {
    guard let homeDirectory, path == "~" || path.hasPrefix("~/") else { return path }
    return homeDirectory + String(path.dropFirst())
  }

  /// Configuration files have a few kilobytes; more than 8 MiB is not one.
  private static let largestFile = 8 << 20

  /// /dev/null, major 1 and minor 3: `AWS_CONFIG_FILE=/dev/null` is how scripts for AWS's tools say "no configuration".
  private static let nullDevice: dev_t = 0x103

  private static func failure() -> FileError { FileError(reason: unsafe String(cString: strerror(errno))) }

  private static func contents(of path: String) throws(FileError) -> [UInt8]? {
    // O_NONBLOCK: a named pipe in the place of the file must not hang the program.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure()
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure() }
    if status.st_mode & S_IFMT == S_IFCHR, status.st_rdev == nullDevice { return [] }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(reason: "not a regular file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= largestFile else { throw FileError(reason: "larger than 8 MiB") }
    }
  }

  private static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(FileError) {
    let temporary = "\(path).\(UUID.random())"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure() }
    do throws(FileError) {
      defer { close(descriptor) }
      let isWritten = (try? WholeWrite.all(bytes, to: descriptor)) != nil
      // Before the rename: a crash must not leave the new name with nothing in it.
      guard isWritten, fsync(descriptor) == 0 else { throw failure() }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    guard unsafe rename(temporary, path) == 0 else {
      let problem = failure()
      unsafe unlink(temporary)
      throw problem
    }
  }
}
