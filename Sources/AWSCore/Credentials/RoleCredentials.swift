// RoleCredentials: the keys of a role that a script names, assumed with a session's own.

/// A role on top of other credentials.
public final class RoleCredentials: CredentialProvider {
  private let context: CredentialContext
  private let role: AssumeRole
  private let source: any CredentialSource

  /// - Parameters:
  ///   - arn: as `arn:aws:iam::123456789012:role/NAME`.
  ///   - source: whose keys assume it.
  ///   - origin: who says so, for messages.
  /// - Throws: `Configuration` for what is not the ARN of a role.
  public init(
    _ context: CredentialContext, arn: String, source: any CredentialSource, origin: String
  ) throws(CallError) {
    guard Self.account(of: arn) != nil else {
      throw CallError(
        .configuration, code: "Configuration",
        message: "'\(oneLine(arn, limit: 200))' (from \(origin)) is not the ARN of a role, as in "
          + "arn:aws:iam::123456789012:role/NAME.")
    }
    self.context = context
    self.source = source
    role = AssumeRole(arn: arn, origin: origin)
  }

  /// The account of a role's ARN; nil for what is none.
  public static func account(of role: String) -> String? {
    let parts = role.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "iam", parts[3].isEmpty,
      parts[4].utf8.count == 12, parts[4].utf8.allSatisfy(isDigit), parts[5].hasPrefix("role/"),
      parts[5].utf8.count > 5, parts[5].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return String(parts[4])
  }

  public func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    let sts = STS(context)
    source.credentials(at: sts.now) { [role] keys in
      switch keys {
      case .failure(let error): completion(.failure(error))
      case .success(let keys):
        sts.start(role.request(code: nil, at: sts.now), signer: keys) { result in
          completion(result.map(CredentialLookup.found))
        }
      }
    }
  }
}
