// ServiceRequest: a request of an AWS service, with what its attempts and its answer need to be handled right.

/// A request without what changes from attempt to attempt: date, signature, attempt number.
public struct ServiceRequest {
  /// AWS's name of the operation, for messages.
  public var operation: String
  /// Method, URL, body, and the headers of the protocol; Host and User-Agent are added.
  public var http: HTTPRequest
  /// Nil for operations that take no signature, as AssumeRoleWithWebIdentity.
  public var signing: Signing?
  /// True when it changes nothing, so that it may be sent again when nobody knows what became of it.
  public var isReading: Bool
  /// How its answers are read.
  public var format: any AnswerFormat
  /// A sentence that says which settings made the host, for one that cannot be found.
  public var hostExplanation: String
  /// Whose call it is, for `--debug`, where there are several sessions.
  public var origin: String?
  /// True when its answer carries secrets: nothing of the body is ever traced.
  public var isConfidential = false
  /// Parts of the request that nobody may be shown, besides the keys it is signed with: no message and no trace
  /// repeats them when an answer does.
  public var secrets: [String] = []

  public init(
    operation: String, http: HTTPRequest, signing: Signing?, isReading: Bool, format: any AnswerFormat,
    hostExplanation: String
  ) {
    self.operation = operation
    self.http = http
    self.signing = signing
    self.isReading = isReading
    self.format = format
    self.hostExplanation = hostExplanation
  }
}

/// For which service and region, and with whose keys, a request is signed.
public struct Signing {
  public var service: String
  public var region: String
  public var credentials: any CredentialSource

  public init(service: String, region: String, credentials: any CredentialSource) {
    self.service = service
    self.region = region
    self.credentials = credentials
  }
}

/// Whoever has credentials for the next signature: a chain of providers, or keys that are given.
public protocol CredentialSource: AnyObject {
  /// Calls `completion` once, at once or later on the event loop.
  /// - Parameter now: the service's time as far as it is known. It is asked for again when credentials have come: the
  ///   calls that brought them may have taught it.
  func credentials(
    at now: @autoclosure @escaping () -> Timestamp,
    completion: @escaping (Result<Credentials, CallError>) -> Void)
  /// Forgets these, since the service refused them; what has replaced them already is kept.
  func forget(_ refused: Credentials)
  /// What it gave last, or would give; nil before the first search.
  var current: Credentials? { get }
}

/// How a service writes its answers.
public protocol AnswerFormat: Sendable {
  /// What an answer of AWS would have been, as the object of "without …".
  var name: String { get }
  /// The body of a success, checked to be whole.
  func body(of response: HTTPResponse) throws(AnswerProblem) -> [UInt8]
  /// The error an answer carries; nil when it is not an answer of this format.
  func error(in response: HTTPResponse) -> ServiceError?
}

/// Why the body of a success cannot be used, as the end of a sentence.
public struct AnswerProblem: Error, Sendable {
  public var text: String
  public init(_ text: String) { self.text = text }
}

/// What a service says about a call that it refused.
public struct ServiceError: Error, Equatable, Sendable {
  /// AWS's name, without namespace.
  public var code: String
  public var message: String?
  public init(code: String, message: String?) {
    self.code = code
    self.message = message
  }
}

/// The answer to a call that succeeded.
public struct Response: Sendable {
  /// As the format checked it: one JSON object for AWS JSON, `{}` when the service sent no body.
  public var body: [UInt8]
  public var requestID: String?
  public var httpStatus: Int
  /// How often the request was sent.
  public var attempts: Int
  /// From the start of the call to its end, waits between attempts included.
  public var seconds: Double

  public init(
    body: [UInt8], requestID: String? = nil, httpStatus: Int = 200, attempts: Int = 1, seconds: Double = 0
  ) {
    self.body = body
    self.requestID = requestID
    self.httpStatus = httpStatus
    self.attempts = attempts
    self.seconds = seconds
  }
}

/// A call under way, to cancel it by.
public struct CallID: Hashable, Sendable {
  public let number: UInt64
  public init(number: UInt64) { self.number = number }
}
