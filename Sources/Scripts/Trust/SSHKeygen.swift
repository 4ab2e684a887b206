// SSHKeygen: signs with the keys that people have. ssh-keygen does it, so that agents, passphrases, security keys and every
// type of key work as its user knows them; what it made is checked here before anybody gets it.
import AWSCore
import Glibc

public struct SSHKeygen: Sendable {
  /// Why nothing was signed, for people.
  public struct Problem: Error, Equatable, Sendable {
    public let message: String
  }

  /// A signature file, and the key that made it.
  public struct Signed: Sendable {
    public let file: [UInt8]
    public let key: SSHPublicKey
  }

  /// The program, by its whole path.
  private let program: String
  private let environment: Environment

  /// What is handed on: how to reach an agent, and what asks for a passphrase. Nothing of AWS's.
  private static let handedOn = [
    "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER", "SSH_SK_HELPER", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "HOME", "PATH", "TERM",
    "LANG", "LC_ALL", "LC_CTYPE",
  ]

  /// What is tried where nobody says which key: the names that ssh-keygen gives.
  private static let usualKeys = ["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"]

  /// Seconds that it may take where nobody can be asked for a passphrase; an agent may ask its user elsewhere.
  private static let patience = 60.0

  /// Looks the program up: first where Debian puts it, then along PATH, in files that only their owner can change.
  public init(_ environment: Environment) throws(Problem) {
    let path = (environment.variables["PATH"] ?? "").split(separator: ":").map(String.init)
    let folders = ["/usr/bin", "/usr/local/bin", "/bin"] + path.filter { $0.hasPrefix("/") }
    guard let program = folders.map({ "\($0)/ssh-keygen" }).first(where: Self.isSound) else {
      throw Problem(message: "there is no ssh-keygen to sign with; Debian's package is openssh-client")
    }
    self.program = program
    self.environment = environment
  }

  private static func isSound(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0, unsafe access(path, X_OK) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o022 == 0
      && (status.st_uid == 0 || status.st_uid == geteuid())
  }

  /// The key to sign with where nobody names one: the first of ssh's usual ones that is there, or whose public half is,
  /// for an agent. Nil for none.
  public static func usualKey(_ environment: Environment) -> String? {
    guard let home = environment.homeDirectory else { return nil }
    let files = usualKeys.flatMap { ["\(home)/.ssh/\($0)", "\(home)/.ssh/\($0).pub"] }
    return
      files
      .first { unsafe access($0, R_OK) == 0 }
  }

  /// Signs bytes as a snippet.
  /// - Parameters:
  ///   - key: the file of a private key, or of a public one whose private half an agent has.
  ///   - hasTerminal: somebody is there whom ssh-keygen may ask for a passphrase, for as long as it takes.
  /// - Throws: `Problem`; ssh-keygen's own words stand on standard error before it.
  public func sign(_ bytes: [UInt8], with key: String, hasTerminal: Bool) throws(Problem) -> Signed {
    guard unsafe access(key, R_OK) == 0 else {
      throw Problem(
        message: "the key \(quoted(key)) cannot be read: \(unsafe String(cString: strerror(errno)))")
    }
    // A signal that ends this program waits until the folder is gone.
    var ending = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&ending)
    for signal in [SIGINT, SIGHUP, SIGTERM] { unsafe sigaddset(&ending, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &ending, &before)
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    do throws(Environment.FileError) {
      let folder = try PrivateFolder()
      defer { folder.remove() }
      // A file, not standard input: where that is no terminal, ssh-keygen asks for no passphrase.
      let file = "\(folder.path)/snippet"
      try environment.writeFile(file, bytes, 0o600)
      try run(key, file, hasTerminal)
      return try Self.checked(environment.readFile("\(file).sig"), bytes)
    } catch {
      throw Problem(message: "nothing was signed: \(error.reason)")
    }
  }

  private func run(_ key: String, _ file: String, _ hasTerminal: Bool) throws(Environment.FileError) {
    var variables = environment.variables.filter { Self.handedOn.contains($0.key) }
    // By variables, so that no name is read as a word of the shell's.
    variables["MOONGATE_PROGRAM"] = program
    variables["MOONGATE_KEY"] = key
    variables["MOONGATE_FILE"] = file
    let command =
      "exec \"$MOONGATE_PROGRAM\" -q -Y sign -n \(Trust.namespace) -f \"$MOONGATE_KEY\" \"$MOONGATE_FILE\""
    let child: ChildProcess
    do throws(ProcessFailure) { child = try ChildProcess(command, environment: variables) } catch {
      throw Environment.FileError(reason: "ssh-keygen cannot be started: \(error.reason)")
    }
    let deadline = Duration.systemUptime() + .seconds(Self.patience)
    var end = child.end()
    while end == nil {
      if !hasTerminal, Duration.systemUptime() > deadline {
        child.stop()
        throw Environment.FileError(
          reason: "ssh-keygen did not end within \(Int(Self.patience)) s, and nobody can be asked here")
      }
      usleep(10_000)
      end = child.end()
    }
    guard let end, end.code != 0 || end.isSignal else { return }
    throw Environment.FileError(
      reason: end.isSignal
        ? "ssh-keygen was ended by signal \(end.code)"
        : "ssh-keygen did not sign with \(quoted(key)); what it says stands above")
  }

  /// What ssh-keygen left, if it is what it was asked for.
  private static func checked(
    _ file: [UInt8]?, _ bytes: [UInt8]
  ) throws(Environment.FileError) -> Signed {
    guard let file else { throw Environment.FileError(reason: "ssh-keygen left no signature") }
    do throws(TrustFailure) {
      let signature = try SSHSignature(file)
      if let failure = signature.failure(over: bytes, namespace: Trust.namespace) { throw failure }
      return Signed(file: file, key: signature.key)
    } catch {
      throw Environment.FileError(reason: "nobody would believe it: \(error.message)")
    }
  }
}
