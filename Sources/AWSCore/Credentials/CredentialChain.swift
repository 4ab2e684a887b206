// CredentialChain: the providers in their order, what they found, who waits for it, and when it is looked for again.

/// The sources in their order, what the last search found, and who waits for the present one.
public final class CredentialChain: CredentialSource {
  public private(set) var current: Credentials?
  private let providers: [any CredentialProvider]
  private let notice: (String) -> Void
  private var windows: RenewalWindows?
  private var waiting: [(Result<Credentials, CallError>) -> Void] = []
  private var isSearching = false
  /// Until then nothing is renewed that still serves: a renewal has just failed.
  private var pause: Timestamp?
  /// Whether it has been told that credentials are used on.
  private var hasToldOfUsingOn = false

  /// Microseconds between tries to renew credentials in the background.
  private static let backgroundPause: Int64 = 60 * 1_000_000
  /// Microseconds between tries to renew an instance's credentials that have ended; the SDKs take 10 to 20 minutes.
  private static let usingOnPause: Int64 = 15 * 60 * 1_000_000

  /// - Parameter notice: told what the operator should know though the call goes on.
  public init(_ providers: [any CredentialProvider], notice: @escaping (String) -> Void = { _ in }) {
    self.providers = providers
    self.notice = notice
  }

  /// The sources that a session has by default. The order is that of the AWS SDK for Rust; the AWS CLI has web
  /// identities before profiles.
  public convenience init(_ context: CredentialContext) {
    self.init(
      [
        EnvironmentCredentials(
          context.environment, isPassedOver: context.settings.profileIsExplicit),
        ProfileCredentials(context),
        WebIdentityCredentials(context),
        ContainerCredentials(context),
        InstanceMetadataCredentials(context),
      ], notice: context.notice)
  }

  /// Calls `completion` once with credentials, at once or later. However many calls ask, the sources are
  /// searched once.
  public func credentials(
    at now: @autoclosure @escaping () -> Timestamp,
    completion: @escaping (Result<Credentials, CallError>) -> Void
  ) {
    let time = now()
    let isPaused = pause.map { time < $0 } ?? false
    guard let current, let stage = windows?.stage(at: time),
      stage != .ending || isPaused && current.mayOutlive
    else {
      waiting.append(completion)
      return search(now)
    }
    completion(.success(current))
    if stage == .aging && !isPaused { search(now) }
  }

  public func forget(_ refused: Credentials) {
    guard let current, current.areTheSameKeys(as: refused) else { return }
    self.current = nil
    windows = nil
    pause = nil
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

  private static func nothing(_ absent: [String]) -> CallError {
    .noCredentials(
      "No credentials were found. Looked at \(absent.joined(separator: ", ")). Set AWS_ACCESS_KEY_ID and "
        + "AWS_SECRET_ACCESS_KEY, run 'aws configure', or choose a profile with --profile.")
  }

  private func finish(_ found: Result<Credentials, CallError>, at now: Timestamp) {
    isSearching = false
    let result = take(found, at: now)
    let callers = waiting
    waiting = []
    for caller in callers { caller(result) }
  }

  /// Keeps what was found, if it serves.
  private func take(_ found: Result<Credentials, CallError>, at now: Timestamp) -> Result<
    Credentials, CallError
  > {
    switch found {
    case .success(let new) where !new.haveEnded(at: now):
      keep(new, at: now)
      pause = nil
      hasToldOfUsingOn = false
      return .success(new)
    case .success(let new) where new.mayOutlive:
      keep(new, at: now)
      return useOn(new, at: now)
    case .success(let new):
      pause = later(now, Self.backgroundPause)
      return .failure(Self.over(new, at: now))
    case .failure(let error):
      if let current, current.mayOutlive { return useOn(current, at: now) }
      pause = later(now, Self.backgroundPause)
      return .failure(error)
    }
  }

  private func keep(_ new: Credentials, at now: Timestamp) {
    current = new
    windows = RenewalWindows(new, receivedAt: now)
  }

  private func useOn(_ credentials: Credentials, at now: Timestamp) -> Result<Credentials, CallError> {
    let haveEnded = credentials.haveEnded(at: now)
    pause = later(now, haveEnded ? Self.usingOnPause : Self.backgroundPause)
    if haveEnded && !hasToldOfUsingOn {
      hasToldOfUsingOn = true
      notice(
        "the credentials from \(credentials.source) ended at \(credentials.expiration?.iso8601 ?? "some time") and "
          + "no newer ones can be had now; they are used on, and newer ones looked for every 15 minutes.")
    }
    return .success(credentials)
  }

  private func later(_ now: Timestamp, _ microseconds: Int64) -> Timestamp {
    Timestamp(microseconds: now.microseconds &+ microseconds)
  }

  private static func over(_ credentials: Credentials, at now: Timestamp) -> CallError {
    .noCredentials(
      "The credentials from \(credentials.source) ended at \(credentials.expiration?.iso8601 ?? "some time"), "
        + "and it is \(now.iso8601) by this computer's clock. Renew them there, or set the clock.")
  }
}
