// ErrorCodes: every `code` that an error table may have, so that a comparison with any other is known to be a slip.
import BackupGateway

public enum ErrorCodes {
  /// Those that Moongate itself gives, and when.
  public static let own: [String: String] = [
    "Configuration": "a setting cannot be used",
    "Declined": "the operator said no to a write",
    "Limit": "a limit of the run was reached",
    "Network": "no answer could be had",
    "NoCredentials": "no credentials were found",
    "NoRegion": "no region is set",
    "NotAllowed": "a permission was not given",
    "NotRecorded": "a cassette has no answer to the call",
    "ParamValidation": "parameters were wrong; nothing was sent",
    "ReadOnly": "the session is read-only",
    "RepeatedToken": "the service sent the same page token twice",
    "Timeout": "the run took longer than it may",
    "WaitFailed": "what was waited for cannot happen any more",
    "WaitTimeout": "what was waited for did not happen in time",
  ]

  /// Those of the service's model.
  static let ofService: Set<String> = Set(Service.errorStatus.keys)

  /// What AWS answers in front of every service, its STS and its identity providers, as far as it is documented
  /// (Signature Version 4 troubleshooting, Common Errors, STS, IAM Identity Center), and what the SDKs know to be
  /// throttling.
  public static let common: Set<String> = [
    "AccessDenied", "AuthFailure", "BandwidthLimitExceeded", "EC2ThrottledException", "ExpiredToken",
    "ExpiredTokenException", "ExpiredTokenFault", "IDPCommunicationError", "IDPRejectedClaim",
    "IncompleteSignature",
    "IncompleteSignatureException", "InternalFailure", "InternalServerError", "InternalError",
    "InvalidAccessKeyId",
    "InvalidAction", "InvalidClientTokenId", "InvalidIdentityToken", "InvalidParameterCombination",
    "InvalidParameterValue", "InvalidQueryParameter", "InvalidSignatureException", "LimitExceededException",
    "MalformedPolicyDocument", "MalformedQueryString", "MissingAction", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException", "MissingParameter", "NotAuthorized", "OptInRequired",
    "PackedPolicyTooLarge", "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
    "RegionDisabledException",
    "RequestEntityTooLarge", "RequestExpired", "RequestInTheFuture", "RequestLimitExceeded",
    "RequestThrottled", "RequestThrottledException", "RequestTimeTooSkewed", "RequestTimeout",
    "RequestTimeoutException", "SerializationException", "ServiceUnavailable", "ServiceUnavailableException",
    "SignatureDoesNotMatch", "SlowDown", "SubscriptionRequiredException", "Throttling", "ThrottledException",
    "TooManyRequestsException", "TransactionInProgressException", "UnauthorizedException",
    "UnauthorizedOperation",
    "UnknownOperationException", "UnrecognizedClientException", "ValidationError",
  ]

  /// Every code that there is.
  public static let all: Set<String> = Set(own.keys).union(ofService).union(common)
}
