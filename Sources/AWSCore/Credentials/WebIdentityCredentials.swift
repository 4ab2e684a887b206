// WebIdentityCredentials: keys for a token that somebody else vouches for, as in pods of Amazon EKS.

/// AWS_WEB_IDENTITY_TOKEN_FILE and its companions, or what a profile says instead.
final class WebIdentityCredentials: CredentialProvider {
  private let context: CredentialContext
  private let identity: WebIdentity?

  /// The identity that variables name.
  convenience init(_ context: CredentialContext) { self.init(context, of: nil) }

  init(_ context: CredentialContext, of identity: WebIdentity?) {
    self.context = context
    self.identity = identity
  }

  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    do throws(CallError) {
      guard let identity = try configured() else {
        let isPassedOver = context.settings.profileIsExplicit
        let reason = isPassedOver ? "passed over, since --profile is given" : "not set"
        return completion(.success(.absent("AWS_WEB_IDENTITY_TOKEN_FILE (\(reason))")))
      }
      let sts = STS(context)
      let request = identity.request(token: try token(identity), at: sts.now)
      sts.start(request, signer: nil) { completion($0.map(CredentialLookup.found)) }
    } catch {
      completion(.failure(error))
    }
  }

  /// The profile's, or what the variables say; nil when they name no token, or the operator named a profile instead.
  private func configured() throws(CallError) -> WebIdentity? {
    if let identity { return identity }
    let environment = context.environment
    let name = "AWS_WEB_IDENTITY_TOKEN_FILE"
    guard !context.settings.profileIsExplicit, let file = environment.variable(name) else { return nil }
    guard let arn = environment.variable("AWS_ROLE_ARN") else {
      throw .noCredentials(
        "\(name) is set but AWS_ROLE_ARN is not. Set both, or neither to look for credentials elsewhere.")
    }
    return WebIdentity(
      tokenFile: file, arn: arn, sessionName: environment.variable("AWS_ROLE_SESSION_NAME"), origin: name)
  }

  private func token(_ identity: WebIdentity) throws(CallError) -> String {
    let problem: String
    do throws(Environment.FileError) {
      let bytes = try context.environment.readFile(context.environment.expanded(identity.tokenFile))
      let token = bytes.map { trimmed(String(decoding: $0, as: UTF8.self)) }
      if let token, !token.isEmpty { return token }
      problem = token == nil ? "does not exist" : "is empty"
    } catch {
      problem = "cannot be read: \(error.reason)"
    }
    throw .noCredentials("The token file \(identity.tokenFile) of \(identity.origin) \(problem).")
  }
}
