// CredentialChain: the providers in their order, what they found, who waits for it, and when it is looked for again.

/// The sources in their order, what the last search found, and who waits for the present one.
public final class CredentialChain: CredentialSource {
  public private(set) var current: Credentials?
  private let providers: [any CredentialProvider]
  /// Of `current`.
  private var windows: RenewalWindows?
  private var waiting: [(Result<Credentials, CallError>) -> Void] = []
  private var isSearching = false
  /// Until then nothing is renewed that still serves: the last renewal failed.
  private var pause: Timestamp?

  /// Microseconds between tries to renew credentials that still serve.
  private static let longestPause: Int64 = 60 * 1_000_000

  public init(_ providers: [any CredentialProvider]) { self.providers = providers }

  /// The sources that a session has by default. The order is that of the AWS SDK for Rust; the AWS CLI has web
  /// identities before profiles.
  public convenience init(_ context: CredentialContext) {
    self.init([
      EnvironmentCredentials(context.environment, isPassedOver: context.settings.profileIsExplicit),
      ProfileCredentials(context),
      WebIdentityCredentials(context),
      ContainerCredentials(context),
      InstanceMetadataCredentials(context),
    ])
  }

  /// Calls `completion` once with credentials, at once or later. However many calls ask, the sources are
  /// searched once.
  public func credentials(
    at now: @autoclosure @escaping () -> Timestamp,
    completion: @escaping (Result<Credentials, CallError>) -> Void
  ) {
    let time = now()
    guard let current, let stage = windows?.stage(at: time), stage != .ending else {
      waiting.append(completion)
      return search(now)
    }
    completion(.success(current))
    if stage == .aging, pause.map({ time >= $0 }) ?? true { search(now) }
  }

  public func forget(_ refused: Credentials) {
    guard let current, current.areTheSameKeys(as: refused) else { return }
    self.current = nil
    windows = nil
  }

  // MARK: Searching

  private func search(_ clock: @escaping () -> Timestamp) {
    guard !isSearching else { return }
    isSearching = true
    ask(0, absent: [], clock)
  }

  private func ask(_ index: Int, absent: [String], _ clock: @escaping () -> Timestamp) {
    guard index < providers.count else { return finish(.failure(Self.nothing(absent)), at: clock()) }
    providers[index].load { [self] result in
      switch result {
      case .success(.found(let credentials)): finish(.success(credentials), at: clock())
      case .success(.absent(let reason)): ask(index + 1, absent: absent + [reason], clock)
      case .failure(let error): finish(.failure(error), at: clock())
      }
    }
  }

  private func finish(_ found: Result<Credentials, CallError>, at now: Timestamp) {
    let result = found.flatMap { new in
      new.haveEnded(at: now) ? .failure(Self.over(new, at: now)) : .success(new)
    }
    switch result {
    case .success(let new):
      current = new
      windows = RenewalWindows(new, receivedAt: now)
      pause = nil
    case .failure: pause = Timestamp(microseconds: now.microseconds &+ Self.longestPause)
    }
    isSearching = false
    let callers = waiting
    waiting = []
    for caller in callers { caller(result) }
  }

  // MARK: Words

  private static func nothing(_ absent: [String]) -> CallError {
    .noCredentials(
      "No credentials were found. Looked at \(absent.joined(separator: ", ")). Set AWS_ACCESS_KEY_ID and "
        + "AWS_SECRET_ACCESS_KEY, run 'aws configure', or choose a profile with --profile.")
  }

  private static func over(_ credentials: Credentials, at now: Timestamp) -> CallError {
    .noCredentials(
      "The credentials from \(credentials.source) ended at \(credentials.expiration?.iso8601 ?? "some time"), and it "
        + "is \(now.iso8601) by this computer's clock. Renew them there, or set the clock.")
  }
}
