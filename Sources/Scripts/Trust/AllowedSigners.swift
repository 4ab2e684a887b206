// AllowedSigners: whose keys are believed: the file of ssh-keygen(1), "ALLOWED SIGNERS", so that one file serves git and
// moongate.
//
//   alice@example.com namespaces="moongate-snippet",valid-before="20270101Z" ssh-ed25519 AAAAC3Nza… laptop
import AWSCore

public struct AllowedSigners: Sendable {
  /// One line.
  public struct Entry: Equatable, Sendable {
    public let line: Int
    /// Patterns with commas between them, as they are written.
    public let principals: String
    public let options: SignerOptions
    public let key: SSHPublicKey

    /// The line's word on whose key it is.
    public var signer: Signer {
      Signer(
        principal: principals, keyType: key.type, fingerprint: key.fingerprint,
        validUntil: options.validBefore, line: line)
    }

    /// Its owner, where the options let the key sign for this namespace now.
    func signerNow(for namespace: String, at now: Timestamp) -> Result<Signer, TrustFailure> {
      // Whole seconds, as ssh-keygen compares.
      let seconds = now.microseconds / 1_000_000
      if let namespaces = options.namespaces, !SSHPattern.list(namespaces, matches: namespace) {
        return .failure(.notForSnippets(signer))
      }
      if let from = options.validAfter, seconds < from.microseconds / 1_000_000 {
        return .failure(.notYetValid(signer, from: from))
      }
      if let until = options.validBefore, seconds > until.microseconds / 1_000_000 {
        return .failure(.expired(signer, at: until))
      }
      return .success(signer)
    }
  }

  /// In the order of the file.
  public let entries: [Entry]

  /// Reads the file; nil where there is none.
  /// - Throws: for a file that is not believed, or a line that cannot be read: what it was to keep out is unknown.
  init?(_ path: String, home: String?) throws(Trust.Problem) {
    guard let file = try TrustFile.read(path, home: home) else { return nil }
    try self.init(file.bytes, path: path)
  }

  /// No signers.
  init() { entries = [] }

  init(_ bytes: [UInt8], path: String) throws(Trust.Problem) {
    var entries: [Entry] = []
    for (number, text) in try TrustFile.lines(bytes, path) {
      do throws(SSHPublicKey.Problem) {
        entries.append(try Self.entry(text, number))
      } catch {
        throw Trust.Problem(
          message: "\(path):\(number): \(error.message); nothing is verified until that is put right")
      }
    }
    self.entries = entries
  }

  /// Whose key this is.
  /// - Parameters:
  ///   - namespace: what the signature is for.
  ///   - principal: who has to be its owner; nil for whoever the file says.
  /// - Returns: the first line that lets the key sign now; else why the first line of this key does not.
  func owner(
    of key: SSHPublicKey, namespace: String, principal: String? = nil, at now: Timestamp
  ) -> Result<Signer, TrustFailure> {
    var first: TrustFailure?
    for entry in entries where entry.key == key && !entry.options.isAuthority {
      if let principal, !SSHPattern.list(entry.principals, matches: principal) { continue }
      switch entry.signerNow(for: namespace, at: now) {
      case .success(let signer): return .success(signer)
      case .failure(let failure): first = first ?? failure
      }
    }
    return .failure(first ?? .unknownKey(type: key.type, fingerprint: key.fingerprint))
  }

  // MARK: A line

  /// A line that lets a key sign snippets.
  /// - Parameters:
  ///   - principal: whom the key belongs to, in the operator's words; see `isPrincipal`.
  ///   - until: when that ends, in whole seconds; nil for never.
  public static func line(for key: SSHPublicKey, principal: String, until: Timestamp?) -> String {
    var options = "namespaces=\"\(Trust.namespace)\""
    if let until {
      // 20270101T000000Z, without its T.
      options += ",valid-before=\"\(until.basicFormat.replacing("T", with: ""))\""
    }
    return "\(principal) \(options) \(key.text)"
  }

  /// Whether a line of the file has the owner, the options and the key of this one already.
  public func says(_ line: String) -> Bool {
    guard let new = try? Self.entry(line, 0) else { return false }
    return entries.contains {
      $0.principals == new.principals && $0.options == new.options && $0.key == new.key
    }
  }

  /// True for a name that stands for one owner: no pattern, nothing that ends a word of a line.
  public static func isPrincipal(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 256 && !text.hasPrefix("#")
      && !text.unicodeScalars.contains { "*?!,\"\\".unicodeScalars.contains($0) || $0 == " " || $0.isHidden }
  }

  private static func entry(_ text: String, _ line: Int) throws(SSHPublicKey.Problem) -> Entry {
    var rest = text[...]
    let principals = try Self.principals(&rest)
    var options = SignerOptions()
    if SignerOptions.begins(rest) {
      let word = try optionsWord(&rest)
      options = try SignerOptions(word)
    }
    return Entry(line: line, principals: principals, options: options, key: try SSHPublicKey(text: rest))
  }

  /// The first word, which may be quoted to hold spaces.
  private static func principals(_ rest: inout Substring) throws(SSHPublicKey.Problem) -> String {
    let isQuoted = rest.hasPrefix("\"")
    if isQuoted { rest.removeFirst() }
    let word = rest.prefix { isQuoted ? $0 != "\"" : !isSpace($0) && $0 != "\"" }
    rest = rest[word.endIndex...]
    if isQuoted, rest.popFirst() == nil { throw SSHPublicKey.Problem(message: "a quote is not closed") }
    guard !word.isEmpty, let next = rest.first, isSpace(next) else {
      throw SSHPublicKey.Problem(message: "a line is PRINCIPALS [OPTIONS] TYPE KEY")
    }
    guard word.split(separator: ",").contains(where: { !$0.hasPrefix("!") }) else {
      throw SSHPublicKey.Problem(message: "\(quoted(String(word))) names nobody")
    }
    rest = rest.drop(while: isSpace)
    return String(word)
  }

  /// Up to the first space outside of quotes.
  private static func optionsWord(_ rest: inout Substring) throws(SSHPublicKey.Problem) -> String {
    var isQuoted = false
    var previous: Character = " "
    let word = rest.prefix { character in
      if character == "\"", previous != "\\" { isQuoted.toggle() }
      previous = character
      return isQuoted || !isSpace(character)
    }
    guard !isQuoted else { throw SSHPublicKey.Problem(message: "a quote is not closed") }
    rest = rest[word.endIndex...].drop(while: isSpace)
    return String(word)
  }

  private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
}
