// SSOTokenFile: the token of IAM Identity Center in the file that the AWS CLI and the SDKs share.

/// A token as the file has it. Every printing of it shows when it ends and nothing else.
struct SSOToken: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  var accessToken: String
  var expiration: Timestamp
  /// The whole file: what a newer tool wrote there is kept.
  private(set) var file: Value.Object

  var description: String { "token until \(expiration.iso8601)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }

  /// Nil without the token or its end.
  init?(_ file: Value.Object) {
    let value = Value.object(file)
    guard let token = value["accessToken"]?.string, !token.isEmpty,
      let end = value["expiresAt"]?.string.flatMap({ Timestamp(iso8601: $0) })
    else { return nil }
    accessToken = token
    expiration = end
    self.file = file
  }

  /// What a renewal takes; nil when something is missing or the client's registration has ended.
  func renewal(at now: Timestamp) -> Value.Object? {
    let value = Value.object(file)
    guard let id = value["clientId"]?.string, let secret = value["clientSecret"]?.string,
      let token = value["refreshToken"]?.string,
      let end = value["registrationExpiresAt"]?.string.flatMap({ Timestamp(iso8601: $0) }), now < end
    else { return nil }
    return [
      "clientId": .string(id), "clientSecret": .string(secret), "grantType": "refresh_token",
      "refreshToken": .string(token),
    ]
  }

  /// This token renewed by an answer of CreateToken; nil when the answer holds none.
  func renewed(by answer: Value, at now: Timestamp, startURL: String, region: String) -> SSOToken? {
    guard let token = answer["accessToken"]?.string, !token.isEmpty,
      let seconds = answer["expiresIn"]?.integer,
      // A century: beyond it the arithmetic is nobody's.
      (1...3_155_760_000).contains(seconds)
    else { return nil }
    // Whole seconds, as every reader of the file expects.
    let end = Timestamp(microseconds: (now.microseconds / 1_000_000 + seconds) * 1_000_000)
    var file = file
    file["startUrl"] = .string(startURL)
    file["region"] = .string(region)
    file["accessToken"] = .string(token)
    file["expiresAt"] = .string(end.iso8601)
    // A used one is worth nothing.
    file["refreshToken"] = answer["refreshToken"]
    return SSOToken(file)
  }
}

/// The file of one profile's token.
struct SSOTokenFile {
  private let profile: SSOProfile
  private let environment: Environment

  init(_ profile: SSOProfile, _ environment: Environment) {
    self.profile = profile
    self.environment = environment
  }

  /// - Throws: `NoCredentials` that says how to sign in.
  func read() throws(CallError) -> SSOToken {
    let path = profile.cachePath
    let owner =
      "Profile '\(profile.name)' takes its keys from IAM Identity Center (\(profile.startURL.source))"
    let bytes: [UInt8]?
    do throws(Environment.FileError) {
      bytes = try environment.readFile(environment.expanded(path))
    } catch {
      throw Self.error("\(owner), whose token in \(path) cannot be read: \(error.reason).")
    }
    guard let bytes else {
      throw Self.error("\(owner), and nobody has signed in: \(path) is not there. \(profile.signIn)")
    }
    guard let file = (try? JSON.decode(bytes))?.object, let token = SSOToken(file) else {
      throw Self.error("\(owner), whose \(path) holds no usable token. \(profile.signIn)")
    }
    return token
  }

  /// For the owner's eyes only.
  func write(_ token: SSOToken) throws(Environment.FileError) {
    try environment.writeFile(
      environment.expanded(profile.cachePath), JSON.encode(.object(token.file)), 0o600)
  }

  static func error(_ message: String) -> CallError {
    CallError(.configuration, code: "NoCredentials", message: message)
  }
}
