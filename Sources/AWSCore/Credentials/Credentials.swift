// Credentials: the keys that sign a request. Never printed, never readable from Lua.

/// An access key pair, with the token of temporary credentials.
public struct Credentials: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// As AWS gave them; the token is nil for keys that do not end.
  public var accessKeyID: String
  public var secretAccessKey: String
  public var sessionToken: String?
  /// When temporary credentials end.
  public var expiration: Timestamp?
  /// The account they belong to, where the source says it.
  public var accountID: String?
  /// Where they came from, in words, for `session.explain()` and `--debug`.
  public var source: String
  /// True when a person was asked for them, or may have been: they are not asked again before it must be.
  var neededOperator = false

  public init(
    accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Timestamp? = nil,
    accountID: String? = nil, source: String
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
    self.accountID = accountID
    self.source = source
  }

  /// True when both sign alike, wherever they came from.
  func areTheSameKeys(as other: Credentials) -> Bool {
    secretAccessKey == other.secretAccessKey && sessionToken == other.sessionToken
      && accessKeyID == other.accessKeyID
  }

  /// What any printing of credentials shows: the last four characters of the public half, as `aws configure list`.
  public var description: String { "credentials …\(accessKeyID.suffix(4)) from \(source)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
