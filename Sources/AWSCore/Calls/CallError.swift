// CallError: why a call of the service did not bring its result. The host turns it into Lua's error table and the
// command line into an exit code.

public struct CallError: Error, Sendable {
  /// Who is to blame, which decides the exit code.
  public enum Category: Sendable, Equatable {
    /// The parameters were refused here, before anything was sent.
    case parameters
    /// No credentials, no region, a wrong profile, a configuration file that cannot be read.
    case configuration
    /// The service answered with an error.
    case service
    /// No complete answer came.
    case network
  }

  /// Why a place is closed to a caller, rather than broken: a sweep over many accounts and regions goes on without.
  public enum Closure: String, Sendable {
    /// Permissions, a subscription, or a region that the account has not opted in to.
    case denied
    /// The host's name has no address.
    case hostUnknown
    /// The profile is in no file.
    case profileUnknown
  }

  /// What kind of error it is, which decides the exit code.
  public var category: Category
  public var closure: Closure?
  /// AWS's name of the error, or one of ParamValidation, NoCredentials, NoRegion, Configuration, Network.
  public var code: String
  /// One or more full sentences: what happened, to what, why, what to do.
  public var message: String
  /// AWS's name of the operation; nil when it failed before one was chosen.
  public var operation: String?
  public var requestID: String?
  public var httpStatus: Int?
  /// The host that was asked, with its port where that is not the scheme's own; nil when none was.
  public var host: String?
  /// How often it was sent.
  public var attempts: Int
  /// Whether the same call may succeed later.
  public var isRetryable: Bool

  public init(
    _ category: Category, code: String, message: String, operation: String? = nil, requestID: String? = nil,
    httpStatus: Int? = nil, attempts: Int = 0, isRetryable: Bool = false
  ) {
    self.category = category
    self.code = code
    self.message = message
    self.operation = operation
    self.requestID = requestID
    self.httpStatus = httpStatus
    self.attempts = attempts
    self.isRetryable = isRetryable
  }

  /// Adds a sentence to the message, whose own end a service does not always mark.
  public mutating func add(_ sentence: String) {
    let isEnded = message.last.map { ".!?…".contains($0) } ?? true
    message += (isEnded ? " " : ". ") + sentence
  }
}
