// CallerIdentity: whose keys a session signs with, as STS says it (GetCallerIdentity).

public struct CallerIdentity: Sendable, Equatable {
  public var account: String
  public var arn: String
  public var userID: String

  public init(account: String, arn: String, userID: String) {
    (self.account, self.arn, self.userID) = (account, arn, userID)
  }

  /// Nil for an answer that does not say it.
  init?(_ response: Response) {
    let names = ["Account", "Arn", "UserId"]
    guard let document = try? XML(response.body) else { return nil }
    let values = names.compactMap { document["GetCallerIdentityResponse", "GetCallerIdentityResult", $0] }
    guard values.count == names.count, values.allSatisfy({ !$0.isEmpty }) else { return nil }
    (account, arn, userID) = (values[0], values[1], values[2])
  }

  /// Asks STS. `completion` is called once, at once or later on the event loop.
  public static func load(
    _ context: CredentialContext, signedBy credentials: any CredentialSource,
    completion: @escaping (Result<CallerIdentity, CallError>) -> Void
  ) {
    STS(context).identify(credentials, completion: completion)
  }
}
