// Editor: the user's text editor, on a private copy of a text.
import AWSCore
import CSpawn
import Glibc

struct Editor {
  /// Why a text was not edited.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// What an editor left.
  struct Edited {
    let text: String
    /// False for a text that is as it was, or empty.
    let isChange: Bool
    /// That the editor failed all the same, in words.
    var failure: String?
  }

  /// What is tried where neither $VISUAL nor $EDITOR names one: Debian's choice of the administrator first.
  private static let usual = ["editor", "vi", "nano"]
  /// More than this is no line of anybody's, in bytes.
  private static let longest = 4 << 20

  /// A command of the shell, which may have options: `code --wait`.
  let command: String

  /// The editor that the user wants: $VISUAL, $EDITOR, or one that is there.
  static func find() throws(Problem) -> Editor {
    for name in ["VISUAL", "EDITOR"] {
      if let command = Terminal.variable(name), !command.allSatisfy(\.isWhitespace) {
        return Editor(command: command)
      }
    }
    guard let found = usual.first(where: isThere) else {
      throw Problem(description: "there is no editor; set VISUAL or EDITOR to one, as in EDITOR=nano")
    }
    return Editor(command: found)
  }

  /// Whether a program can be started: by its path, or by a name that is found in $PATH.
  static func isThere(_ program: String) -> Bool {
    if program.contains("/") { return unsafe access(program, X_OK) == 0 }
    let folders = (Terminal.variable("PATH") ?? "").split(separator: ":")
    return folders.contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
  }

  /// Opens the text in the editor, and waits.
  /// - Returns: what became of it, without line ends at its end. What an editor wrote before it failed is there too.
  func edit(_ text: String) throws(Problem) -> Edited {
    // A signal that ends this program, as when the terminal goes, waits until the folder is gone.
    var ending = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&ending)
    for signal in [SIGHUP, SIGTERM] { unsafe sigaddset(&ending, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &ending, &before)
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let folder: PrivateFolder
    do throws(Environment.FileError) { folder = try PrivateFolder() } catch {
      throw Problem(description: "the text needs a folder: \(error.reason)")
    }
    // What an editor leaves beside the file, as a backup, stays in it.
    defer { folder.remove() }
    let path = folder.path + "/line.lua"
    try Self.write(text + "\n", to: path)
    var status: Int32 = 0
    let quoted = "'" + path.replacing("'", with: "'\\''") + "'"
    // The trap: Ctrl-C is for the editor, and must not end the shell that waits for it.
    let problem = Terminal.keepingModes {
      unsafe cspawn_program("trap : INT QUIT; \(command) \(quoted)", &status)
    }
    guard problem == 0 else {
      throw Problem(description: "the editor cannot be started: \(Self.reason(problem))")
    }
    if [126, 127].contains(status) {
      throw Problem(
        description:
          "there is no editor \(Layout.shown(command)); set VISUAL or EDITOR to one, as in EDITOR=nano")
    }
    let failure = "the editor \(Layout.shown(command)) failed (\(status))"
    // Ended by a signal, as with its terminal: then the next one is for us, and the folder must be gone before.
    if status > 128 { throw Problem(description: "\(failure); what it wrote is not taken") }
    var edited = try Self.read(path)
    while edited.last?.isNewline == true { edited.removeLast() }
    let isChange = edited != text && !edited.allSatisfy(\.isWhitespace)
    guard status != 0 else { return Edited(text: edited, isChange: isChange) }
    guard isChange else { throw Problem(description: "\(failure); nothing was changed") }
    return Edited(text: edited, isChange: true, failure: failure)
  }

  // MARK: The file

  private static func write(_ text: String, to path: String) throws(Problem) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Problem(description: "\(path) cannot be made: \(reason(errno))") }
    defer { close(descriptor) }
    do throws(WholeWrite.Failure) { try WholeWrite.all(Array(text.utf8), to: descriptor) } catch {
      throw Problem(description: "\(path) cannot be written: \(reason(error.number))")
    }
  }

  private static func read(_ path: String) throws(Problem) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Problem(description: "the edited text cannot be read: \(reason(errno))")
    }
    defer { close(descriptor) }
    do throws(BoundedRead.Failure) {
      return String(decoding: try BoundedRead.all(of: descriptor, most: longest), as: UTF8.self)
    } catch {
      switch error {
      case .system(let number):
        throw Problem(description: "the edited text cannot be read: \(reason(number))")
      case .tooLarge:
        throw Problem(description: "the edited text is longer than \(longest >> 20) MiB; run it from a file")
      }
    }
  }

  private static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
