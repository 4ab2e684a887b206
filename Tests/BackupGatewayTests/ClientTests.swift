// The client against a fake network: what it sends, when it sends again, and how its errors read.
import AWSCore
import BackupGateway
import Testing

@Suite struct ClientTests {
  private static let arn = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-12345678"

  /// What a run of one call showed.
  private struct Run {
    var result: Result<Response, CallError>?
    var transport: FakeTransport
    var timers: FakeTimers
    var notices: [String]

    var error: CallError? { if case .failure(let error) = result { error } else { nil } }
    var response: Response? { try? result?.get() }
  }

  private static let keys = Credentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hush", sessionToken: "quiet", source: "a test")

  private func settings(_ variables: [String: String] = ["AWS_REGION": "us-east-1"]) throws -> Settings {
    try Settings.resolve(environment: Environment(variables: variables))
  }

  private func call(
    _ answers: ((HTTPRequest) -> FakeTransport.Outcome)..., to name: String = "GetGateway",
    with parameters: Value.Object = ["GatewayArn": .string(arn)], settings: Settings? = nil,
    credentials: CredentialChain = CredentialChain([StaticCredentials(keys)])
  ) throws -> Run {
    let timers = FakeTimers()
    let transport = FakeTransport(answers)
    let settings = try settings ?? self.settings()
    let caller = ServiceCaller(settings: settings, transport: transport, timers: timers, random: { 1 })
    let client = Client(settings: settings, caller: caller, credentials: credentials)
    var notices: [String] = []
    caller.notice = { notices.append($0) }
    var result: Result<Response, CallError>?
    let operation = try #require(Service.operation(name))
    _ = client.start(try Request(operation, parameters)) { result = $0 }
    #expect(result == nil, "nothing completes inside start")
    while transport.deliver() || timers.fire() {}
    return Run(result: result, transport: transport, timers: timers, notices: notices)
  }

  // MARK: Success

  @Test func sendsASignedRequestAndHandsTheBodyOver() throws {
    let run = try call(answer(200, #"{"Gateway":{}}"#, ["x-amzn-RequestId": "r-1"]))
    #expect(run.response?.body == Array(#"{"Gateway":{}}"#.utf8))
    #expect(run.response?.requestID == "r-1")
    #expect(run.response?.attempts == 1)
    let request = run.transport.requests[0]
    #expect(request.url.description == "https://backup-gateway.us-east-1.amazonaws.com/")
    #expect(request.body == Array(#"{"GatewayArn":"\#(Self.arn)"}"#.utf8))
    #expect(request.headers["Content-Type"] == "application/x-amz-json-1.0")
    #expect(request.headers["X-Amz-Target"] == "BackupOnPremises_v20210101.GetGateway")
    #expect(request.headers["User-Agent"] == "moongate/\(Version.current) os/linux")
    #expect(request.headers["X-Amz-Date"] == "20260101T000000Z")
    #expect(request.headers["amz-sdk-request"] == "attempt=1; max=3")
    #expect(request.headers["amz-sdk-invocation-id"]?.count == 36)
    #expect(
      request.headers["Authorization"]?.contains(
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,") == true)
  }

  /// An empty page would read as "there is nothing".
  @Test func anEmptyBodyIsNoResultWhereMembersBelong() throws {
    let run = try call(answer(200, ""), answer(200, #"{"Gateway":{}}"#))
    #expect(run.response?.attempts == 2)
    #expect(run.response?.body == Array(#"{"Gateway":{}}"#.utf8))
  }

  @Test func nothingIsAParameterThatIsNotSent() throws {
    let run = try call(answer(200), to: "ListGateways", with: ["NextToken": .null, "MaxResults": 5])
    #expect(run.transport.requests[0].body == Array(#"{"MaxResults":5}"#.utf8))
  }

  // MARK: Refused before sending

  @Test func aMissingRegionIsSaidWhenACallIsMade() throws {
    let run = try call(settings: settings([:]))
    #expect(run.transport.requests.isEmpty)
    #expect(run.error?.code == "NoRegion")
    #expect(run.error?.category == .configuration)
  }

  /// As the AWS CLI does: on an instance nobody need say where it is. The first call asks, once for all.
  @Test func theRegionOfTheMachineIsAskedForOnceWhereNoSettingNamesOne() throws {
    let timers = FakeTimers()
    let transport = FakeTransport([answer(200), answer(200)])
    let settings = try settings([:])
    let client = Client(
      settings: settings, caller: ServiceCaller(settings: settings, transport: transport, timers: timers),
      credentials: CredentialChain([StaticCredentials(Self.keys)]))
    var asked: [(Result<String?, CallError>) -> Void] = []
    client.locateRegion = { asked.append($0) }
    let request = try Request(try #require(Service.operation("ListGateways")), [:])
    var completed = 0
    for _ in 0..<2 { _ = client.start(request) { _ in completed += 1 } }
    #expect(transport.requests.isEmpty)
    #expect(asked.count == 1)
    // Taken out: what is asked holds the client, which holds who asks.
    asked.removeLast()(.success("eu-north-1"))
    while transport.deliver() || timers.fire() {}
    #expect(completed == 2)
    #expect(
      transport.requests.map(\.url.host)
        == Array(repeating: "backup-gateway.eu-north-1.amazonaws.com", count: 2))
    #expect(client.settings.region == .init("eu-north-1", from: "the instance metadata service"))
  }

  @Test func missingCredentialsAreSaidWhenACallIsMade() throws {
    let run = try call(credentials: CredentialChain([EnvironmentCredentials(Environment())]))
    #expect(run.transport.requests.isEmpty)
    #expect(run.error?.code == "NoCredentials")
    #expect(run.error?.attempts == 0)
  }

  // MARK: Retries

  @Test func throttlingIsRetriedAfterAWait() throws {
    let run = try call(
      answer(400, #"{"__type":"ThrottlingException","message":"slow down"}"#), answer(200))
    #expect(run.response?.attempts == 2)
    #expect(run.response?.seconds == 1)
    #expect(run.timers.delays == [1])
    #expect(run.transport.requests[1].headers["amz-sdk-request"] == "attempt=2; max=3")
    let ids = run.transport.requests.map { $0.headers["amz-sdk-invocation-id"] }
    #expect(ids[0] == ids[1])
  }

  @Test func attemptsEndAndTheErrorSaysHowMany() throws {
    let failing = answer(
      500, #"{"message":"oh"}"#, ["x-amzn-errortype": "InternalServerException:x", "x-amzn-requestid": "r-9"])
    let run = try call(failing, failing, failing)
    #expect(run.timers.delays == [1, 2])
    let error = try #require(run.error)
    #expect([error.operation, error.code, error.message] == ["GetGateway", "InternalServerException", "oh"])
    #expect(error.httpStatus == 500)
    #expect(error.requestID == "r-9")
    #expect(error.attempts == 3)
    #expect(error.host == "backup-gateway.us-east-1.amazonaws.com")
    #expect(run.error?.isRetryable == true)
  }

  @Test func refusalsAreNotRetried() throws {
    let run = try call(
      answer(
        400, #"{"__type":"com.amazonaws.backupgateway#ResourceNotFoundException","Message":"no gateway"}"#))
    #expect(run.error?.code == "ResourceNotFoundException")
    #expect(run.error?.message == "no gateway")
    #expect(run.error?.category == .service)
    #expect(run.error?.isRetryable == false)
    #expect(run.transport.requests.count == 1)
  }

  @Test func aResourceOfAnotherRegionIsExplained() throws {
    let refusal = answer(400, #"{"__type":"ResourceNotFoundException","message":"no such gateway"}"#)
    let elsewhere = try settings(["AWS_REGION": "eu-west-1"])
    #expect(
      try call(refusal, settings: elsewhere).error?.message
        == "no such gateway. The ARN is of us-east-1, and this session asks eu-west-1 (from AWS_REGION): give "
        + "--region us-east-1.")
    #expect(try call(refusal).error?.message == "no such gateway")
  }

  @Test func brokenConnectionsAreRetriedAndNamedInTheEnd() throws {
    let refused = broken(.cannotConnect, "cannot connect to h:443: Connection refused", beforeSending: true)
    let run = try call(refused, refused, refused)
    #expect(run.error?.category == .network)
    #expect(run.error?.code == "Network")
    #expect(run.error?.message == "cannot connect to h:443: Connection refused.")
    #expect(run.error?.attempts == 3)
    #expect(try call(broken(.tls, "no trust")).error?.attempts == 1)
  }

  @Test func aHostThatDoesNotExistIsExplainedByItsSettings() throws {
    let variables = ["AWS_REGION": "us-west-7", "AWS_MAX_ATTEMPTS": "1", "AWS_USE_FIPS_ENDPOINT": "true"]
    let run = try call(
      broken(.cannotResolve, "cannot find the address of x"), settings: settings(variables))
    #expect(
      run.error?.message
        == "cannot find the address of x. The host was made from region us-west-7 (from AWS_REGION) and "
        + "use_fips_endpoint from AWS_USE_FIPS_ENDPOINT; the service may not exist there. AWS lists no region "
        + "'us-west-7'; did you mean us-west-1?")
  }

  // MARK: The clock

  @Test func aWrongClockIsCorrectedWithOneExtraAttemptAndRemembered() throws {
    let timers = FakeTimers()
    let skewed = answer(
      403, #"{"__type":"InvalidSignatureException","message":"Signature expired"}"#,
      ["Date": "Thu, 01 Jan 2026 00:10:00 GMT"])
    let transport = FakeTransport([skewed, answer(200), answer(200)])
    let settings = try settings()
    let caller = ServiceCaller(settings: settings, transport: transport, timers: timers, random: { 1 })
    let client = Client(
      settings: settings, caller: caller, credentials: CredentialChain([StaticCredentials(Self.keys)]))
    var notices: [String] = []
    caller.notice = { notices.append($0) }
    var attempts: [Int] = []
    let operation = try #require(Service.operation("ListGateways"))
    for _ in 0..<2 {
      _ = client.start(try Request(operation, [:])) { attempts.append((try? $0.get().attempts) ?? 0) }
      while transport.deliver() || timers.fire() {}
    }
    #expect(attempts == [2, 1])
    #expect(timers.delays == [0])
    #expect(
      transport.requests.map { $0.headers["X-Amz-Date"] }
        == ["20260101T000000Z", "20260101T001000Z", "20260101T001000Z"])
    #expect(
      notices == [
        "This computer's clock is 600 seconds behind the service's; requests are now signed with "
          + "the service's time."
      ])
  }

  @Test func aBadSignatureOnARightClockIsNotRetried() throws {
    let run = try call(
      answer(403, #"{"__type":"InvalidSignatureException"}"#, ["Date": "Thu, 01 Jan 2026 00:00:10 GMT"]))
    #expect(run.error?.attempts == 1)
    #expect(run.notices.isEmpty)
  }

  @Test func secretsQuotedByTheServiceAreMasked() throws {
    let run = try call(
      answer(403, #"{"__type":"SignatureDoesNotMatch","message":"x-amz-security-token:quiet and hush"}"#))
    #expect(run.error?.message == "x-amz-security-token:••• and •••")
  }

  // MARK: Credentials

  /// Gives other keys at each search.
  private final class Rotating: CredentialProvider {
    var searches = 0
    func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
      searches += 1
      completion(
        .success(.found(Credentials(accessKeyID: "A", secretAccessKey: "s\(searches)", source: "a test"))))
    }
  }

  @Test func expiredCredentialsAreLookedForAgainOnce() throws {
    let expired = answer(400, #"{"__type":"ExpiredTokenException","message":"expired"}"#)
    let rotating = Rotating()
    let run = try call(expired, answer(200), credentials: CredentialChain([rotating]))
    #expect(run.response?.attempts == 2)
    #expect(rotating.searches == 2)
    #expect(try call(expired, expired, credentials: CredentialChain([Rotating()])).error?.attempts == 2)
    let fixed = try call(expired)
    #expect(fixed.error?.message == "expired. The credentials came from a test; renew them there.")
    #expect(fixed.error?.attempts == 1)
  }

  // MARK: Answers that are not the service's

  @Test func aPageForABrowserIsNamedNotPrinted() throws {
    let run = try call(answer(403, "<html><body>Log in</body></html>"))
    #expect(
      run.error?.message
        == "backup-gateway.us-east-1.amazonaws.com answered with an HTML page: a proxy or login page may "
        + "stand before the service, or this is not an AWS endpoint.")
    #expect(run.error?.httpStatus == 403)
    let portal = answer(200, "<html></html>")
    #expect(try call(portal, portal, portal).error?.message.contains("an HTML page") == true)
  }

  @Test func aRedirectIsAnErrorThatNamesItsTarget() throws {
    let run = try call(answer(302, "", ["Location": "http://169.254.169.254/latest"]))
    #expect(run.error?.message.contains("redirects to 169.254.169.254") == true)
    #expect(run.transport.requests.count == 1)
  }

  @Test func aBodyThatIsCutOffIsAskedForAgain() throws {
    let cut = answer(200, #"{"Gateways":["#)
    #expect(try call(cut, answer(200), to: "ListGateways", with: [:]).response?.attempts == 2)
    let run = try call(cut, cut, cut, to: "ListGateways", with: [:])
    #expect(
      run.error?.message
        == "backup-gateway.us-east-1.amazonaws.com answered with a body that is not a whole JSON object "
        + "(unfinished document at byte 13).")
  }

  // MARK: Cancelling

  @Test func aCancelledCallNeverCompletes() throws {
    let timers = FakeTimers()
    let transport = FakeTransport([answer(200), answer(500), answer(200)])
    let settings = try settings()
    let client = Client(
      settings: settings, caller: ServiceCaller(settings: settings, transport: transport, timers: timers),
      credentials: CredentialChain([StaticCredentials(Self.keys)]))
    let operation = try #require(Service.operation("ListGateways"))
    var completed = false
    let first = client.start(try Request(operation, [:])) { _ in completed = true }
    client.cancel(first)
    #expect(transport.cancelled == [TransferID(1)])
    let second = client.start(try Request(operation, [:])) { _ in completed = true }
    _ = transport.deliver()
    client.cancel(second)
    while transport.deliver() || timers.fire() {}
    #expect(!completed)
  }
}
