// NamedFiles: files that the operator names on the command line for a script's arguments. Naming one is the grant for it and
// for no other; what holds credentials stays closed all the same.
import AWSCore
import Glibc

public struct NamedFiles {
  /// Why a file is not used, for people.
  public struct Problem: Error, Equatable {
    public let message: String
  }

  private let protected: ProtectedPlaces
  /// Standard input is the script itself, or was read for another argument.
  private let input: Input

  /// Where relative names lead; nil for the current folder.
  private let inputFolder: String?
  private let outputFolder: String?

  private final class Input {
    var isTaken: Bool
    init(isTaken: Bool) { self.isTaken = isTaken }
  }

  /// - Parameters:
  ///   - isInputTaken: standard input is read already.
  ///   - inputFolder: where relative names of files to read lead; nil for the current folder.
  ///   - outputFolder: the same of files to write.
  public init(
    protected: ProtectedPlaces, isInputTaken: Bool = false, inputFolder: String? = nil,
    outputFolder: String? = nil
  ) {
    self.protected = protected
    self.inputFolder = inputFolder
    self.outputFolder = outputFolder
    input = Input(isTaken: isInputTaken)
  }

  /// The bytes of a file, or of standard input for `-`.
  /// - Parameter most: bytes that it may have.
  public func read(_ path: String, most: Int) throws(Problem) -> [UInt8] {
    if path == "-" {
      guard !input.isTaken else { throw Problem(message: "standard input is read already") }
      input.isTaken = true
      return try bytes(STDIN_FILENO, "standard input", most)
    }
    let path = Self.path(path, in: inputFolder)
    try check(path)
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw Problem(message: "cannot open \(quoted(path)): \(Self.reason)") }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      throw Problem(message: "\(quoted(path)) is a folder")
    }
    guard !protected.contains(status) else { throw Problem(message: refusal(path)) }
    return try bytes(descriptor, quoted(path), most)
  }

  /// The file that a name to write means.
  public func output(_ path: String) throws(Problem) -> String {
    guard outputFolder == nil || path.hasPrefix("/") || !path.contains("/") else {
      throw Problem(
        message: "\(quoted(path)): what a test writes has a name without folders, or begins with /")
    }
    return Self.path(path, in: outputFolder)
  }

  private static func path(_ path: String, in folder: String?) -> String {
    guard let folder, !path.isEmpty, !path.hasPrefix("/") else { return path }
    return "\(folder)/\(path)"
  }

  /// Why a file cannot be written; nil when it most likely can.
  public func problem(ofWriting path: String) -> String? {
    do throws(Problem) { try check(path) } catch { return error.message }
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return "\(quoted(path)) is a folder" }
      guard !protected.contains(status) else { return refusal(path) }
      return nil
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    return unsafe access(folder, W_OK | X_OK) == 0 ? nil : "cannot write \(quoted(path)): \(Self.reason)"
  }

  /// Looks at a file that an option of the command names, before anything else is done.
  /// - Throws: a report with exit code 252 when it cannot be written.
  public static func checkWriting(_ path: String, for option: String) throws(Report) {
    let files = NamedFiles(protected: ProtectedPlaces(Environment.process(), audit: nil))
    guard let problem = files.problem(ofWriting: path) else { return }
    throw Report(message: "\(option): \(problem)", exitCode: ExitCode.usage)
  }

  private func check(_ path: String) throws(Problem) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw Problem(message: "a file has a name") }
    let real = GrantedFolder.realPath(path)
    guard !protected.covers(FilePath.absolute(path)), real.map(protected.covers) != true else {
      throw Problem(message: refusal(path))
    }
  }

  private func refusal(_ path: String) -> String {
    "\(quoted(path)) belongs to your credentials or to moongate, which code never opens"
  }

  private func bytes(_ descriptor: Int32, _ name: String, _ most: Int) throws(Problem) -> [UInt8] {
    do throws(BoundedRead.Failure) { return try BoundedRead.all(of: descriptor, most: most) } catch {
      switch error {
      case .system(let number):
        throw Problem(message: "cannot read \(name): \(unsafe String(cString: strerror(number)))")
      case .tooLarge:
        throw Problem(message: "\(name) is too large: the files of a command line may have 8 MiB together")
      }
    }
  }

  private static var reason: String { unsafe String(cString: strerror(errno)) }
}
