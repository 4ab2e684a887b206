// STS: AWS Security Token Service: keys for a role, and whose keys these are.

struct STS {
  /// One call for the keys of a role.
  struct Request {
    /// AWS's name of the operation.
    var action: String
    /// The role's ARN.
    var role: String
    /// Who says that it is to be assumed, for messages.
    var origin: String
    /// Those without a value are not sent.
    var parameters: [(name: String, value: String?)]
    /// Values of parameters that nobody may be shown.
    var secrets: [String] = []
  }

  private static let version = "2011-06-15"

  private let context: CredentialContext

  init(_ context: CredentialContext) { self.context = context }

  /// What a session is called that nobody has named: audit logs then show what made it, and when.
  static func sessionName(at now: Timestamp) -> String { "moongate-\(now.microseconds / 1_000_000)" }

  /// The time to name sessions by.
  var now: Timestamp { context.caller.now }

  /// Gets the keys of a role. `completion` is called once, at once or later.
  /// - Parameter signer: whose keys sign; nil for calls that take no signature.
  func start(
    _ request: Request, signer: Credentials?, completion: @escaping (Result<Credentials, CallError>) -> Void
  ) {
    var service: ServiceRequest
    do throws(CallError) {
      service = try serviceRequest(
        request.action, request.parameters, secrets: request.secrets,
        signedBy: signer.map { CredentialChain([StaticCredentials($0)]) })
      service.isConfidential = true
    } catch {
      // A missing region, an endpoint that cannot be used: their own words say it all.
      return completion(.failure(error))
    }
    _ = context.caller.start(service) { result in
      completion(
        Result { () throws(CallError) in
          do throws(CallError) {
            return try Self.credentials(from: result.get(), request)
          } catch {
            throw Self.explained(error, request, signer)
          }
        })
    }
  }

  /// Says whose keys a source gives. `completion` is called once, at once or later.
  /// - Parameter settings: of whoever asks; they say where STS is.
  func identify(
    _ signer: any CredentialSource, completion: @escaping (Result<CallerIdentity, CallError>) -> Void
  ) {
    let service: ServiceRequest
    do throws(CallError) {
      service = try serviceRequest("GetCallerIdentity", [], signedBy: signer)
    } catch {
      return completion(.failure(error))
    }
    _ = context.caller.start(service) { result in
      completion(
        result.flatMap { response in
          CallerIdentity(response).map(Result.success)
            ?? .failure(
              CallError(
                .network, code: "Network", message: "The answer of STS does not say whose keys these are.",
                operation: "GetCallerIdentity"))
        })
    }
  }

  private func serviceRequest(
    _ action: String, _ parameters: [(name: String, value: String?)], secrets: [String] = [],
    signedBy signer: (any CredentialSource)?
  ) throws(CallError) -> ServiceRequest {
    let settings = context.settings
    let place = try settings.stsEndpoint(machineRegion: context.knowledge.region)
    let parameters = [("Action", action), ("Version", Self.version)] + parameters
    let http = HTTPRequest(
      method: "POST", url: place.url,
      headers: ["Content-Type": "application/x-www-form-urlencoded"], body: QueryFormat.form(parameters))
    var service = ServiceRequest(
      operation: action, http: http,
      signing: signer.map {
        Signing(service: AWSService.sts.signingName, region: place.signingRegion, credentials: $0)
      },
      // It makes keys and changes nothing: it may be sent again when an answer is lost.
      isReading: true, format: QueryFormat(), hostExplanation: settings.hostExplanation(of: .sts))
    service.secrets = secrets
    return service
  }

  // MARK: Answers

  /// `arn:aws:sts::123456789012:assumed-role/…` → `123456789012`.
  static func account(of arn: String) -> String? {
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    return parts.count == 6 && !parts[4].isEmpty ? String(parts[4]) : nil
  }

  private static func credentials(from response: Response, _ request: Request) throws(CallError)
    -> Credentials
  {
    guard let document = try? XML(response.body) else { throw incomplete(request, "XML") }
    let (answer, result) = ("\(request.action)Response", "\(request.action)Result")
    func value(_ name: String) throws(CallError) -> String {
      guard let text = document[answer, result, "Credentials", name], !text.isEmpty else {
        throw incomplete(request, name)
      }
      return text
    }
    guard let end = Timestamp(iso8601: try value("Expiration")) else {
      throw incomplete(request, "Expiration")
    }
    return Credentials(
      accessKeyID: try value("AccessKeyId"), secretAccessKey: try value("SecretAccessKey"),
      sessionToken: try value("SessionToken"), expiration: end,
      accountID: account(of: document[answer, result, "AssumedRoleUser", "Arn"] ?? request.role),
      source: "role \(request.role) through \(request.origin)")
  }

  private static func incomplete(_ request: Request, _ what: String) -> CallError {
    CallError(
      .network, code: "Network", message: "The answer of STS has no \(what) that can be used.",
      operation: request.action)
  }

  // MARK: Errors

  /// An error that says which role it was, and who wants it. What STS refuses is a matter of configuration.
  private static func explained(_ error: CallError, _ request: Request, _ signer: Credentials?) -> CallError {
    var error = error
    let keys = signer.map { " with the credentials from \($0.source)" } ?? ""
    let code = error.category == .service ? "\(error.code): " : ""
    error.message =
      "The role \(request.role) of \(request.origin) could not be assumed\(keys): \(code)\(error.message)"
    if error.category == .service {
      error.category = .configuration
      error.code = "NoCredentials"
    }
    return error
  }
}
