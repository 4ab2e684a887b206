// AssumeRole and WebIdentity: what STS gives keys for. Values; STS.swift sends them.

/// A role that keys assume (AWS STS, AssumeRole).
struct AssumeRole: Equatable {
  var arn: String
  /// What audit logs show as the session's name; nil for one of ours.
  var sessionName: String?
  var externalID: String?
  /// The multi-factor device whose code the role wants.
  var mfaSerial: String?
  /// 900 to 43200; nil for STS's own 3600.
  var durationSeconds: Int?
  /// Who says so: `profile 'dev' (~/.aws/config:12)`.
  var origin: String

  /// - Parameter code: the device's, which is good for one request.
  func request(code: String?, at now: Timestamp) -> STS.Request {
    STS.Request(
      action: "AssumeRole", role: arn, origin: origin,
      parameters: [
        ("RoleArn", arn), ("RoleSessionName", sessionName ?? STS.sessionName(at: now)),
        ("DurationSeconds", durationSeconds.map(String.init)), ("ExternalId", externalID),
        ("SerialNumber", mfaSerial), ("TokenCode", code),
      ])
  }
}

/// A role that the bearer of a token assumes (AWS STS, AssumeRoleWithWebIdentity).
struct WebIdentity: Equatable {
  /// Read at each renewal: whoever issues the token replaces it there.
  var tokenFile: String
  var arn: String
  var sessionName: String?
  var durationSeconds: Int?
  /// Who says so: `profile 'dev' (~/.aws/config:12)`, `AWS_WEB_IDENTITY_TOKEN_FILE`.
  var origin: String

  func request(token: String, at now: Timestamp) -> STS.Request {
    STS.Request(
      action: "AssumeRoleWithWebIdentity", role: arn, origin: origin,
      parameters: [
        ("RoleArn", arn), ("RoleSessionName", sessionName ?? STS.sessionName(at: now)),
        ("DurationSeconds", durationSeconds.map(String.init)), ("WebIdentityToken", token),
      ], secrets: [token])
  }
}
