// SSOTokenProvider: an access token of IAM Identity Center that can be used now: the one in the file, renewed when it is
// about to end. Sign-in itself is the AWS CLI's.
//
//   read ─┬→ finish                               it lasts, or cannot be renewed
//         └→ create ─┬→ save → finish
//                    ├→ wait → read → finish      another process has used the refresh token
//                    └→ finish                    with the old one while it lasts

/// What there is to do for one token, as a machine.
struct SSOTokenRenewal {
  enum Event {
    case begin
    case read(SSOToken)
    case created(Value)
    case failed(CallError)
    /// The pause is over.
    case waited
  }

  enum Action {
    case read
    /// Ask for a new token with these members.
    case create(Value.Object)
    case pause(seconds: Double)
    /// Write it, and be done with it.
    case save(SSOToken)
    case finish(SSOToken)
    /// There is none that can be used; the reason ends a sentence, and is nil when nothing was tried.
    case giveUp(ended: Timestamp, reason: String?)
  }

  private let profile: SSOProfile
  private let mayRenew: Bool
  /// The token that was to be renewed.
  private var old: SSOToken?
  private var reason: String?

  /// Renewed when it ends within this time, as botocore.
  private static let window: Int64 = 15 * 60 * 1_000_000
  /// For the other process to write what it got.
  private static let pause = 1.0

  /// - Parameter mayRenew: false when it was tried a moment ago.
  init(_ profile: SSOProfile, mayRenew: Bool) {
    self.profile = profile
    self.mayRenew = mayRenew
  }

  mutating func next(_ event: Event, now: Timestamp) -> Action {
    switch event {
    case .begin, .waited: return .read
    case .read(let token): return judge(token, now)
    case .created(let answer):
      let new = old?.renewed(
        by: answer, at: now, startURL: profile.startURL.value, region: profile.region.value)
      if let new { return .save(new) }
      reason = "the answer holds no token"
      return end(now)
    case .failed(let error):
      reason = error.category == .service ? error.code : error.message.trimming(".")
      // Used up by another process, which has written its new one by now or will at once.
      let isUsedUp = ["InvalidGrantException", "invalid_grant"].contains(error.code)
      return isUsedUp ? .pause(seconds: Self.pause) : end(now)
    }
  }

  private mutating func judge(_ token: SSOToken, _ now: Timestamp) -> Action {
    let hasTried = old != nil
    old = token
    guard !hasTried, mayRenew, token.expiration.microseconds - now.microseconds < Self.window,
      let renewal = token.renewal(at: now)
    else { return end(now) }
    return .create(renewal)
  }

  /// With the token of the file, whatever became of its renewal.
  private func end(_ now: Timestamp) -> Action {
    guard let old else { return .read }
    return now < old.expiration ? .finish(old) : .giveUp(ended: old.expiration, reason: reason)
  }
}

/// The token of one profile.
final class SSOTokenProvider {
  private let context: CredentialContext
  private let profile: SSOProfile
  private let file: SSOTokenFile

  /// Seconds between attempts to renew.
  private static let patience = 30.0

  init(_ context: CredentialContext, _ profile: SSOProfile) {
    self.context = context
    self.profile = profile
    file = SSOTokenFile(profile, context.environment)
  }

  /// Reads the file each time: other tools renew it too. `completion` is called once, at once or later on the event
  /// loop.
  func token(completion: @escaping (Result<SSOToken, CallError>) -> Void) {
    let last = context.knowledge.tokenRenewals[profile.cachePath]
    let mayRenew = last.map { context.timers.monotonicSeconds - $0 >= Self.patience } ?? true
    step(SSOTokenRenewal(profile, mayRenew: mayRenew), .begin, completion)
  }

  private func step(
    _ renewal: SSOTokenRenewal, _ event: SSOTokenRenewal.Event,
    _ completion: @escaping (Result<SSOToken, CallError>) -> Void
  ) {
    var renewal = renewal
    switch renewal.next(event, now: context.caller.now) {
    case .read:
      do throws(CallError) {
        step(renewal, .read(try file.read()), completion)
      } catch {
        completion(.failure(error))
      }
    case .create(let members):
      context.knowledge.tokenRenewals[profile.cachePath] = context.timers.monotonicSeconds
      create(members) { [self] event in step(renewal, event, completion) }
    case .pause(let seconds):
      _ = context.timers.after(seconds) { [self] in step(renewal, .waited, completion) }
    case .save(let token):
      save(token)
      completion(.success(token))
    case .finish(let token): completion(.success(token))
    case .giveUp(let ended, let reason):
      let attempt = reason.map { ", and renewing it failed: \($0)" } ?? ""
      completion(
        .failure(
          SSOTokenFile.error(
            "The IAM Identity Center token of profile '\(profile.name)' ended at \(ended.iso8601)\(attempt). "
              + profile.signIn)))
    }
  }

  private func create(_ members: Value.Object, _ completion: @escaping (SSOTokenRenewal.Event) -> Void) {
    do throws(CallError) {
      let url = try context.settings.endpointURL(of: .ssoOIDC, region: profile.region.value)
      var request = ServiceRequest(
        operation: "CreateToken",
        http: HTTPRequest(
          method: "POST", url: url.appending("/token"), headers: ["Content-Type": "application/json"],
          body: JSON.encode(.object(members))),
        signing: nil, isReading: false, format: OAuthFormat(),
        hostExplanation: context.settings.hostExplanation(of: .ssoOIDC, region: profile.region.value))
      request.isConfidential = true
      request.secrets = ["refreshToken", "clientSecret"].compactMap { Value.object(members)[$0]?.string }
      _ = context.caller.start(request) { result in
        switch result {
        case .success(let response): completion(.created((try? JSON.decode(response.body)) ?? .null))
        case .failure(let error): completion(.failed(error))
        }
      }
    } catch {
      completion(.failed(error))
    }
  }

  private func save(_ token: SSOToken) {
    do throws(Environment.FileError) {
      try file.write(token)
    } catch {
      // The refresh token in the file has been used; nobody can renew with it any more.
      context.notice(
        "The renewed token of IAM Identity Center cannot be written to \(profile.cachePath): \(error.reason). When it "
          + "ends, at \(token.expiration.iso8601): aws sso login --profile \(profile.name).")
    }
  }
}

/// Answers of OpenID Connect: JSON whose errors have OAuth's member (RFC 6749 5.2) where AWS's header is missing.
struct OAuthFormat: AnswerFormat {
  private let json = JSONFormat()
  var name: String { json.name }

  func body(of response: HTTPResponse) throws(AnswerProblem) -> [UInt8] { try json.body(of: response) }

  func error(in response: HTTPResponse) -> ServiceError? {
    guard var error = json.error(in: response) else { return nil }
    let body = try? JSON.decode(response.body)
    if error.code == String(response.status), let code = body?["error"]?.string { error.code = code }
    return error
  }
}
