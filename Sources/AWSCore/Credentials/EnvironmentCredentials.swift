// EnvironmentCredentials: keys in variables.

/// AWS_ACCESS_KEY_ID and its companions.
public final class EnvironmentCredentials: CredentialProvider {
  private let settings: Settings
  private let environment: Environment

  public init(settings: Settings, environment: Environment) {
    self.settings = settings
    self.environment = environment
  }

  public func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(Result { () throws(CallError) in try look() })
  }

  private func look() throws(CallError) -> CredentialLookup {
    let names = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    // As the AWS CLI: who names a profile on the command line does not mean the keys that happen to be set.
    if settings.profileIsExplicit { return .absent("\(names) (passed over, since --profile is given)") }
    let keyID = environment.variable("AWS_ACCESS_KEY_ID")
    let secret = environment.variable("AWS_SECRET_ACCESS_KEY")
    guard let keyID, let secret else {
      if keyID == nil && secret == nil { return .absent("\(names) (not set)") }
      let (set, missing) =
        keyID == nil
        ? ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID") : ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
      throw CallError(
        .configuration, code: "NoCredentials",
        message: "\(set) is set but \(missing) is not. Set both, or neither to use the profile.")
    }
    return .found(
      Credentials(
        accessKeyID: keyID, secretAccessKey: secret,
        // The second spelling is the old one, still written by some tools.
        sessionToken: environment.variable("AWS_SESSION_TOKEN") ?? environment.variable("AWS_SECURITY_TOKEN"),
        expiration: environment.variable("AWS_CREDENTIAL_EXPIRATION").flatMap { Timestamp(iso8601: $0) },
        accountID: environment.variable("AWS_ACCOUNT_ID"), source: "environment variables"))
  }
}
