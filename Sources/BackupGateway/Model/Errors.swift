// Errors: the rows of the model that describe what the service answers when a call fails.

extension Service {
  /// The errors that the service declares, with the HTTP status that the model binds them to. awsJson1_0 does
  /// not look at it (the API reference documents 400, and 500 for InternalServerException); RPC v2 CBOR does.
  public static let errorStatus: [String: Int] = [
    "AccessDeniedException": 403,
    "ConflictException": 409,
    "InternalServerException": 500,
    "ResourceNotFoundException": 404,
    "ThrottlingException": 429,
    "ValidationException": 400,
  ]
}
