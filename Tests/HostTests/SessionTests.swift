// Sessions: what they share, what they learn, and how a fleet asks its targets.
import AWSCore
import Host
import TestSupport
import Testing

@Suite struct SessionTests {
  private let config = """
    [profile dev]
    region = eu-west-1
    [profile ops]
    region = eu-west-1
    role_arn = arn:aws:iam::222222222222:role/ops
    source_profile = dev
    """
  private let keys = "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = hush\n"

  private func bench(profile: String = "dev", _ variables: [String: String] = [:]) throws -> Bench {
    try Bench(world: CredentialWorld(variables, config: config, credentials: keys), profile: profile)
  }

  private func isSTS(_ request: HTTPRequest) -> Bool { request.url.host.hasPrefix("sts.") }

  private var keysOfRole: HTTPResponse {
    let text = """
      <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAOPS</AccessKeyId>\
      <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
      <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
      """
    return HTTPResponse(status: 200, headers: ["Content-Type": "text/xml"], body: Array(text.utf8))
  }

  @Test func aSessionSendsNothingUntilItIsUsedAndThenToItsRegion() throws {
    let bench = try bench()
    #expect(
      bench.run("eu = connect{ region = 'eu-central-1' } print(eu.account, eu.endpoint)")?.message == nil)
    #expect(bench.service.sent.isEmpty)
    #expect(bench.run("eu.list_virtual_machines():first() list_virtual_machines():first()")?.message == nil)
    #expect(
      bench.service.sent.map(\.url.host) == [
        "backup-gateway.eu-central-1.amazonaws.com", "backup-gateway.eu-west-1.amazonaws.com",
      ])
  }

  @Test func sessionsOfOneProfileLookForItsKeysOnce() throws {
    let bench = try bench(profile: "ops")
    bench.service.outcome = { [keysOfRole] in $0.url.host.hasPrefix("sts.") ? .success(keysOfRole) : nil }
    let script = """
      assert(session.account == "222222222222", "the role's ARN tells the account before anything is sent")
      local f = fleet{ regions = { "eu-west-1", "eu-central-1", "eu-north-1" } }
      assert(f.list_virtual_machines{ MaxResults = 10 }:count() == 30)
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.service.sent.filter(isSTS).count == 1)
    #expect(bench.service.sent.count == 4)
  }

  @Test func anotherIdentityHasItsOwnKeys() throws {
    let bench = try bench()
    bench.service.outcome = { [keysOfRole] in $0.url.host.hasPrefix("sts.") ? .success(keysOfRole) : nil }
    let script = """
      connect{ profile = "ops" }.list_virtual_machines():first()
      list_virtual_machines():first()
      connect{ role_arn = "arn:aws:iam::333333333333:role/audit" }.list_virtual_machines():first()
      """
    #expect(bench.run(script)?.message == nil)
    let signers = bench.service.sent.map { request in
      request.headers["Authorization"]?.split(separator: "=").dropFirst().first?.split(separator: "/").first
        ?? ""
    }
    #expect(signers == ["AKIADEV", "ASIAOPS", "AKIADEV", "AKIADEV", "ASIAOPS"])
  }

  @Test func whatIsKnownOfAHostIsKnownToAllSessions() throws {
    let bench = try bench()
    bench.service.outcome = { [keysOfRole] request in
      if request.url.host.hasPrefix("sts.") { return .success(keysOfRole) }
      return request.url.host.contains("eu-west-1")
        ? .success(FakeService.json(#"{"__type":"InternalServerException","Message":"no"}"#, status: 500))
        : nil
    }
    // A failed call takes 10 of 500 tokens: at the 50th there are none left for whoever asks this host next.
    let script = """
      for i = 1, 50 do pcall(function() list_virtual_machines():first() end) end
      local ok, e = pcall(function() connect{ profile = "ops" }.list_virtual_machines():first() end)
      assert(e.attempts == 1 and e.message:find("retry quota exceeded"), e)
      assert(connect{ region = "eu-central-1" }.list_virtual_machines():first())
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.service.sent.filter { $0.url.host.contains("eu-west-1.") && !isSTS($0) }.count == 151)
  }

  @Test func theAccountComesFromAnArnOfTheServiceAndNotFromWhatPeopleWrite() throws {
    let bench = try bench()
    bench.service.answer = { _ in
      let foreign = "arn:aws:backup-gateway:eu-west-1:999999999999:vm/vm-0000000000000001"
      return FakeService.json(
        #"{"VirtualMachines":[{"Name":"\#(foreign)","Path":"\#(foreign)","ResourceArn":"\#(FakeService.arn(1))"}]}"#
      )
    }
    let script = """
      assert(session.account == nil)
      list_virtual_machines():first()
      assert(session.account == "123456789012" and session.name == "dev/eu-west-1/123456789012", session.name)
      """
    #expect(bench.run(script)?.message == nil)
  }

  // MARK: Fleets

  private let five =
    #"fleet{ regions = { "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1", "us-west-1" } }"#

  @Test func aFleetAsksItsTargetsAtOnceAndGivesTheirItemsInOrder() throws {
    let bench = try bench()
    let script = """
      local seen = {}
      for vm in \(five).list_virtual_machines() do
        seen[#seen + 1] = vm.target.region .. " " .. vm.Name:match("%d+")
      end
      assert(#seen == 50 and seen[1] == "eu-west-1 1" and seen[10] == "eu-west-1 10" and seen[50] == "us-west-1 10")
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.service.mostAtOnce == 5)
    #expect(bench.service.sent.count == 20, "pages of three, and none twice")
  }

  @Test func whatNeverAsksAheadAsksOneTargetAtATime() throws {
    let bench = try bench()
    #expect(
      bench.run("assert(\(five).list_virtual_machines():first().target.region == 'eu-west-1')")?.message
        == nil)
    #expect(bench.run("assert(#\(five).list_virtual_machines():take(2):collect() == 2)")?.message == nil)
    #expect(bench.service.sent.count == 2)
  }

  @Test func aRegionWithoutTheServiceIsLeftOutAndABrokenNameServiceIsNot() throws {
    let bench = try bench(["AWS_MAX_ATTEMPTS": "1"])
    bench.service.outcome = { request in
      request.url.host.contains(".eu-west-1.")
        ? nil : .failure(TransportError(.cannotResolve, "cannot find the address of \(request.url.host)"))
    }
    let script = """
      local f = fleet{ regions = { "eu-south-2", "eu-west-1" } }
      assert(f.list_virtual_machines():count() == 10)
      assert(#f:errors() == 1 and f:errors()[1].name == "dev/eu-south-2" and f:errors()[1].code == "Network")
      local ok, e = pcall(function() return fleet{ regions = { "eu-west-1", "eu-west-2" } }.list_virtual_machines():count() end)
      assert(not ok and e.code == "Network" and e.message:find("eu%-west%-2"), e)
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test(arguments: ["AccessDeniedException", "UnrecognizedClientException", "SubscriptionRequiredException"])
  func aClosedTargetIsLeftOut(_ code: String) throws {
    let bench = try bench()
    bench.service.outcome = { request in
      request.url.host.contains(".eu-west-2.")
        ? .success(FakeService.json(#"{"__type":"\#(code)","Message":"not here"}"#, status: 400)) : nil
    }
    let script = """
      local f = \(five)
      assert(f.list_virtual_machines():count() == 40 and f.list_virtual_machines():count() == 40)
      local row = f:errors()[1]
      assert(#f:errors() == 1 and row.code == "\(code)" and row.message:find("not here") and row.target.region == "eu-west-2")
      assert(row.error.operation == "ListVirtualMachines" and rawget(row, "target") == nil)
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test(arguments: [
    "ThrottlingException", "ValidationException", "ExpiredTokenException", "InternalServerException",
  ])
  func aBrokenTargetRaises(_ code: String) throws {
    let bench = try bench(["AWS_MAX_ATTEMPTS": "1"])
    bench.service.outcome = { request in
      request.url.host.contains(".eu-west-2.")
        ? .success(FakeService.json(#"{"__type":"\#(code)","Message":"broken"}"#, status: 400)) : nil
    }
    #expect(bench.run("\(five).list_virtual_machines():count()")?.message.contains(code) == true)
  }

  @Test func aConsoleWithOneSessionHasNeitherConnectNorUse() throws {
    let bench = try Bench()
    #expect(
      bench.run("assert(connect == nil and use == nil and session.region == 'us-east-1')")?.message == nil)
  }
}
