// SSOCredentials: keys of a role that IAM Identity Center lets its user take, for the user's access token.

/// `sso_session`, or the older `sso_start_url`, of a profile.
final class SSOCredentials: CredentialProvider {
  private let context: CredentialContext
  private let name: String
  private let config: SharedConfig

  /// - Parameter profile: the name of the profile, in `config`.
  init(_ context: CredentialContext, profile: String, config: SharedConfig) {
    self.context = context
    name = profile
    self.config = config
  }

  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    do throws(CallError) {
      guard let profile = try SSOProfile.find(name, in: config) else {
        return completion(.success(.absent("IAM Identity Center in profile '\(name)' (not configured)")))
      }
      let role = try profile.role()
      SSOTokenProvider(context, profile).token { [self] result in
        switch result {
        case .success(let token): getRoleCredentials(profile, role, token, completion)
        case .failure(let error): completion(.failure(error))
        }
      }
    } catch {
      completion(.failure(error))
    }
  }

  private typealias Role = (account: SharedConfig.Entry, name: SharedConfig.Entry)

  private func getRoleCredentials(
    _ profile: SSOProfile, _ role: Role, _ token: SSOToken,
    _ completion: @escaping (Result<CredentialLookup, CallError>) -> Void
  ) {
    do throws(CallError) {
      var url = try context.settings.endpointURL(of: .sso, region: profile.region.value)
        .appending("/federation/credentials")
      url.query = "role_name=\(uriEncoded(role.name.value))&account_id=\(uriEncoded(role.account.value))"
      var request = ServiceRequest(
        operation: "GetRoleCredentials",
        http: HTTPRequest(method: "GET", url: url, headers: ["x-amz-sso_bearer_token": token.accessToken]),
        signing: nil, isReading: true, format: JSONFormat(),
        hostExplanation: context.settings.hostExplanation(of: .sso, region: profile.region.value))
      request.isConfidential = true
      request.secrets = [token.accessToken]
      _ = context.caller.start(request) { [self] result in
        completion(
          Result { () throws(CallError) in
            switch result {
            case .success(let response): return .found(try credentials(response, profile, role))
            case .failure(let error): throw explained(error, profile, role)
            }
          })
      }
    } catch {
      completion(.failure(error))
    }
  }

  private func credentials(_ response: Response, _ profile: SSOProfile, _ role: Role) throws(CallError)
    -> Credentials
  {
    let keys = (try? JSON.decode(response.body))?["roleCredentials"]
    guard let id = keys?["accessKeyId"]?.string, let secret = keys?["secretAccessKey"]?.string,
      let token = keys?["sessionToken"]?.string, let milliseconds = keys?["expiration"]?.integer,
      let end = Timestamp(epochSeconds: Double(milliseconds) / 1_000)
    else {
      throw SSOTokenFile.error(
        "IAM Identity Center answered without the keys of role '\(role.name.value)' for profile '\(name)'.")
    }
    return Credentials(
      accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: end,
      accountID: role.account.value,
      source: "IAM Identity Center, profile '\(name)' (\(profile.startURL.source))"
    )
  }

  /// What the portal's refusal means for the operator. Whoever did not answer at all is explained already.
  private func explained(_ error: CallError, _ profile: SSOProfile, _ role: Role) -> CallError {
    guard error.category == .service else { return error }
    var explained = error
    explained.category = .configuration
    explained.code = "NoCredentials"
    let said = "(\(error.code): \(error.message))"
    explained.message =
      error.httpStatus == 401
      ? "IAM Identity Center does not accept the token of profile '\(name)' \(said). \(profile.signIn)"
      : "IAM Identity Center gives profile '\(name)' no keys of role '\(role.name.value)' (\(role.name.source)) in "
        + "account \(role.account.value) (\(role.account.source)) \(said). Have the role assigned to you there, or "
        + "correct the profile."
    return explained
  }
}
