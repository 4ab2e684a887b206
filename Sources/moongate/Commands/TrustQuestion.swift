// TrustQuestion: `moongate snippet trust KEY --as NAME`: a key's line is added to `allowed_signers`, after its
// fingerprint was shown and somebody said yes to it, or named it in advance.
import AWSCore
import Glibc
import Host
import Scripts

struct TrustQuestion {
  typealias Failure = SnippetCommand.Failure

  private let key: SSHPublicKey
  private let principal: String
  private let until: Timestamp?
  private let expected: String?
  private let environment: Environment
  private let path: String
  private let trust: Trust

  init(_ arguments: Arguments) throws(Failure) {
    guard arguments.rest.count == 1 else { throw .usage("trust takes one key at a time") }
    guard let principal = arguments.principal else {
      throw .usage("say whose key this is: --as NAME, as in --as alice@example.com")
    }
    guard AllowedSigners.isPrincipal(principal) else {
      throw .usage(
        "--as takes one owner's name without spaces, commas and wildcards, not \(quoted(principal)): "
          + "a key listed for * signs as anyone")
    }
    environment = Environment.process()
    let word = arguments.rest[0]
    key = try Self.key(word, arguments)
    self.principal = principal
    until = arguments.trustedUntil
    let isNamed = RevocationList.isFingerprint(word) && !AskedTerminal.isPossible
    expected = arguments.fingerprint ?? (isNamed ? word : nil)
    trust = try SnippetCommand.trust(arguments, environment)
    do throws(Report) {
      path = try arguments.trust.places(environment).allowedSigners
    } catch { throw .report(error) }
  }

  /// The key of a .pub file, the one that made a signature, or the one of a fingerprint.
  private static func key(_ file: String, _ arguments: Arguments) throws(Failure) -> SSHPublicKey {
    if RevocationList.isFingerprint(file) { return try signer(file, arguments) }
    if file.lowercased().hasPrefix("sha256:") {
      throw .usage(
        "\(quoted(file)) is no fingerprint of a key: that is SHA256: and 43 characters, as ssh-keygen -l prints it"
      )
    }
    let environment = Environment.process()
    let text = String(decoding: try SnippetCommand.read(file, environment), as: UTF8.self)
    if text.hasPrefix("-----BEGIN SSH SIGNATURE-----") {
      do throws(TrustFailure) { return try SSHSignature(Array(text.utf8)).key } catch {
        throw Failure("\(quoted(file)): \(error.message)", ExitCode.usage)
      }
    }
    if text.hasPrefix("-----BEGIN ") {
      throw Failure(
        "\(quoted(file)) is no public key; whoever has the private one keeps it, and gives the .pub beside it",
        ExitCode.usage)
    }
    do throws(SSHPublicKey.Problem) { return try SSHPublicKey(text: trimmed(text)) } catch {
      throw Failure("\(quoted(file)) is no public key: \(error.message)", ExitCode.usage)
    }
  }

  /// A fingerprint names a key and does not hold it, but what the key signed does: the registries' signatures are looked
  /// through.
  private static func signer(_ fingerprint: String, _ arguments: Arguments) throws(Failure) -> SSHPublicKey {
    let snippets = try SnippetCommand.reporting { () throws(Report) in try arguments.snippets() }
    for registry in snippets.registries {
      for listing in (try? registry.listings().snippets) ?? [] where listing.isSigned {
        guard let signature = (try? registry.fetch(listing.name, listing.version))?.signature,
          let key = (try? SSHSignature(signature))?.key, key.fingerprint == fingerprint
        else { continue }
        return key
      }
    }
    throw Failure(
      "no registry has a signature by \(fingerprint); give the key's .pub file, or a .sig file that it made",
      ExitCode.usage)
  }

  // MARK: The answer

  func run() throws(Failure) -> Int32 {
    if let refusal = key.refusal { throw Failure(refusal.message, ExitCode.refused) }
    if let revocation = trust.revocation(ofKey: key) {
      throw Failure("the key \(key.fingerprint) is revoked: \(revocation.text)", ExitCode.refused)
    }
    if let until, until <= .systemNow() {
      throw .usage("--until \(until.iso8601) has passed")
    }
    if let entry = trust.signers.entries.first(where: { $0.key == key }) {
      if expected ?? key.fingerprint == key.fingerprint, trust.signers.says(line) { return agreed() }
      throw Failure(
        "the key \(key.fingerprint) stands in \(quoted(path)) already, line \(entry.line), for "
          + "\(quoted(entry.principals)); change that line",
        ExitCode.usage)
    }
    try agree()
    try add(line)
    return agreed()
  }

  private func agreed() -> Int32 {
    print("\(key.fingerprint) signs snippets as \(principal) \(validity)")
    return ExitCode.ok
  }

  private var line: String { AllowedSigners.line(for: key, principal: principal, until: until) }

  private var validity: String { until.map { "until \($0.iso8601)" } ?? "for ever" }

  private func agree() throws(Failure) {
    if let expected {
      guard expected == key.fingerprint else {
        throw Failure(
          "this is another key than the one that --fingerprint names: it is \(key.fingerprint)",
          ExitCode.refused
        )
      }
      return
    }
    Command.tell(
      "\(key.type) key with the fingerprint\n  \(key.fingerprint)\nwould sign snippets as "
        + "\(principal) \(validity). Compare the fingerprint with what \(principal) tells you by another way."
    )
    guard AskedTerminal.isPossible, let terminal = AskedTerminal(isSeen: true) else {
      throw Failure(
        "nobody can be asked here; give the fingerprint that you were told: --fingerprint SHA256:…",
        ExitCode.refused)
    }
    terminal.write("Trust this key? [y] yes  [n] no: ")
    let answer = withExtendedLifetime(terminal) { terminal.line() }
    guard let answer, ["y", "yes"].contains(trimmed(answer).lowercased()) else {
      throw Failure("the key is not trusted", ExitCode.refused)
    }
  }

  // MARK: The file

  private func add(_ line: String) throws(Failure) {
    // A link is followed: what it leads to is replaced, not the link.
    let target = unsafe realpath(path, nil)
    defer { unsafe free(target) }
    let file = unsafe target.map { unsafe String(cString: $0) } ?? path
    do throws(Environment.FileError) {
      makeFolders(file)
      // Two that add at once must not write one without the other's line; see flock(2).
      let folder = unsafe open(
        String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) + "/", O_RDONLY | O_CLOEXEC)
      defer { if folder >= 0 { close(folder) } }
      while folder >= 0, flock(folder, LOCK_EX) != 0, errno == EINTR {}
      var bytes = try environment.readFile(file) ?? []
      if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
      try environment.writeFile(file, bytes + Array("\(line)\n".utf8), 0o600)
    } catch {
      throw Failure("cannot write \(quoted(file)): \(error.reason)", ExitCode.configuration)
    }
  }

  private func makeFolders(_ file: String) {
    for slash in file.indices.dropFirst() where file[slash] == "/" {
      _ = unsafe mkdir(String(file[..<slash]), 0o700)
    }
  }
}
