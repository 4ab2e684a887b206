// ProfileCredentials: what a profile of the shared files says about keys.

/// The profile's keys in ~/.aws/credentials or ~/.aws/config.
public final class ProfileCredentials: CredentialProvider {
  private let settings: Settings
  private let environment: Environment

  public init(settings: Settings, environment: Environment) {
    self.settings = settings
    self.environment = environment
  }

  public func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(Result { () throws(CallError) in try look() })
  }

  /// Ways of a profile to get credentials that are not built yet, by the key that asks for them, in the order
  /// in which the SDKs let them win. They all win over static keys.
  private static let unsupported = [
    ("role_arn", "assuming a role"), ("web_identity_token_file", "a web identity"),
    ("sso_session", "IAM Identity Center"), ("sso_start_url", "IAM Identity Center"),
    ("login_session", "'aws login'"), ("credential_process", "a credential process"),
  ]

  private func look() throws(CallError) -> CredentialLookup {
    // Read again each time: keys in files are replaced under long-running programs.
    let config = try SharedConfig(environment: environment)
    let name = settings.profile.value
    let files = "\(config.configPath) and \(config.credentialsPath)"
    guard let profile = config.profiles[name] else {
      return .absent("profile '\(name)' (not in \(files))")
    }
    for (key, what) in Self.unsupported {
      guard let entry = profile[key], !entry.value.isEmpty else { continue }
      throw CallError(
        .configuration, code: "NoCredentials",
        message:
          "Profile '\(name)' gets its credentials from \(what) ('\(key)' in \(entry.source)), which Moongate "
          + "does not support yet. Export temporary keys instead: aws configure export-credentials --profile "
          + "\(name) --format env.")
    }
    func value(_ key: String) -> String? { profile[key].flatMap { $0.value.isEmpty ? nil : $0.value } }
    let keyID = value("aws_access_key_id")
    let secret = value("aws_secret_access_key")
    guard let keyID, let secret else {
      if keyID == nil && secret == nil {
        return .absent("profile '\(name)' in \(files) (it holds no keys)")
      }
      let missing = keyID == nil ? "aws_access_key_id" : "aws_secret_access_key"
      throw CallError(
        .configuration, code: "NoCredentials",
        message: "Profile '\(name)' in \(files) has only half of a key pair: \(missing) is missing.")
    }
    let place = profile["aws_access_key_id"]?.source ?? files
    return .found(
      Credentials(
        accessKeyID: keyID, secretAccessKey: secret, sessionToken: value("aws_session_token"),
        accountID: value("aws_account_id"), source: "profile '\(name)' (\(place))"))
  }
}

/// Sources that the environment configures and Moongate cannot use yet. Passing over them would say "no
/// credentials" where there are some.
public final class UnsupportedCredentials: CredentialProvider {
  private let environment: Environment
  public init(environment: Environment) { self.environment = environment }

  private static let variables = [
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "a web identity"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "the container service"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "the container service"),
  ]

  public func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    guard let (name, what) = Self.variables.first(where: { environment.variable($0.0) != nil }) else {
      return completion(.success(.absent("web identity and container variables (not set)")))
    }
    completion(
      .failure(
        CallError(
          .configuration, code: "NoCredentials",
          message: "\(name) offers credentials from \(what), which Moongate does not support yet. Set "
            + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.")))
  }
}
