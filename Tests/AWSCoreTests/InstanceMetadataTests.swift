// The metadata service of an EC2 instance: what is said to it, how long it is waited for, and what its silence means.
import TestSupport
import Testing

@testable import AWSCore

@Suite struct InstanceMetadataTests {
  private let keys =
    #"{"Code":"Success","AccessKeyId":"ASIAROLE","SecretAccessKey":"hush","Token":"quiet","#
    + #""Expiration":"2026-01-01T06:00:00Z"}"#

  /// A machine whose firmware says that it is one of EC2's.
  private func instance(_ variables: [String: String] = [:], config: String? = nil) -> CredentialWorld {
    let world = CredentialWorld(variables, config: config)
    world.files["/sys/class/dmi/id/sys_vendor"] = "Amazon EC2\n"
    return world
  }

  private func answerAll(_ world: CredentialWorld) {
    world.network.answer(200, "token==")
    world.network.answer(200, "web-server\n")
    world.network.answer(200, keys)
  }

  private func load(_ world: CredentialWorld) throws -> Result<CredentialLookup, CallError> {
    world.load(InstanceMetadataCredentials(try world.context()))
  }

  @Test func aTokenThenTheRoleThenItsKeys() throws {
    let world = instance()
    answerAll(world)
    let found = try #require(try load(world).found)
    #expect(found.accessKeyID == "ASIAROLE" && found.sessionToken == "quiet")
    #expect(found.expiration?.iso8601 == "2026-01-01T06:00:00Z")
    #expect(found.source == "instance metadata (role web-server)")
    let base = "http://169.254.169.254/latest"
    #expect(
      world.network.log == [
        "PUT \(base)/api/token", "GET \(base)/meta-data/iam/security-credentials/",
        "GET \(base)/meta-data/iam/security-credentials/web-server",
      ])
    let requests = world.network.requests
    #expect(requests[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600")
    #expect(requests.map { $0.headers["x-aws-ec2-metadata-token"] } == [nil, "token==", "token=="])
  }

  /// A proxy would hand out the identity of its own machine (boto issue 1146).
  @Test func neverThroughAProxyAndNeverForLong() throws {
    let world = instance(["http_proxy": "http://proxy:3128"])
    answerAll(world)
    _ = try load(world)
    #expect(world.network.limits.count == 3)
    #expect(world.network.limits.allSatisfy { !$0.usesProxy && $0.total <= 1 && $0.connect <= 1 })
  }

  @Test func elsewhereOneSilenceIsEnoughForTheWholeProcess() throws {
    let world = CredentialWorld()
    world.network.fail(.timedOut, beforeSending: true)
    let context = try world.context()
    let first = world.load(InstanceMetadataCredentials(context))
    #expect(first.absence == "the instance metadata service at 169.254.169.254 (timedOut in the test)")
    #expect(world.network.requests.count == 1)
    // Another session of the same process, and its region, do not wait again.
    #expect(world.load(InstanceMetadataCredentials(context)).absence == first.absence)
    var region: Result<String?, CallError>?
    InstanceMetadata.region(context) { region = $0 }
    #expect(try region?.get() == .some(nil))
    #expect(world.network.requests.count == 1)
  }

  /// A network may swallow what it does not route, or take the connection and say nothing (aws-cdk-cli issue 1327).
  @Test(arguments: [true, false])
  func elsewhereAllRequestsTogetherTakeLessThanTwoSeconds(_ beforeSending: Bool) throws {
    var exchange = InstanceMetadataExchange<String>(
      try InstanceMetadata(
        settings: CredentialWorld().context().settings, environment: CredentialWorld().environment),
      path: "/", isFolder: true
    ) { text, _ in .success(text) }
    var now = 0.0
    var event = MetadataEvent.begin
    while true {
      switch exchange.next(event, now: now) {
      case .send(_, let seconds):
        now += seconds
        event = .failed(TransportError(.timedOut, "no answer", beforeSending: beforeSending))
      case .pause(let seconds):
        now += seconds
        event = .waited
      case .finish(.success(.absent(_, let lack))):
        #expect(lack == .silence)
        #expect(now < 2)
        return
      case .finish:
        Issue.record("found something where there is nothing")
        return
      }
    }
  }

  @Test func onAnInstanceEachRequestIsTriedThreeTimes() throws {
    let world = instance()
    world.network.answer(200, "token")
    world.network.fail(.brokenConnection)
    world.network.answer(200, "")
    world.network.answer(200, "web-server")
    world.network.answer(429, "slow down")
    world.network.answer(200, #"{"AccessKey":"#)
    world.network.answer(200, keys)
    #expect(try load(world).found?.accessKeyID == "ASIAROLE")
    for _ in 0..<3 { world.network.answer(500) }
    #expect(try load(world).absence?.contains("HTTP 500") == true)
    #expect(world.network.requests.count == 10)
  }

  @Test func attemptsAndTimeAreTheOperatorsToSay() throws {
    let world = CredentialWorld(
      ["AWS_METADATA_SERVICE_TIMEOUT": "2.5"], config: "[default]\nmetadata_service_num_attempts = 2\n")
    #expect(try load(world).found == nil)
    #expect(world.network.limits.map(\.total) == [2.5, 2.5])
    world.variables["AWS_METADATA_SERVICE_TIMEOUT"] = "soon"
    #expect(try load(world).error?.message.contains("AWS_METADATA_SERVICE_TIMEOUT") == true)
  }

  @Test(arguments: ["true", "True", " TRUE "])
  func switchedOffNothingIsAsked(_ value: String) throws {
    let world = instance(["AWS_EC2_METADATA_DISABLED": value])
    #expect(try load(world).absence?.contains("AWS_EC2_METADATA_DISABLED") == true)
    #expect(world.network.requests.isEmpty)
  }

  // MARK: Without a token

  @Test(arguments: [404, 405])
  func aServiceThatKnowsNoTokensIsAskedWithout(_ status: Int) throws {
    let world = instance()
    world.network.answer(status)
    world.network.answer(200, "web-server")
    world.network.answer(200, keys)
    #expect(try load(world).found?.accessKeyID == "ASIAROLE")
    #expect(world.network.requests[1...].allSatisfy { $0.headers["x-aws-ec2-metadata-token"] == nil })
  }

  /// The answer to the PUT has a hop limit, which a container's bridge is beyond.
  @Test func soIsOneWhoseTokenNeverArrives() throws {
    let world = instance()
    world.network.fail(.timedOut)
    world.network.answer(200, "web-server")
    world.network.answer(200, keys)
    #expect(try load(world).found?.accessKeyID == "ASIAROLE")
  }

  @Test func whoDemandsATokenThatDoesNotArriveIsExplained() throws {
    let world = instance()
    world.network.fail(.timedOut)
    world.network.answer(401)
    #expect(try load(world).absence?.contains("HttpPutResponseHopLimit") == true)
  }

  @Test func unlessThatIsForbidden() throws {
    let world = instance(config: "[default]\nec2_metadata_v1_disabled = true\n")
    world.network.answer(404)
    let message = try load(world).error?.message
    #expect(
      message?.contains("IMDSv1 has been disabled by ec2_metadata_v1_disabled (from ~/.aws/config:2)") == true
    )
    world.network.fail(.timedOut)
    #expect(try load(world).found == nil)
    #expect(world.network.requests.allSatisfy { $0.method == "PUT" })
  }

  @Test func aRefusedTokenIsTheEnd() throws {
    let world = instance()
    world.network.answer(403)
    #expect(try load(world).absence?.contains("IMDS is disabled") == true)
    world.network.answer(400)
    #expect(try load(world).absence?.contains("HTTP 400") == true)
    #expect(world.network.requests.count == 2)
  }

  // MARK: Answers that bring nothing

  @Test func noRoleIsSaid() throws {
    let world = instance()
    world.network.answer(200, "token")
    world.network.answer(404, "<html>")
    #expect(try load(world).absence?.contains("no role is attached to this instance") == true)
  }

  @Test func aRoleWithoutKeysNamesTheServicesWord() throws {
    let world = instance()
    world.network.answer(200, "token")
    world.network.answer(200, "web-server")
    world.network.answer(200, #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"hush"}"#)
    let reason = try load(world).absence
    #expect(reason?.contains("the role web-server gives no keys: AssumeRoleUnauthorizedAccess") == true)
    #expect(reason?.contains("hush") == false)
  }

  /// A captive portal answers everything; its page must become neither header nor path.
  @Test(arguments: ["<html>log in</html>", "log in", "", "../../x", ".."])
  func aStrangersPageIsNeitherTokenNorRole(_ page: String) throws {
    let world = CredentialWorld()
    for answer in ["a\r\nX-Evil: b", page + " ", page + "\u{7F}"] { world.network.answer(200, answer) }
    world.network.answer(200, "token")
    for _ in 0..<3 { world.network.answer(200, page) }
    #expect(try load(world).found == nil)
    #expect(
      world.network.requests.allSatisfy { $0.url.path.hasSuffix("/token") || $0.url.path.hasSuffix("/") })
    #expect(
      world.network.requests.allSatisfy {
        ["", "token", "../../x", ".."].contains($0.headers["x-aws-ec2-metadata-token"] ?? "")
      })
  }

  // MARK: An outage

  @Test func keysAreUsedOnWhileTheServiceIsOut() throws {
    let world = instance()
    let provider = InstanceMetadataCredentials(try world.context())
    answerAll(world)
    #expect(world.load(provider).found != nil)
    world.clock.advance(6 * 3_600)
    for _ in 0..<2 {
      let found = try #require(world.load(provider).found)
      #expect(found.accessKeyID == "ASIAROLE")
      // A chain asks again in 10 to 20 minutes.
      let windows = RenewalWindows(found, receivedAt: world.clock.now)
      func stage(_ minutes: Int64) -> RenewalWindows.Stage {
        windows.stage(at: Timestamp(microseconds: world.clock.now.microseconds + minutes * 60_000_000))
      }
      #expect(stage(10) == .fresh)
      #expect(stage(20) != .fresh)
    }
    #expect(world.notices.count == 1)
    #expect(world.notices.first?.contains("used on") == true)
    answerAll(world)
    #expect(
      world.load(provider).found?.expiration?.iso8601 == "2026-01-01T06:00:00Z" || world.notices.count == 1)
  }

  @Test func keysThatTheServiceGivesTooLateAreUsedToo() throws {
    let world = instance()
    world.clock.advance(7 * 3_600)
    answerAll(world)
    let found = try #require(try load(world).found)
    #expect(found.expiration.map { $0 > world.clock.now } == true)
    #expect(world.notices.first?.contains("ended at 2026-01-01T06:00:00Z") == true)
  }

  @Test func aRoleThatWasTakenAwayIsNoOutage() throws {
    let world = instance()
    let provider = InstanceMetadataCredentials(try world.context())
    answerAll(world)
    #expect(world.load(provider).found != nil)
    world.network.answer(200, "token")
    world.network.answer(404)
    #expect(world.load(provider).absence?.contains("no role") == true)
  }

  // MARK: Where it is

  @Test func anEndpointMayEndWithASlashOrNot() throws {
    for endpoint in ["http://127.0.0.1:1338", "http://127.0.0.1:1338/", "http://127.0.0.1:1338/base/"] {
      let world = instance(["AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint])
      answerAll(world)
      #expect(try load(world).found != nil)
      #expect(world.network.log[0].hasSuffix("/latest/api/token") && !world.network.log[0].contains("1338//"))
    }
  }

  @Test func anUnknownModeIsNamedWithItsPlace() throws {
    let world = instance(config: "[default]\nec2_metadata_service_endpoint_mode = IPv7\n")
    #expect(
      try load(world).error?.message
        == "`IPv7` is not a valid endpoint mode of the instance metadata service (from ~/.aws/config:2): write "
        + "IPv4 or IPv6.")
  }

  @Test func theRegionIsKnownThereToo() throws {
    let world = instance()
    world.network.answer(200, "token")
    world.network.answer(200, "eu-central-1\n")
    var region: Result<String?, CallError>?
    InstanceMetadata.region(try world.context()) { region = $0 }
    world.settle()
    #expect(try region?.get() == "eu-central-1")
    #expect(world.network.log.last?.hasSuffix("/latest/meta-data/placement/region") == true)
  }
}
