// CredentialChain: the providers in their order, what they found, and who waits for it.

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
