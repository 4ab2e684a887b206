// SnippetStore: the operator's own copies of snippets, each named by the SHA-256 of its bytes. What is read is hashed before
// anybody sees it: a file that was changed is refused, whoever changed it.
import AWSCore
import Host

/// The folder `snippets` of the operator's data, and the lock in it.
public struct SnippetStore: Sendable {
  /// Its path; nothing is opened or made before it is needed.
  public let path: String

  public init(path: String) { self.path = path }

  /// `snippets` in the data folder; nil where there is no home.
  public init?(_ environment: Environment) {
    guard let folder = environment.dataFolder else { return nil }
    path = "\(folder)/snippets"
  }

  /// A signature that is larger is none.
  static let largestSignature = 64 << 10

  /// The lock as it stands; an empty one where there is none.
  public func lock() throws(Report) -> SnippetLock {
    guard let folder = try SnippetFolder(ofOwner: path) else { return SnippetLock() }
    return try SnippetLock(in: folder)
  }

  /// Changes the lock, while no other process does. What nothing needs any more is removed from the store.
  func change(_ body: (inout SnippetLock, SnippetFolder) throws(Report) -> Void) throws(Report) {
    let folder = try SnippetFolder(own: path)
    try folder.locked { () throws(Report) in
      var lock = try SnippetLock(in: folder)
      let before = lock
      try body(&lock, folder)
      if lock != before { try lock.write(to: folder) }
      let needed = Set(lock.pins.flatMap(Self.files))
      for file in Set(before.pins.flatMap(Self.files)).subtracting(needed) { folder.remove(file) }
    }
  }

  /// Takes snippets out of the lock. It needs nobody's trust, so what the operator believes is not read.
  /// - Throws: a report (exit code 252) for what is not pinned.
  public func remove(_ names: [String]) throws(Report) {
    try change { (lock, _) throws(Report) in
      for name in names {
        guard lock[name] != nil else { throw lock.notAdded(name) }
        lock.remove(name)
      }
    }
  }

  /// What is wrong with the copies of a pinned snippet and of what it requires; nil where each has its hash. Signatures
  /// are not verified.
  public func damage(of locked: LockedSnippet) -> String? {
    for pin in [locked.pin] + locked.requirements {
      do throws(Report) {
        let kept = try read(pin)
        if kept.signature == nil, Self.signatureFile(pin) != nil {
          return "the signature of \(pin.name) is not there any more; add the snippet again"
        }
      } catch { return error.message }
    }
    return nil
  }

  /// The bytes of a pin, and the signature that was kept with them.
  /// - Throws: a report (exit code 251) when they are not there, or are other bytes.
  func read(_ pin: SnippetPin) throws(Report) -> (bytes: [UInt8], signature: [UInt8]?) {
    let sha256 = pin.sha256
    guard let folder = try SnippetFolder(ofOwner: path),
      let bytes = try folder.read(Self.file(sha256), most: Snippet.largestSource)
    else {
      throw Report(
        message: "\(path)/\(Self.file(sha256)) is not there; add the snippet again",
        exitCode: ExitCode.refused)
    }
    guard Digest.hex(Digest.sha256(bytes)) == sha256 else {
      throw Report(
        message:
          "\(path)/\(Self.file(sha256)) is not what was added: its bytes do not have the hash that it is "
          + "named by. It is not run; add the snippet again",
        exitCode: ExitCode.refused)
    }
    let signature = try Self.signatureFile(pin).flatMap { (file) throws(Report) in
      try folder.read(file, most: Self.largestSignature)
    }
    return (bytes, signature)
  }

  static func put(_ part: SnippetPart, in folder: SnippetFolder) throws(Report) {
    if let signature = part.signature, let file = signatureFile(part.pin) {
      try folder.write(signature, to: file)
    }
    try folder.write(part.code.bytes, to: file(part.code.sha256))
  }

  /// Whether a file lies below a folder, or whoever writes there decides what its path leads to.
  public static func isPlace(_ folder: String, of file: String) -> Bool {
    PathSteps.lead(file, below: folder)
  }

  private static func file(_ hash: String) -> String { "\(hash).lua" }
  /// By its key too: the same bytes may be pinned once as unsigned and once as signed, and each stays what it was.
  private static func signatureFile(_ pin: SnippetPin) -> String? {
    guard case .signed(_, let fingerprint) = pin.signer else { return nil }
    let key = Digest.hex(Digest.sha256(Array(fingerprint.utf8))).prefix(16)
    return "\(pin.sha256).\(key).sig"
  }
  private static func files(_ pin: SnippetPin) -> [String] {
    [file(pin.sha256)] + [signatureFile(pin)].compactMap(\.self)
  }
}
