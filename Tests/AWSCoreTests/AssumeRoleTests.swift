// Roles of profiles: what STS is asked, with whose keys, and what becomes of its answers.
import TestSupport
import Testing

@testable import AWSCore

/// The form that a request carries, by parameter.
func form(_ request: HTTPRequest) -> [String: String] { Form.parameters(request.body) }

/// The key that signed a request; nil when none did.
func signer(_ request: HTTPRequest) -> String? {
  request.headers["Authorization"]?.split(separator: "=").dropFirst().first?.split(separator: "/").first.map(
    String.init)
}

/// STS's answer with keys that end an hour after the world's clock begins.
func keysOfRole(
  _ action: String = "AssumeRole", id: String = "ASIAROLE", end: String = "2026-01-01T01:00:00Z"
) -> String {
  """
  <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
    <\(action)Result>
      <AssumedRoleUser>
        <AssumedRoleId>AROA:me</AssumedRoleId>
        <Arn>arn:aws:sts::123456789012:assumed-role/x/me</Arn>
      </AssumedRoleUser>
      <Credentials>
        <AccessKeyId>\(id)</AccessKeyId>
        <SecretAccessKey>secret-of-\(id)</SecretAccessKey>
        <SessionToken>token-of-\(id)</SessionToken>
        <Expiration>\(end)</Expiration>
      </Credentials>
    </\(action)Result>
    <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
  </\(action)Response>
  """
}

/// STS's refusal.
func refusal(_ code: String, _ message: String) -> String {
  "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error></ErrorResponse>"
}

@Suite struct AssumeRoleTests {
  private let arn = "arn:aws:iam::123456789012:role/x"
  private let base = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = hush\n"
  private let region = ["AWS_REGION": "eu-west-1", "AWS_PROFILE": "dev"]

  /// A profile `dev` with a role of `base`, and further lines.
  private func world(_ lines: String = "", variables: [String: String] = [:]) -> CredentialWorld {
    CredentialWorld(
      region.merging(variables) { $1 },
      config: "[profile dev]\nrole_arn = \(arn)\nsource_profile = base\n\(lines)", credentials: base)
  }

  // MARK: The request

  @Test func theKeysOfTheSourceAssumeTheRole() throws {
    let world = world()
    world.network.answer(200, keysOfRole())
    let found = try world.find().get()
    #expect(found.accessKeyID == "ASIAROLE")
    #expect(found.secretAccessKey == "secret-of-ASIAROLE")
    #expect(found.sessionToken == "token-of-ASIAROLE")
    #expect(found.expiration?.iso8601 == "2026-01-01T01:00:00Z")
    #expect(found.accountID == "123456789012")
    #expect(found.source == "role \(arn) through profile 'dev' (~/.aws/config:2)")
    let request = try #require(world.network.requests.first)
    #expect(world.network.log == ["POST https://sts.eu-west-1.amazonaws.com/"])
    #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
    #expect(signer(request) == "AKIABASE")
    #expect(request.headers["Authorization"]?.contains("/eu-west-1/sts/aws4_request") == true)
    #expect(
      form(request) == [
        "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": arn,
        "RoleSessionName": "moongate-1767225600",
      ])
  }

  @Test func whatTheProfileSaysOfTheRoleIsSent() throws {
    let world = world("external_id = a/b+c\nrole_session_name = me@here\nduration_seconds = 900\n")
    world.network.answer(200, keysOfRole())
    _ = try world.find().get()
    let sent = form(try #require(world.network.requests.first))
    #expect(sent["ExternalId"] == "a/b+c")
    #expect(sent["RoleSessionName"] == "me@here")
    #expect(sent["DurationSeconds"] == "900")
  }

  @Test func theKeysOfEachRoleAssumeTheNext() throws {
    let world = CredentialWorld(
      region,
      config: "[profile dev]\nrole_arn = arn:A\nsource_profile = mid\n[profile mid]\nrole_arn = arn:B\n"
        + "source_profile = base\n", credentials: base)
    world.network.answer(200, keysOfRole(id: "ASIAMID"))
    world.network.answer(200, keysOfRole(id: "ASIAEND"))
    let found = try world.find().get()
    #expect(found.accessKeyID == "ASIAEND")
    #expect(world.network.requests.map { form($0)["RoleArn"] } == ["arn:B", "arn:A"])
    #expect(world.network.requests.map(signer) == ["AKIABASE", "ASIAMID"])
    #expect(world.network.requests.map { $0.headers["X-Amz-Security-Token"] } == [nil, "token-of-ASIAMID"])
    #expect(found.source == "role arn:A through profile 'dev' (~/.aws/config:2)")
  }

  @Test func theEnvironmentMayBeTheSourceEvenWhenTheProfileIsGiven() throws {
    let world = CredentialWorld(
      ["AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"],
      config: "[profile dev]\nrole_arn = \(arn)\ncredential_source = Environment\n")
    world.network.answer(200, keysOfRole())
    #expect(try world.find(profile: "dev").get().accessKeyID == "ASIAROLE")
    #expect(world.network.requests.map(signer) == ["ENV"])
  }

  @Test func aProcessMayBeTheSource() throws {
    let world = CredentialWorld(
      region,
      config:
        "[profile dev]\nrole_arn = \(arn)\nsource_profile = tool\n[profile tool]\ncredential_process = get\n")
    world.processes.end(printing: #"{"Version":1,"AccessKeyId":"TOOL","SecretAccessKey":"s"}"#)
    world.network.answer(200, keysOfRole())
    _ = try world.find().get()
    #expect(world.processes.commands == ["get"])
    #expect(world.network.requests.map(signer) == ["TOOL"])
  }

  @Test(arguments: [
    (["AWS_ENDPOINT_URL_STS": "https://sts.example"], "https://sts.example/"),
    (["AWS_ENDPOINT_URL": "https://all.example/aws"], "https://all.example/aws"),
    (["AWS_ENDPOINT_URL_BACKUP_GATEWAY": "https://gateway.example"], "https://sts.eu-west-1.amazonaws.com/"),
    (["AWS_USE_FIPS_ENDPOINT": "true"], "https://sts-fips.eu-west-1.amazonaws.com/"),
    (["AWS_REGION": "cn-north-1"], "https://sts.cn-north-1.amazonaws.com.cn/"),
  ])
  func whereSTSIs(_ variables: [String: String], _ url: String) throws {
    let world = world(variables: variables)
    world.network.answer(200, keysOfRole())
    _ = try world.find().get()
    #expect(world.network.log == ["POST \(url)"])
  }

  @Test func anEndpointOnTheCommandLineIsNotThatOfSTS() throws {
    let world = world()
    let settings = try Settings.resolve(
      options: .init(endpoint: "https://gateway.example"), environment: world.environment)
    #expect(try settings.endpointURL(of: .sts).host == "sts.eu-west-1.amazonaws.com")
  }

  /// As with the AWS CLI: an instance that nobody told its region can assume a role all the same.
  @Test(arguments: [
    (["AWS_REGION": ""], "sts.amazonaws.com", "us-east-1"),
    (["AWS_STS_REGIONAL_ENDPOINTS": "legacy"], "sts.amazonaws.com", "us-east-1"),
    (["AWS_STS_REGIONAL_ENDPOINTS": "regional"], "sts.eu-west-1.amazonaws.com", "eu-west-1"),
    (["AWS_REGION": "", "AWS_ENDPOINT_URL_STS": "https://sts.example"], "sts.example", "us-east-1"),
  ])
  func stsAnswersAtAGlobalHostToo(_ variables: [String: String], _ host: String, _ region: String) throws {
    let world = world(variables: variables)
    world.network.answer(200, keysOfRole())
    _ = try world.find().get()
    let request = try #require(world.network.requests.first)
    #expect(request.url.host == host)
    #expect(request.headers["Authorization"]?.contains("/\(region)/sts/aws4_request") == true)
  }

  // MARK: The code of a device

  private let device = "mfa_serial = arn:aws:iam::1:mfa/me\n"

  @Test func theOperatorIsAskedForTheCodeOnceHoweverOftenItIsSent() throws {
    let world = world(device)
    var prompts: [String] = []
    world.operatorAnswers = { prompt in
      prompts.append(prompt)
      return " 123456\n"
    }
    world.network.answer(500)
    world.network.answer(200, keysOfRole())
    let found = try world.find().get()
    #expect(prompts == ["Code of the MFA device arn:aws:iam::1:mfa/me for profile 'dev' (~/.aws/config:2): "])
    #expect(world.network.requests.map { form($0)["TokenCode"] } == ["123456", "123456"])
    #expect(form(world.network.requests[0])["SerialNumber"] == "arn:aws:iam::1:mfa/me")
    #expect(found.neededOperator)
  }

  @Test func whereNobodyCanBeAskedItIsSaid() {
    let world = world(device)
    #expect(
      world.find().problem
        == "NoCredentials: The role \(arn) of profile 'dev' (~/.aws/config:2) wants a code of the device "
        + "arn:aws:iam::1:mfa/me, and there is no terminal to ask on. Run Moongate on a terminal, or give it temporary "
        + "keys, as 'aws configure export-credentials --format env' writes them.")
    #expect(world.network.requests.isEmpty)
  }

  @Test(arguments: [nil, "", " \n"])
  func noAnswerIsNoRequest(_ answer: String?) {
    let world = world(device)
    world.operatorAnswers = { _ in answer }
    #expect(
      world.find().problem
        == "NoCredentials: No code was given for profile 'dev' (~/.aws/config:2), so its role could not be assumed."
    )
    #expect(world.network.requests.isEmpty)
  }

  @Test func theOperatorIsAskedAgainOnlyWhenTheKeysAreAboutToEnd() throws {
    let world = world(device)
    var asked = 0
    world.operatorAnswers = { _ in
      asked += 1
      return "123456"
    }
    let chain = CredentialChain(try world.context())
    world.network.answer(200, keysOfRole())
    _ = try world.find(with: chain).get()
    world.clock.advance(3_500)
    _ = try world.find(with: chain).get()
    #expect(asked == 1)
    world.clock.advance(50)
    world.network.answer(200, keysOfRole(end: "2026-01-01T02:00:00Z"))
    _ = try world.find(with: chain).get()
    #expect(asked == 2)
  }

  // MARK: Failures

  @Test func aRefusalNamesTheRoleThePlaceAndTheKeysThatAsked() {
    let world = world()
    world.network.answer(403, refusal("AccessDenied", "not authorized"), ["x-amzn-RequestId": "r-9"])
    let result = world.find()
    #expect(
      result.problem
        == "NoCredentials: The role \(arn) of profile 'dev' (~/.aws/config:2) could not be assumed with the "
        + "credentials from profile 'base' (~/.aws/credentials:2): AccessDenied: not authorized")
    guard case .failure(let error) = result else { return }
    #expect(error.category == .configuration)
    #expect(error.operation == "AssumeRole")
    #expect(error.httpStatus == 403)
    #expect(error.requestID == "r-9")
    #expect(error.host == "sts.eu-west-1.amazonaws.com")
    #expect(!error.isRetryable)
  }

  @Test func whoeverDoesNotAnswerIsAskedThreeTimes() {
    let world = world()
    let result = world.find()
    #expect(world.network.requests.count == 3)
    #expect(result.problem.hasPrefix("Network: The role \(arn) of profile 'dev'"))
    guard case .failure(let error) = result else { return }
    #expect(error.category == .network)
    #expect(error.isRetryable)
  }

  @Test(arguments: [
    "", "<html><body>sign in</body></html>", "{}", String(keysOfRole().dropLast(40)),
    keysOfRole().replacing("SecretAccessKey", with: "Other"), keysOfRole(id: ""), keysOfRole(end: "soon"),
    keysOfRole().replacing("Expiration", with: "Other"), keysOfRole("GetSessionToken"),
  ])
  func anAnswerThatGivesNoKeysIsAnErrorAndNeverShown(_ body: String) throws {
    let world = world()
    for _ in 0..<3 { world.network.answer(200, body) }
    let context = try world.context()
    var trace: [String] = []
    context.caller.trace = { trace.append($0) }
    let result = world.find(with: CredentialChain(context))
    #expect(result.problem.hasPrefix("Network: "))
    #expect(!(trace.joined() + result.problem).contains("secret-of-"))
    #expect(!(trace.joined() + result.problem).contains("token-of-"))
  }

  /// STS quotes the request in its answer to a signature that it cannot match.
  @Test func noSecretIsToldEvenIfSTSRepeatsIt() throws {
    let world = world()
    world.network.answer(403, refusal("SignatureDoesNotMatch", "you sent hush"))
    let context = try world.context()
    var trace: [String] = []
    context.caller.trace = { trace.append($0) }
    let problem = world.find(with: CredentialChain(context)).problem
    #expect(problem.hasSuffix("SignatureDoesNotMatch: you sent •••"))
    #expect(!trace.joined().contains("hush"))
  }

  /// The machine's clock was two hours ahead: the keys of a role that had just been assumed looked ended, and the
  /// clock could not be learned from a call that was never made.
  @Test func aWrongClockIsLearnedFromSTSAndUsedForTheKeysThatItGives() throws {
    let world = world()
    world.clock.advance(7_200)
    world.network.answer(
      403, refusal("RequestExpired", "too late"), ["Date": "Thu, 01 Jan 2026 00:00:00 GMT"])
    world.network.answer(200, keysOfRole())
    let context = try world.context()
    var found: Result<Credentials, CallError>?
    CredentialChain(context).credentials(at: context.caller.now) { found = $0 }
    world.settle()
    #expect(found?.problem == "found")
    #expect(
      world.network.requests.map { $0.headers["X-Amz-Date"] } == ["20260101T020000Z", "20260101T000000Z"])
    #expect(context.caller.now.iso8601 == "2026-01-01T00:00:00Z")
  }

  // MARK: The machine by itself

  @Test func aSourceThatHasNoneIsAnErrorWithThePlace() throws {
    let plan = ProfilePlan(
      source: .environment, profile: "a", place: "~/.aws/config:3", accountID: nil,
      roles: [AssumeRole(arn: "arn:x", origin: "profile 'a'")])
    var search = ProfileSearch(plan, canAsk: false)
    guard case .look(.environment) = search.begin() else { Issue.record("it looks first"); return }
    guard
      case .finish(.failure(let error)) = search.next(
        .looked(.success(.absent("AWS_ACCESS_KEY_ID (not set)"))))
    else { Issue.record("it ends"); return }
    #expect(
      error.message
        == "Profile 'a' (~/.aws/config:3) takes its credentials where none are: AWS_ACCESS_KEY_ID (not set).")
  }

  @Test func theAccountOfTheProfileStandsInForOneThatTheSourceDoesNotTell() {
    func account(_ told: String?) -> String? {
      let plan = ProfilePlan(source: .sso(sso), profile: "a", place: "", accountID: "1")
      var search = ProfileSearch(plan, canAsk: false)
      _ = search.begin()
      let keys = Credentials(accessKeyID: "A", secretAccessKey: "s", accountID: told, source: "")
      guard case .finish(.success(let found)) = search.next(.looked(.success(.found(keys)))) else {
        return "none"
      }
      return found.accountID
    }
    #expect(account(nil) == "1")
    #expect(account("2") == "2")
  }

  private let sso = SSOProfile(
    name: "a", startURL: .init(value: "https://x", source: ""), region: .init(value: "us-east-1", source: ""))
}
