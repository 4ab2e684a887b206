// IAM Identity Center: what a profile may say, the token that tools share in a file, and keys for a role.
import TestSupport
import Testing

@testable import AWSCore

@Suite struct SSOTests {
  private let config = """
    [profile dev]
    sso_session = corp
    sso_account_id = 123456789012
    sso_role_name = Admin
    region = us-east-1
    [sso-session corp]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-west-1
    [profile old]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-west-1
    sso_account_id = 123456789012
    sso_role_name = Admin

    """
  /// SHA-1 of "corp".
  private let path = "/home/op/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
  private let keys =
    #"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"hush-secret","sessionToken":"hush-session","#
    + #""expiration":1767229200000}}"#
  private let renewed =
    #"{"accessToken":"hush-new","expiresIn":28800,"refreshToken":"hush-next","tokenType":"Bearer"}"#

  /// The file as `aws sso login` writes it, with a member that only a newer tool knows.
  private func file(ending end: String, registrationEnding registration: String = "2026-03-01T00:00:00Z")
    -> String
  {
    """
    {"startUrl": "https://corp.awsapps.com/start", "region": "eu-west-1", "accessToken": "hush-old",
     "expiresAt": "\(end)", "clientId": "client", "clientSecret": "hush-client", "future": [1],
     "registrationExpiresAt": "\(registration)", "refreshToken": "hush-refresh"}
    """
  }

  private func world(_ file: String? = nil, config other: String? = nil) -> CredentialWorld {
    let world = CredentialWorld(config: other ?? config)
    world.files[path] = file
    return world
  }

  private func load(_ world: CredentialWorld, profile: String = "dev") throws -> Result<
    CredentialLookup, CallError
  > {
    let config = try SharedConfig(environment: world.environment)
    return world.load(SSOCredentials(try world.context(), profile: profile, config: config))
  }

  // MARK: Keys for a token

  @Test func aTokenThatLastsBringsTheRolesKeys() throws {
    let world = world(file(ending: "2026-01-01T08:00:00Z"))
    world.network.answer(200, keys)
    let found = try #require(try load(world).found)
    #expect(found.accessKeyID == "ASIASSO" && found.sessionToken == "hush-session")
    #expect(found.expiration?.iso8601 == "2026-01-01T01:00:00Z")
    #expect(found.accountID == "123456789012")
    #expect(found.source == "IAM Identity Center, profile 'dev' (~/.aws/config:7)")
    #expect(
      world.network.log == [
        "GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Admin&account_id=123456789012"
      ])
    #expect(world.network.requests.first?.headers["x-amz-sso_bearer_token"] == "hush-old")
    #expect(world.network.requests.first?.headers["Authorization"] == nil)
  }

  @Test func theOlderFormIsKeptUnderItsStartURL() throws {
    let world = world()
    let name = Digest.hex(Digest.sha1(Array("https://corp.awsapps.com/start".utf8)))
    world.files["/home/op/.aws/sso/cache/\(name).json"] =
      #"{"accessToken":"hush-old","expiresAt":"2026-01-01T08:00:00UTC"}"#
    world.network.answer(200, keys)
    #expect(try load(world, profile: "old").found?.accessKeyID == "ASIASSO")
  }

  @Test func endpointsOfItsOwnAreHonoured() throws {
    let world = world(file(ending: "2026-01-01T00:10:00Z"))
    world.variables["AWS_ENDPOINT_URL_SSO"] = "http://127.0.0.1:1/portal/"
    world.variables["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://127.0.0.1:2"
    world.network.answer(200, renewed)
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
    try #require(world.network.log.count == 2)
    #expect(world.network.log[0] == "POST http://127.0.0.1:2/token")
    #expect(world.network.log[1].hasPrefix("GET http://127.0.0.1:1/portal/federation/credentials?"))
  }

  @Test func aRoleThatIsNotAssignedNamesWhereItIsConfigured() throws {
    let world = world(file(ending: "2026-01-01T08:00:00Z"))
    world.network.answer(403, #"{"message":"No access"}"#, ["x-amzn-ErrorType": "ForbiddenException"])
    let error = try #require(try load(world).error)
    #expect(error.code == "NoCredentials" && error.category == .configuration)
    #expect(error.operation == "GetRoleCredentials" && error.httpStatus == 403)
    #expect(
      error.message
        == "IAM Identity Center gives profile 'dev' no keys of role 'Admin' (~/.aws/config:4) in account 123456789012 "
        + "(~/.aws/config:3) (ForbiddenException: No access). Have the role assigned to you there, or correct the "
        + "profile.")
  }

  @Test func aTokenThatIsNotAcceptedAsksForASignIn() throws {
    let world = world(file(ending: "2026-01-01T08:00:00Z"))
    world.network.answer(
      401, #"{"message":"Session token not found or invalid"}"#, ["x-amzn-ErrorType": "UnauthorizedException"]
    )
    #expect(try load(world).error?.message.contains("Run: aws sso login --profile dev.") == true)
  }

  @Test func whoDoesNotAnswerIsTheNetworksError() throws {
    let world = world(file(ending: "2026-01-01T08:00:00Z"))
    for _ in 0..<3 { world.network.fail(.cannotResolve, beforeSending: true) }
    let error = try #require(try load(world).error)
    #expect(error.category == .network && error.operation == "GetRoleCredentials")
    #expect(error.host == "portal.sso.eu-west-1.amazonaws.com")
  }

  @Test(arguments: ["{}", #"{"roleCredentials":{"accessKeyId":"hush","secretAccessKey":"hush"}}"#])
  func anAnswerWithoutKeysIsAnError(_ body: String) throws {
    let world = world(file(ending: "2026-01-01T08:00:00Z"))
    world.network.answer(200, body)
    let message = try load(world).error?.message
    #expect(message?.contains("answered without the keys of role 'Admin'") == true)
    #expect(message?.contains("hush") == false)
  }

  // MARK: The token

  @Test func aTokenThatIsAboutToEndIsRenewedAndWrittenBack() throws {
    let world = world(file(ending: "2026-01-01T00:14:59Z"))
    world.network.answer(200, renewed)
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
    let request = try #require(world.network.requests.first)
    #expect("\(request.method) \(request.url)" == "POST https://oidc.eu-west-1.amazonaws.com/token")
    #expect(
      try JSON.decode(request.body) == [
        "clientId": "client", "clientSecret": "hush-client", "grantType": "refresh_token",
        "refreshToken": "hush-refresh",
      ])
    #expect(world.network.requests.last?.headers["x-amz-sso_bearer_token"] == "hush-new")
    #expect(
      try JSON.decode(world.files.bytes[path] ?? []) == [
        "startUrl": "https://corp.awsapps.com/start", "region": "eu-west-1", "accessToken": "hush-new",
        "expiresAt": "2026-01-01T08:00:00Z", "clientId": "client", "clientSecret": "hush-client",
        "future": [1],
        "registrationExpiresAt": "2026-03-01T00:00:00Z", "refreshToken": "hush-next",
      ])
    #expect(world.files.modes[path] == 0o600)
  }

  /// A refresh token works once: an answer without a new one leaves none.
  @Test func aRefreshTokenThatWasUsedIsDropped() throws {
    let world = world(file(ending: "2026-01-01T00:10:00Z"))
    world.network.answer(200, #"{"accessToken":"hush-new","expiresIn":600}"#)
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
    let file = try JSON.decode(world.files.bytes[path] ?? [])
    #expect(file["refreshToken"] == nil && file["accessToken"] == "hush-new")
  }

  @Test func aFailedRenewalDoesNotMatterWhileTheTokenLasts() throws {
    let world = world(file(ending: "2026-01-01T00:10:00Z"))
    world.network.answer(400, #"{"error":"unauthorized_client"}"#)
    world.network.answer(200, keys)
    let context = try world.context()
    let config = try SharedConfig(environment: world.environment)
    #expect(world.load(SSOCredentials(context, profile: "dev", config: config)).found != nil)
    // … and is not repeated at once, whoever asks.
    world.network.answer(200, keys)
    #expect(world.load(SSOCredentials(context, profile: "dev", config: config)).found != nil)
    #expect(world.network.requests.map(\.method) == ["POST", "GET", "GET"])
    world.clock.advance(30)
    world.network.answer(200, renewed)
    world.network.answer(200, keys)
    #expect(world.load(SSOCredentials(context, profile: "dev", config: config)).found != nil)
    #expect(world.network.requests.last?.headers["x-amz-sso_bearer_token"] == "hush-new")
  }

  @Test func afterItsEndItIsAnErrorThatSaysHowToSignIn() throws {
    let world = world(file(ending: "2026-01-01T00:00:00Z"))
    world.network.answer(400, #"{"error":"expired_token","error_description":"hush"}"#)
    let error = try #require(try load(world).error)
    #expect(error.code == "NoCredentials")
    #expect(
      error.message
        == "The IAM Identity Center token of profile 'dev' ended at 2026-01-01T00:00:00Z, and renewing it failed: "
        + "expired_token. Run: aws sso login --profile dev.")
  }

  @Test func withoutAWayToRenewItNothingIsTried() throws {
    let world = world(file(ending: "2025-12-31T00:00:00Z", registrationEnding: "2026-01-01T00:00:00Z"))
    #expect(
      try load(world).error?.message
        == "The IAM Identity Center token of profile 'dev' ended at 2025-12-31T00:00:00Z. Run: aws sso login --profile "
        + "dev.")
    #expect(world.network.requests.isEmpty)
  }

  /// Two programs read the same refresh token, which works once; the one that comes second finds what the first one
  /// wrote (aws-cli issue 7656).
  @Test(arguments: [
    (400, #"{"error":"invalid_grant"}"#, HTTPHeaders()),
    (400, "{}", ["x-amzn-ErrorType": "InvalidGrantException:http://aws"] as HTTPHeaders),
  ])
  func aTokenThatAnotherProgramRenewedIsTaken(_ status: Int, _ body: String, _ headers: HTTPHeaders) throws {
    let world = world(file(ending: "2026-01-01T00:00:00Z"))
    world.network.answer(status, body, headers)
    world.network.meanwhile = { [path] in
      world.files[path] = #"{"accessToken":"hush-theirs","expiresAt":"2026-01-01T08:00:00Z"}"#
    }
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
    #expect(world.network.requests.last?.headers["x-amz-sso_bearer_token"] == "hush-theirs")
    #expect(world.network.requests.count == 2)
    world.network.meanwhile = {}
  }

  @Test func aHomeThatCannotBeWrittenToIsToldAndNoMore() throws {
    let world = world(file(ending: "2026-01-01T00:10:00Z"))
    world.files.isReadOnly = true
    world.network.answer(200, renewed)
    world.network.answer(200, keys)
    #expect(try load(world).found != nil)
    #expect(world.notices.count == 1)
    #expect(world.notices.first?.contains("Read-only file system") == true)
    #expect(world.notices.first?.contains("aws sso login --profile dev") == true)
  }

  @Test func whoHasNotSignedInIsToldHow() throws {
    #expect(
      try load(world()).error?.message
        == "Profile 'dev' takes its keys from IAM Identity Center (~/.aws/config:7), and nobody has signed in: "
        + "~/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json is not there. Run: aws sso login --profile "
        + "dev.")
    for text in ["", "[]", "{}", #"{"accessToken":"hush"}"#, #"{"accessToken":"hush","expiresAt":"soon"}"#] {
      let message = try load(world(text)).error?.message
      #expect(message?.contains("holds no usable token. Run: aws sso login") == true)
      #expect(message?.contains("hush") == false)
    }
    let world = world("")
    world.files.unreadable.insert(path)
    #expect(try load(world).error?.message.contains("Permission denied") == true)
  }

  @Test func noPrintingShowsATokenOrAKey() throws {
    let object = try #require(try JSON.decode(Array(file(ending: "2026-01-01T08:00:00Z").utf8)).object)
    let token = try #require(SSOToken(object))
    for text in ["\(token)", String(reflecting: token), "\([token])", "\(Optional(token) as Any)"] {
      #expect(!text.contains("hush"))
    }
  }

  // MARK: The profile

  private func configurationError(_ config: String, profile: String = "dev") throws -> String? {
    try load(world(config: config), profile: profile).error?.message
  }

  @Test func aContradictionNamesBothPlaces() throws {
    #expect(
      try configurationError(
        "[profile dev]\nsso_session = corp\nsso_region = eu-west-2\n[sso-session corp]\nsso_region = eu-west-1\n"
          + "sso_start_url = https://x\n")
        == "sso_region of profile 'dev' (~/.aws/config:3) contradicts that of its sso-session 'corp' "
        + "(~/.aws/config:5). Remove it from the profile.")
  }

  @Test(arguments: [
    (
      "sso_session = nowhere",
      "names the sso-session 'nowhere' (~/.aws/config:2), which is not in ~/.aws/config"
    ),
    ("sso_session = half", "sso_region is missing from sso-session 'half'"),
    ("sso_start_url = https://x", "sso_region is missing from profile 'dev'"),
    ("sso_start_url = https://x\nsso_region = evil.com/", "cannot be a region"),
    ("sso_session = corp\nsso_role_name = r", "if `sso_role_name` is set"),
    ("sso_session = corp\nsso_account_id = 1", "if `sso_account_id` is set"),
    ("sso_session = corp", "selected profile will resolve an access token instead of credentials"),
  ])
  func whatIsMissingIsNamed(_ lines: String, _ words: String) throws {
    let sessions =
      "[sso-session half]\nsso_start_url = https://x\n[sso-session corp]\nsso_start_url = https://x\n"
      + "sso_region = eu-west-1\n"
    #expect(try configurationError("[profile dev]\n\(lines)\n\(sessions)")?.contains(words) == true)
  }

  @Test func otherProfilesAreNoneOfItsBusiness() throws {
    #expect(try load(world(config: "[profile dev]\nregion = us-east-1\n")).absence != nil)
  }
}
