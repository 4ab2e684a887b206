// ServiceDoor: where the requests of a session go out, and what is known of whom they reach. A client of the service is
// one; a process that may not have credentials has one that asks another process.
import AWSCore
import BackupGateway

/// Takes checked and permitted requests to the service. All on the event loop's thread.
public protocol ServiceDoor: AnyObject {
  /// What is known at this moment; none of it is a secret.
  var facts: SessionFacts { get }
  /// Starts a call. `completion` is called once, later, from the event loop's turn; never when the call is cancelled.
  func start(
    _ request: Request, completion: @escaping (Result<Response, CallError>) -> Void
  ) -> CallID
  /// Forgets a call; a request that was sent may still be carried out.
  func cancel(_ id: CallID)
  /// Sends nothing more for a call. True when a request of it is on its way, and its completion will be called with the
  /// answer; false when it might as well be cancelled.
  func sendNothingMore(_ id: CallID) -> Bool
}

extension ServiceDoor {
  public func sendNothingMore(_ id: CallID) -> Bool { false }
}

/// Whom a session talks to, as far as it is known.
public struct SessionFacts: Sendable {
  public var profile: String
  /// Nil while none is configured; that of a machine which no setting names is there after the first call.
  public var region: String?
  /// Nil until configuration, a role, credentials or an answer have told it.
  public var account: String?
  /// Where requests go; nil while that cannot be said.
  public var endpoint: String?
  /// Each setting, its value and where it came from, in the order people ask for them.
  public var rows: [(name: String, value: String, source: String)]

  public init(
    profile: String, region: String?, account: String?, endpoint: String?,
    rows: [(name: String, value: String, source: String)] = []
  ) {
    self.profile = profile
    self.region = region
    self.account = account
    self.endpoint = endpoint
    self.rows = rows
  }
}

extension Client: ServiceDoor {
  public var facts: SessionFacts {
    let endpoint = try? settings.endpointURL(of: .backupGateway).description
    var rows = settings.explanation
    if settings.endpoint == nil, let endpoint { rows.append(("endpoint", endpoint, "the region")) }
    return SessionFacts(
      profile: settings.profile.value, region: settings.region?.value,
      account: currentCredentials?.accountID ?? configuredAccount, endpoint: endpoint,
      rows: rows + credentialRows)
  }

  /// Which keys sign, whose they are and when they end; what they are is nobody's to see.
  private var credentialRows: [(name: String, value: String, source: String)] {
    guard let keys = currentCredentials else {
      let account = configuredAccount.map { ("account", $0, "the configuration") }
      return [("credentials", "none yet", "nowhere: the first call looks for them")]
        + [account].compactMap(\.self)
    }
    var end = ""
    if let expiration = keys.expiration {
      let left = Duration.seconds((expiration.epochSeconds - now.epochSeconds).rounded(.down))
      end = left > .zero ? ", expires in \(left.roughly)" : ", expired at \(expiration.iso8601)"
    }
    let account = keys.accountID.map { ("account", $0, "the credentials") }
    return [("credentials", "…\(keys.accessKeyID.suffix(4))\(end)", keys.source)]
      + [account].compactMap(\.self)
  }
}
