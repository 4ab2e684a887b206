// ContainerCredentials: keys of the role of an ECS task, an EKS pod or whatever else sets the same variables.
// Source: AWS SDKs and Tools Reference, "Container credential provider".

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else AWS_CONTAINER_CREDENTIALS_FULL_URI.
final class ContainerCredentials: CredentialProvider {
  private static let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
  private static let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
  private static let token = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
  private static let tokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

  private let context: CredentialContext
  init(_ context: CredentialContext) { self.context = context }

  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    do throws(CallError) {
      guard let target = try Self.target(context.environment) else {
        return completion(.success(.absent("\(Self.relative) and \(Self.full) (not set)")))
      }
      var request = HTTPRequest(method: "GET", url: target.value, headers: ["Accept": "application/json"])
      request.headers["Authorization"] = try authorization()
      let place = "\(target.value.hostHeader) (from \(target.source))"
      context.carryOut(ContainerExchange(request: request, source: "container credentials of \(place)")) {
        output in
        completion(
          output.map(CredentialLookup.found).mapError { problem in
            Self.error("The container's credential service at \(place) gave no keys: \(problem.text).")
          })
      }
    } catch {
      completion(.failure(error))
    }
  }

  /// Where the keys are to be had, and the variable that says so; nil when none does.
  static func target(_ environment: Environment) throws(CallError) -> Settings.Setting<URLParts>? {
    if let path = environment.variable(relative) {
      guard path.hasPrefix("/"), let url = URLParts("http://169.254.170.2\(path)") else {
        throw error("\(relative) must be a path that begins with '/'.")
      }
      return Settings.Setting(url, from: relative)
    }
    guard let text = environment.variable(full) else { return nil }
    guard !text.hasPrefix("/") else {
      throw error("\(full) cannot be used: the URI did not specify a host. Write http://HOST/PATH.")
    }
    guard let url = URLParts(text) else {
      throw error("\(full) is not a URL of the form http://HOST[:PORT]/PATH without user and fragment.")
    }
    guard url.scheme == "https" || isTrusted(url.host) else {
      throw error(
        "\(full) names \(url.host), which plain http must not ask for keys: only loopback, 169.254.170.2, "
          + "169.254.170.23 and [fd00:ec2::23] may be. Use https.")
    }
    return Settings.Setting(url, from: full)
  }

  /// This machine, and the services of ECS and EKS.
  private static let trusted = ["127.0.0.0/8", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
    .compactMap(AddressRange.init)

  /// Addresses only: a name means what a resolver says, and may mean another place the next time. `localhost` is
  /// libcurl's own, not the resolver's.
  private static func isTrusted(_ host: String) -> Bool {
    guard let address = AddressRange(host.trimming("[]")) else { return host.lowercased() == "localhost" }
    return trusted.contains { $0.contains(address) }
  }

  /// The value of the header Authorization. The file is read each time: it is rotated.
  private func authorization() throws(CallError) -> String? {
    let environment = context.environment
    let value: String
    let source: String
    if let path = environment.variable(Self.tokenFile) {
      source = "\(path) (from \(Self.tokenFile))"
      do throws(Environment.FileError) {
        guard let bytes = try environment.readFile(path) else {
          throw Environment.FileError(reason: "No such file or directory")
        }
        value = trimmed(String(decoding: bytes, as: UTF8.self))
        guard !value.isEmpty else { throw Environment.FileError(reason: "it is empty") }
      } catch {
        throw Self.error("\(source), the container's authorization token, cannot be read: \(error.reason).")
      }
    } else if let token = environment.variable(Self.token) {
      source = Self.token
      value = token
    } else {
      return nil
    }
    // A line break would begin a header of somebody else's choice.
    guard !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw Self.error("\(source) holds a line break or another control character, which no token does.")
    }
    return value
  }

  private static func error(_ message: String) -> CallError {
    CallError(.configuration, code: "NoCredentials", message: message)
  }
}

/// The one request, sent up to three times.
struct ContainerExchange: MetadataExchange {
  let request: HTTPRequest
  /// What the credentials say of where they came from.
  let source: String
  private var attempts = 0

  /// As botocore: 2 seconds for each, 1 second between.
  private static let most = 3
  private static let seconds = 2.0
  private static let pause = 1.0

  init(request: HTTPRequest, source: String) {
    self.request = request
    self.source = source
  }

  mutating func next(_ event: MetadataEvent, now: Double)
    -> MetadataAction<Result<Credentials, CredentialDocumentProblem>>
  {
    switch event {
    case .begin, .waited:
      attempts += 1
      return .send(request, seconds: Self.seconds)
    case .failed(let error): return again(error.message)
    case .answered(let response):
      guard response.status == 200 else { return again("it answered HTTP \(response.status)") }
      guard let document = try? JSON.decode(response.body) else {
        return again("its answer is not a JSON document")
      }
      return .finish(
        Result { () throws(CredentialDocumentProblem) in
          try Credentials(document: document, tokenName: "Token", source: source)
        })
    }
  }

  private func again(_ problem: String) -> MetadataAction<Result<Credentials, CredentialDocumentProblem>> {
    guard attempts >= Self.most else { return .pause(seconds: Self.pause) }
    return .finish(.failure(CredentialDocumentProblem("\(problem) (asked \(attempts) times)")))
  }
}
