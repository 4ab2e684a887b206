// CredentialProvider: where credentials come from, one source after the other.
//
// A source that is not configured says so and the next one is asked; a source that is configured and fails
// ends the search with its own error, because falling through would sign with somebody else's keys.

/// What a source found.
public enum CredentialLookup: Sendable {
  case found(Credentials)
  /// This source is not configured; the words end the sentence "looked at …".
  case absent(String)
}

/// One source of credentials.
public protocol CredentialProvider: AnyObject {
  /// Looks now; nothing is cached here. `completion` is called once, at once or later on the event loop.
  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void)
}

/// Keys that are given, as the local gateway's.
public final class StaticCredentials: CredentialProvider {
  private let credentials: Credentials
  public init(_ credentials: Credentials) { self.credentials = credentials }
  public func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    completion(.success(.found(credentials)))
  }
}

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

/// The sources in their order, what the last search found, and who waits for the present one.
public final class CredentialChain: CredentialSource {
  private let providers: [any CredentialProvider]
  private var cached: Credentials?
  private var waiting: [(Result<Credentials, CallError>) -> Void] = []

  /// Credentials are looked for again when they end within this time; botocore's mandatory window.
  private static let refreshWindow: Int64 = 10 * 60 * 1_000_000

  public init(_ providers: [any CredentialProvider]) { self.providers = providers }

  /// The sources that a session has by default: environment, then profile.
  public convenience init(settings: Settings, environment: Environment) {
    self.init([
      EnvironmentCredentials(settings: settings, environment: environment),
      ProfileCredentials(settings: settings, environment: environment),
      UnsupportedCredentials(environment: environment),
    ])
  }

  /// Calls `completion` once with credentials, at once or later. However many calls ask, the sources are
  /// searched once.
  public func credentials(at now: Timestamp, completion: @escaping (Result<Credentials, CallError>) -> Void) {
    if let cached, cached.expiration.map({ $0.microseconds - now.microseconds > Self.refreshWindow }) ?? true
    {
      return completion(.success(cached))
    }
    waiting.append(completion)
    if waiting.count == 1 { search(from: 0, absent: []) }
  }

  /// Forgets what was found, for credentials that the service has refused.
  public func forget() { cached = nil }

  private func search(from index: Int, absent: [String]) {
    guard index < providers.count else {
      return finish(
        .failure(
          CallError(
            .configuration, code: "NoCredentials",
            message: "No credentials were found. Looked at \(absent.joined(separator: ", ")). Set "
              + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run 'aws configure', or choose a profile with "
              + "--profile.")))
    }
    providers[index].load { [self] result in
      switch result {
      case .success(.found(let credentials)):
        cached = credentials
        finish(.success(credentials))
      case .success(.absent(let reason)): search(from: index + 1, absent: absent + [reason])
      case .failure(let error): finish(.failure(error))
      }
    }
  }

  private func finish(_ result: Result<Credentials, CallError>) {
    let callers = waiting
    waiting = []
    for caller in callers { caller(result) }
  }
}
