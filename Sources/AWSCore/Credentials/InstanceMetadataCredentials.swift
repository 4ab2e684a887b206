// InstanceMetadataCredentials: keys of the role of the EC2 instance that this runs on.

/// The last of the sources. Keys that the service has given are used on when it fails, even beyond their end: the
/// services accept them while the metadata service is out (AWS calls it static stability).
final class InstanceMetadataCredentials: CredentialProvider {
  private let context: CredentialContext
  /// What the service gave last.
  private var last: Credentials?
  private var hasWarned = false

  /// Microseconds that keys are used on for: a chain looks for others after three quarters of them (RenewalWindows),
  /// which is 10 to 20 minutes, so that a fleet does not come back as one.
  private static let outageLife = Int64(14 * 60 * 1_000_000)...(26 * 60 * 1_000_000)

  init(_ context: CredentialContext) { self.context = context }

  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    InstanceMetadata.ask(context, for: "/latest/meta-data/iam/security-credentials/", isFolder: true) {
      [self] answer in
      completion(answer.map(judge))
    } read: { text, role in
      Self.credentials(text, role)
    }
  }

  private func judge(_ answer: InstanceMetadataAnswer<Credentials>) -> CredentialLookup {
    switch answer {
    case .found(let credentials):
      last = credentials
      if let end = credentials.expiration, end <= context.caller.now {
        return .found(usedOn(credentials, because: "gives keys that ended at \(end.iso8601)"))
      }
      hasWarned = false
      return .found(credentials)
    case .absent(let reason, let lack):
      guard let last, lack != .nothing else { return .absent(reason) }
      return .found(usedOn(last, because: "does not answer as it should"))
    }
  }

  /// The same keys with an end that lets the chain ask again in 10 to 20 minutes. When the services refuse them before,
  /// the chain is told to forget them and asks at once.
  private func usedOn(_ credentials: Credentials, because reason: String) -> Credentials {
    if !hasWarned {
      context.notice(
        "The instance metadata service \(reason). The keys it gave last are used on; it is asked again in 10 to 20 "
          + "minutes.")
      hasWarned = true
    }
    var credentials = credentials
    let now = context.caller.now
    credentials.expiration = Timestamp(
      microseconds: now.microseconds &+ Int64.random(in: Self.outageLife))
    return credentials
  }

  private static func credentials(_ text: String, _ role: String)
    -> Result<Credentials, InstanceMetadataRefusal>
  {
    guard let document = try? JSON.decode(Array(text.utf8)) else { return .failure(.malformed) }
    if let code = document["Code"]?.string, code != "Success" {
      let name = code.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A } ? code : "an error"
      return .failure(.nothing("the role \(role) gives no keys: \(name)"))
    }
    do throws(CredentialDocumentProblem) {
      return .success(
        try Credentials(document: document, tokenName: "Token", source: "instance metadata (role \(role))"))
    } catch {
      return .failure(.malformed)
    }
  }
}
