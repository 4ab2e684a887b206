// EnvironmentCredentials: keys in variables.

/// AWS_ACCESS_KEY_ID and its companions.
public final class EnvironmentCredentials: CredentialProvider {
  private let environment: Environment
  private let isPassedOver: Bool

  /// - Parameter isPassedOver: true when the operator named a profile on the command line. As with the AWS CLI, that
  ///   does not mean the keys which happen to be set.
  public init(_ environment: Environment, isPassedOver: Bool = false) {
    self.environment = environment
    self.isPassedOver = isPassedOver
  }

  public func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(Result { () throws(CallError) in try look() })
  }

  private func look() throws(CallError) -> CredentialLookup {
    let names = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isPassedOver { return .absent("\(names) (passed over, since --profile is given)") }
    let keyID = environment.variable("AWS_ACCESS_KEY_ID")
    let secret = environment.variable("AWS_SECRET_ACCESS_KEY")
    guard let keyID, let secret else {
      if keyID == nil && secret == nil { return .absent("\(names) (not set)") }
      let (set, missing) =
        keyID == nil
        ? ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID") : ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
      throw .noCredentials("\(set) is set but \(missing) is not. Set both, or neither to use the profile.")
    }
    return .found(
      Credentials(
        accessKeyID: keyID, secretAccessKey: secret,
        // The second spelling is the old one, still written by some tools.
        sessionToken: environment.variable("AWS_SESSION_TOKEN") ?? environment.variable("AWS_SECURITY_TOKEN"),
        expiration: try expiration(), accountID: environment.variable("AWS_ACCOUNT_ID"),
        source: "environment variables"))
  }

  private func expiration() throws(CallError) -> Timestamp? {
    guard let text = environment.variable("AWS_CREDENTIAL_EXPIRATION") else { return nil }
    guard let end = Timestamp(iso8601: text) else {
      throw .noCredentials(
        "AWS_CREDENTIAL_EXPIRATION is '\(text)', which is no time; write it as 2026-01-31T12:00:00Z, or unset it."
      )
    }
    return end
  }
}
