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

extension CallError {
  /// Credentials that could not be had, for a reason that lies in configuration.
  static func noCredentials(_ message: String) -> CallError {
    CallError(.configuration, code: "NoCredentials", message: message)
  }
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
