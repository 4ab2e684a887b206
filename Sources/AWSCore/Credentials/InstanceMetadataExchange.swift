// InstanceMetadataExchange: what is said to the metadata service of an EC2 instance. A session token first (IMDSv2);
// without one (IMDSv1) only where the service does not know tokens and the operator has not forbidden it.
//
//   token ─┬→ document                           /latest/meta-data/placement/region
//          └→ folder → document (its one entry)  /latest/meta-data/iam/security-credentials/ROLE

/// What an exchange came to.
enum InstanceMetadataAnswer<Found> {
  case found(Found)
  /// The words end the sentence "looked at the instance metadata service …".
  case absent(String, InstanceMetadataLack)
}

/// Why nothing was found.
enum InstanceMetadataLack: Equatable {
  /// Nobody answered.
  case silence
  /// The service answers, but not as it should.
  case trouble
  /// The service says that it has none, or may not tell.
  case nothing
}

/// Why a document was not taken.
enum InstanceMetadataRefusal: Error {
  /// Half of one, or something else: worth another attempt.
  case malformed
  /// The service's own word that it has none.
  case nothing(String)
}

struct InstanceMetadataExchange<Found>: MetadataExchange {
  typealias Output = Result<InstanceMetadataAnswer<Found>, CallError>
  /// Reads the document that was asked for: its text without white space around, and the entry of the folder.
  typealias Reading = (_ text: String, _ entry: String) -> Result<Found, InstanceMetadataRefusal>

  private enum Step: Equatable {
    case token, folder
    case document(entry: String)
  }

  private let service: InstanceMetadata
  private let path: String
  private let isFolder: Bool
  private let read: Reading
  private var step = Step.token
  private var token: String?
  /// Sent so far in this step.
  private var attempts = 0
  private var hasAnswered = false
  private var deadline = Double.infinity

  /// Attempts where there is a service; where nothing shows that there is one, the first silence is believed.
  private static var usualAttempts: Int { 3 }
  /// Seconds for one request.
  private static var usualSeconds: Double { 1 }
  private static var pause: Double { 0.2 }
  /// Seconds for all requests together where nothing shows that this is EC2: a laptop must not stall.
  private static var budget: Double { 1.5 }
  /// Six hours, the longest there is.
  private static var tokenSeconds: String { "21600" }

  init(_ service: InstanceMetadata, path: String, isFolder: Bool = false, read: @escaping Reading) {
    self.service = service
    self.path = path
    self.isFolder = isFolder
    self.read = read
  }

  mutating func next(_ event: MetadataEvent, now: Double) -> MetadataAction<Output> {
    switch event {
    case .begin:
      if isUnsure, service.attempts == nil, service.seconds == nil { deadline = now + Self.budget }
      return send(now)
    case .waited: return send(now)
    case .failed(let error): return judge(error, now)
    case .answered(let response):
      hasAnswered = true
      deadline = .infinity
      return judge(response, now)
    }
  }

  /// True while this may be any machine.
  private var isUnsure: Bool { !service.showsEC2 && !hasAnswered }

  private mutating func send(_ now: Double) -> MetadataAction<Output> {
    attempts += 1
    var request: HTTPRequest
    switch step {
    case .token:
      request = HTTPRequest(method: "PUT", url: service.endpoint.value.appending("/latest/api/token"))
      request.headers["x-aws-ec2-metadata-token-ttl-seconds"] = Self.tokenSeconds
    case .folder: request = HTTPRequest(method: "GET", url: service.endpoint.value.appending(path))
    case .document(let entry):
      request = HTTPRequest(method: "GET", url: service.endpoint.value.appending(path + entry))
    }
    request.headers["x-aws-ec2-metadata-token"] = token
    return .send(request, seconds: max(0.1, min(service.seconds ?? Self.usualSeconds, deadline - now)))
  }

  /// To the first step after the token, or to another one.
  private mutating func proceed(_ now: Double, to next: Step? = nil) -> MetadataAction<Output> {
    step = next ?? (isFolder ? .folder : .document(entry: ""))
    attempts = 0
    return send(now)
  }

  // MARK: Answers

  private mutating func judge(_ response: HTTPResponse, _ now: Double) -> MetadataAction<Output> {
    let text = trimmed(String(decoding: response.body, as: UTF8.self))
    switch (step, response.status) {
    case (.token, 200):
      // A page of a captive portal is no token, and must not become a header.
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        return again("it answered the request for a token with something else", .trouble)
      }
      token = text
      return proceed(now)
    case (.token, 400): return .finish(absent("it refused the request for a token (HTTP 400)", .nothing))
    case (.token, 403): return .finish(absent("IMDS is disabled for this instance (HTTP 403)", .nothing))
    case (.token, 404), (.token, 405): return withoutToken(response.status, now)
    case (.folder, 200):
      let entry = text.prefix { !$0.isNewline }
      guard Self.isName(entry) else { return again("its list of roles cannot be read", .trouble) }
      return proceed(now, to: .document(entry: String(entry)))
    case (.folder, 404): return .finish(absent("no role is attached to this instance", .nothing))
    case (_, 401) where token == nil:
      // Its token did not arrive, and it gives nothing without one.
      let advice = "raise the instance's HttpPutResponseHopLimit if this is a container"
      return .finish(absent("it demands a session token, which does not get here: \(advice)", .nothing))
    case (.document(let entry), 200):
      switch read(text, entry) {
      case .success(let found): return .finish(.success(.found(found)))
      case .failure(.malformed): return again("its answer cannot be read", .trouble)
      case .failure(.nothing(let reason)): return .finish(absent(reason, .nothing))
      }
    default: return again("it answered HTTP \(response.status)", .trouble)
    }
  }

  /// The service does not know tokens.
  private mutating func withoutToken(_ status: Int, _ now: Double) -> MetadataAction<Output> {
    if service.isVersion1Disabled.value {
      return .finish(
        .failure(
          CallError(
            .configuration, code: "NoCredentials",
            message:
              "The instance metadata service at \(service.endpoint.value.hostHeader) gives no session token (HTTP "
              + "\(status)), and IMDSv1 has been disabled by ec2_metadata_v1_disabled (from "
              + "\(service.isVersion1Disabled.source)).")))
    }
    return proceed(now)
  }

  private mutating func judge(_ error: TransportError, _ now: Double) -> MetadataAction<Output> {
    // The answer to the PUT has a hop limit, which a container's network may be beyond; those to GETs have none.
    if step == .token, error.reason == .timedOut, !error.beforeSending, !service.isVersion1Disabled.value {
      return proceed(now)
    }
    return again(error.message, hasAnswered ? .trouble : .silence)
  }

  private func again(_ reason: String, _ lack: InstanceMetadataLack) -> MetadataAction<Output> {
    let most = service.attempts ?? (isUnsure ? 1 : Self.usualAttempts)
    return attempts < most ? .pause(seconds: Self.pause) : .finish(absent(reason, lack))
  }

  private func absent(_ reason: String, _ lack: InstanceMetadataLack) -> Output {
    .success(.absent(reason, lack))
  }

  /// What IAM allows in the name of a role; it becomes part of a path.
  private static func isName(_ text: Substring) -> Bool {
    (1...128).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789_+=,.@-".unicodeScalars.contains($0))
      }
      && !text.allSatisfy { $0 == "." }
  }
}
