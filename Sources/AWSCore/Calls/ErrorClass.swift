// ErrorClass: what the words and numbers of a failed attempt mean for a retry.

public enum ErrorClass {
  private static let throttling: Set = [
    "ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded",
    "BandwidthLimitExceeded", "LimitExceededException", "TooManyRequestsException", "SlowDown",
    "PriorRequestNotComplete",
  ]
  /// The last is STS's: the identity provider did not answer it in time.
  private static let transientCodes: Set = [
    "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError",
  ]
  private static let transientStatuses: Set = [500, 502, 503, 504]
  /// The service says that the clocks differ.
  static let clockSkew: Set = ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]
  /// What a wrong clock may also look like.
  static let possibleClockSkew: Set = ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"]
  /// Credentials that newer ones may replace.
  private static let staleCredentials: Set = [
    "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException",
    "InvalidAccessKeyId", "InvalidIdentityToken", "AuthFailure",
  ]

  /// The caller may not do this there. An account that has not opted in to a region is unknown in it, so that its keys
  /// are called invalid.
  private static let denied: Set = [
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "OptInRequired",
    "SubscriptionRequiredException", "UnrecognizedClientException", "InvalidClientTokenId",
  ]

  /// The event that an error answer is, before clock and credentials are considered.
  public static func event(code: String?, status: Int) -> Retry.Event {
    if status == 429 || code.map(isThrottling) == true { return .throttled }
    if let code, transientCodes.contains(code) { return .transient }
    return transientStatuses.contains(status) ? .transient : .permanent
  }

  /// The event that an exchange without a complete answer is.
  public static func event(_ reason: TransportError.Reason) -> Retry.Event {
    switch reason {
    case .timedOut: .timedOut
    case .cannotResolve, .cannotConnect, .brokenConnection: .transient
    case .tls, .tooLarge, .notHTTP, .other: .permanent
    }
  }

  /// True for errors that keys, and not the service or the script, are to blame for.
  public static func isMatterOfCredentials(_ code: String) -> Bool {
    isStaleCredentials(code) || possibleClockSkew.contains(code)
  }

  /// True when the place that answered is closed to whoever asked.
  public static func isDenied(_ code: String) -> Bool { denied.contains(code) }

  /// True when new credentials might help.
  public static func isStaleCredentials(_ code: String) -> Bool { staleCredentials.contains(code) }

  /// The codes that the SDKs list, and whatever begins with the word or ends with it, as `Throttling`,
  /// `ThrottlingException`, `EC2ThrottledException`. `NotAThrottlingError` is none.
  private static func isThrottling(_ code: String) -> Bool {
    if throttling.contains(code) { return true }
    let bare = code.hasSuffix("Exception") ? code.dropLast("Exception".count) : code[...]
    let word = bare.lowercased()
    return word.hasPrefix("throttl") || word.hasSuffix("throttled") || word.hasSuffix("throttling")
  }
}
