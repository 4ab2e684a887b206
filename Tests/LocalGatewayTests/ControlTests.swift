// The control endpoint: who may use it, and what its routes do.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct ControlTests {
  let world: TestWorld
  let control: Control

  init() throws {
    world = try TestWorld()
    control = Control(
      world.responder, home: World(account: LocalGateway.account, region: "us-east-1"), token: "the-token")
  }

  private func response(
    _ path: String, _ body: String = "{}", token: String? = "the-token", method: String = "POST",
    host: String = "127.0.0.1:1", headers: [(String, String)] = []
  ) -> HTTPResponse {
    var request = HTTPRequest(
      method: method, url: URLParts(scheme: "http", host: host, path: path), headers: ["Host": host],
      body: Array(body.utf8))
    if let token { request.headers["Authorization"] = "Bearer \(token)" }
    for (name, value) in headers { request.headers[name] = value }
    return control.respond(to: request)
  }

  private func answer(_ path: String, _ body: String = "{}") throws -> Value {
    let response = response(path, body)
    let value = try JSON.decode(response.body)
    #expect(response.status == (value["error"] == nil ? 200 : 400))
    return value
  }

  // MARK: Who

  @Test func theTokenIsNeeded() throws {
    for token in [nil, "", "the-toke", "the-token ", "The-Token"] {
      let response = response("/metrics", token: token)
      #expect(response.status == 401 && response.headers["WWW-Authenticate"] == "Bearer")
      #expect(!String(decoding: response.body, as: UTF8.self).contains("the-token"))
    }
    #expect(response("/nowhere", token: nil).status == 401, "who has no token does not learn what there is")
    #expect(response("/metrics").status == 200)
  }

  @Test func aWebPageIsRefused() {
    #expect(response("/metrics", headers: [("Origin", "https://evil.example")]).status == 403)
    #expect(response("/metrics", host: "evil.example").status == 403)
  }

  @Test func everyRouteIsPosted() {
    for route in ControlRoute.all {
      #expect(response(route.path, method: "GET").status == 405)
      let needs = route.operation.input.members.contains(where: \.isRequired)
      #expect(response(route.path, "").status == (needs ? 400 : 200), "\(route.path) tells its state")
    }
  }

  @Test func anUnknownPathTellsWhatThereIs() throws {
    let response = response("/coffee")
    #expect(response.status == 404)
    let text = String(decoding: response.body, as: UTF8.self)
    for route in ControlRoute.all { #expect(text.contains(route.path)) }
  }

  @Test(arguments: ["[]", "7", "{", "{\"set\":1,}", "{\"unknown\":1}"])
  func aBodyThatIsNoneOfItsOwnIsRefused(body: String) throws {
    for route in ControlRoute.all { #expect(response(route.path, body).status == 400, "\(route.path)") }
  }

  @Test func itIsNotOnTheServicesPort() {
    var request = HTTPRequest(
      method: "POST", url: URLParts(scheme: "http", host: "127.0.0.1", path: "/faults"),
      headers: ["Host": "127.0.0.1", "Authorization": "Bearer the-token"])
    #expect(world.responder.respond(to: request).status == 404)
    request.url.path = "/clock"
    #expect(world.responder.respond(to: request).status == 404)
  }

  // MARK: Faults

  @Test func faultsAreSetAddedAndCleared() throws {
    #expect(try answer("/faults")["faults"] == [])
    let set = try answer("/faults", #"{"set": ["error500:ListGateways=next:2", "latency=1ms"], "seed": 7}"#)
    #expect(set["seed"] == 7)
    #expect(
      set["faults"] == [
        ["rule": "error500:ListGateways=next:2", "struck": 0, "left": 2],
        ["rule": "latency=1ms", "struck": 0],
      ])
    #expect(try world.call("ListGateways").status == 500)
    let added = try answer("/faults", #"{"add": "reset=next:1"}"#)
    #expect(
      added["faults"] == [
        ["rule": "error500:ListGateways=next:2", "struck": 1, "left": 1],
        ["rule": "latency=1ms", "struck": 1],
        ["rule": "reset=next:1", "struck": 0, "left": 1],
      ])
    #expect(try answer("/faults", #"{"clear": true}"#)["faults"] == [])
    #expect(try world.call("ListGateways").status == 200)
  }

  @Test(arguments: [
    (#"{"set": ["rest=always"]}"#, "set: there is no fault 'rest'; did you mean reset?"),
    (#"{"set": 7}"#, "set must be a list, got an integer"),
    (#"{"add": [7]}"#, "add[0] must be a string, got an integer"),
    (#"{"set": [], "clear": true}"#, "set and clear cannot go together"),
    (#"{"seed": 7}"#, "seed goes with set: the rules begin anew with it"),
    (#"{"set": [], "seed": -1}"#, "seed must be at least 0, got -1"),
  ])
  func rulesThatAreNoneChangeNothing(body: String, error: String) throws {
    _ = try answer("/faults", #"{"set": ["latency=1ms"]}"#)
    #expect(try answer("/faults", body)["error"]?.string == error)
    #expect(try answer("/faults")["faults"] == [["rule": "latency=1ms", "struck": 0]])
  }

  // MARK: Clock

  @Test func theClockIsAdvancedSetStoppedAndReset() throws {
    #expect(
      try answer("/clock") == [
        "now": "2026-03-14T09:26:00Z", "machine": "2026-03-14T09:26:00Z", "ahead_seconds": .number(0),
        "stopped": false,
      ])
    #expect(try answer("/clock", #"{"advance": "2h"}"#)["now"] == "2026-03-14T11:26:00Z")
    #expect(try answer("/clock", #"{"advance": "-30m"}"#)["ahead_seconds"] == .number(5_400))
    world.clock.advance(60)
    #expect(try answer("/clock")["now"] == "2026-03-14T10:57:00Z", "it goes on")
    #expect(try answer("/clock", #"{"set": "2030-01-01T00:00:00Z"}"#)["now"] == "2030-01-01T00:00:00Z")
    #expect(try answer("/clock", #"{"stop": true}"#)["stopped"] == true)
    world.clock.advance(60)
    #expect(try answer("/clock")["now"] == "2030-01-01T00:00:00Z", "it stands")
    #expect(try answer("/clock", #"{"advance": "1d"}"#)["now"] == "2030-01-02T00:00:00Z", "and can be moved")
    #expect(try answer("/clock", #"{"go": true}"#)["stopped"] == false)
    world.clock.advance(60)
    #expect(try answer("/clock")["now"] == "2030-01-02T00:01:00Z", "it goes on from where it stood")
    #expect(try answer("/clock", #"{"reset": true}"#)["now"] == "2026-03-14T09:29:00Z")
  }

  @Test(arguments: [
    #"{"set": "tomorrow"}"#, #"{"set": true}"#, #"{"set": 1e300}"#, #"{"set": -1}"#,
    #"{"set": "1969-12-31T23:59:59Z"}"#, #"{"advance": "2 hours"}"#,
    #"{"advance": "-100w"}"#, #"{"advance": "1h", "stop": true}"#, #"{"advance": 3600}"#,
  ])
  func atimeThatIsNoneChangesNothing(body: String) throws {
    _ = try answer("/clock", #"{"set": "1970-06-01T00:00:00Z"}"#)
    #expect(try answer("/clock", body)["error"] != nil)
    #expect(try answer("/clock")["now"] == "1970-06-01T00:00:00Z")
  }

  /// Clients sign by their own clocks: the world's time may be any, and they are still let in.
  @Test func aMovedClockMovesTheWorldAndNotTheSignatures() throws {
    func lastSeen() throws -> Double? {
      let gateways = try world.call("ListGateways").body["Gateways"]?.array ?? []
      return gateways.compactMap { gateway -> Double? in
        guard case .integer(let time)? = gateway["LastSeenTime"] else { return nil }
        return Double(time)
      }.max()
    }
    let before = try #require(try lastSeen())
    _ = try answer("/clock", #"{"advance": "7d"}"#)
    #expect(try lastSeen() == before + 7 * 86_400)
    #expect(try world.call("ListGateways").headers["Date"] == "Sat, 14 Mar 2026 09:26:00 GMT")
  }

  @Test func timesAreDatesDistancesOrEpochSeconds() throws {
    _ = try answer("/clock", #"{"set": "2030-01-01T00:00:00Z"}"#)
    #expect(try answer("/clock", #"{"set": "-1d"}"#)["now"] == "2029-12-31T00:00:00Z")
    #expect(try answer("/clock", #"{"set": 1.5}"#)["now"] == "1970-01-01T00:00:01.5Z")
    #expect(try answer("/clock", #"{"set": null}"#)["now"] == "1970-01-01T00:00:01.5Z", "null is nothing")
  }

  // MARK: The world

  private func error(_ path: String, _ body: String) throws -> String? {
    let response = response(path, body)
    #expect(response.status == 400)
    return try JSON.decode(response.body)["error"]?.string
  }

  @Test func aMachineComesIsBackedUpMovesAndGoes() throws {
    let hypervisor = try #require(
      try world.call("ListHypervisors").body["Hypervisors"]?.array?.first { $0["State"] == "ONLINE" }?[
        "HypervisorArn"]?.string)
    let made = try answer(
      "/create-vm", #"{"HypervisorArn": "\#(hypervisor)", "Name": "Łódź 9", "Path": "/a"}"#)
    let arn = try #require(made["ResourceArn"]?.string)
    func machine() throws -> Value? {
      try world.call("GetVirtualMachine", ["ResourceArn": .string(arn)]).body["VirtualMachine"]
    }
    #expect(try machine() == nil, "it is not found yet")
    world.clock.advance(10)
    #expect(try machine()?["Name"] == "Łódź 9")
    _ = try answer("/record-backup", #"{"ResourceArn": "\#(arn)", "LastBackupDate": "-7d"}"#)
    #expect(try machine()?["LastBackupDate"]?.integer == Int64(world.clock.now.epochSeconds) - 7 * 86_400)
    _ = try answer("/record-backup", #"{"ResourceArn": "\#(arn)"}"#)
    #expect(try machine()?["LastBackupDate"]?.integer == Int64(world.clock.now.epochSeconds))
    _ = try answer("/move-vm", #"{"ResourceArn": "\#(arn)", "Path": "/b"}"#)
    #expect(try machine()?["Path"] == "/b")
    _ = try answer("/delete-vm", #"{"ResourceArn": "\#(arn)"}"#)
    #expect(try error("/delete-vm", #"{"ResourceArn": "\#(arn)"}"#)?.contains("does not exist") == true)
  }

  @Test func whatIsBehindAHypervisorFailsAndComesBack() throws {
    let hypervisor = try #require(
      try world.call("ListHypervisors").body["Hypervisors"]?.array?.first { $0["State"] == "ONLINE" }?[
        "HypervisorArn"]?.string)
    func state() throws -> Value? {
      try world.call("GetHypervisor", ["HypervisorArn": .string(hypervisor)]).body["Hypervisor"]?["State"]
    }
    for (path, more, expected) in [
      ("/take-offline", "ResourceArn", "OFFLINE"), ("/bring-online", "ResourceArn", "ONLINE"),
    ] {
      _ = try answer(path, #"{"\#(more)": "\#(hypervisor)"}"#)
      #expect(try state() == .string(expected))
    }
    for (login, expected) in [
      (#""accepts": "nobody""#, "ERROR"), (#""accepts": "everybody""#, "ONLINE"),
      (#""Username": "root", "Password": "secret-7""#, "ERROR"),
    ] {
      let body = response("/set-vcenter-login", #"{"HypervisorArn": "\#(hypervisor)", \#(login)}"#).body
      #expect(!String(decoding: body, as: UTF8.self).contains("secret-7"))
      #expect(try state() == .string(expected))
    }
    for login in ["", #", "accepts": "nobody", "Username": "root""#, #", "accepts": "some""#] {
      _ = try error("/set-vcenter-login", #"{"HypervisorArn": "\#(hypervisor)"\#(login)}"#)
    }
  }

  @Test func anApplianceIsSwitchedOffAndOn() throws {
    let gateways = try world.call("ListGateways").body["Gateways"]?.array ?? []
    let seen = gateways.compactMap { $0["LastSeenTime"]?.integer }.max()
    let gateway = try #require(gateways.first { $0["LastSeenTime"]?.integer == seen }?["GatewayArn"]?.string)
    func age() throws -> Int64 {
      let found = try world.call("GetGateway", ["GatewayArn": .string(gateway)]).body["Gateway"]
      return Int64(world.clock.now.epochSeconds) - (found?["LastSeenTime"]?.integer ?? 0)
    }
    _ = try answer("/take-offline", #"{"ResourceArn": "\#(gateway)"}"#)
    world.clock.advance(3_600)
    #expect(try age() >= 3_600)
    _ = try answer("/bring-online", #"{"ResourceArn": "\#(gateway)"}"#)
    #expect(try age() < 30)
    _ = try error("/take-offline", "{}")
    _ = try error("/take-offline", #"{"ResourceArn": "rubbish"}"#)
  }

  @Test func activationKeysAreIssuedAndMayBeTheOnlyOnes() throws {
    #expect(try answer("/activation")["issued_only"] == false)
    #expect(try answer("/activation", #"{"issued_only": true}"#)["issued_only"] == true)
    func create(_ key: String) throws -> Int {
      try world.call(
        "CreateGateway",
        ["ActivationKey": .string(key), "GatewayDisplayName": "g", "GatewayType": "BACKUP_VM"]
      ).status
    }
    let elsewhere = try answer("/activation-key", #"{"Region": "eu-west-1"}"#)["ActivationKey"]?.string ?? ""
    let here = try answer("/activation-key")["ActivationKey"]?.string ?? ""
    #expect(try create("AAAA-BBBB") == 400 && create(elsewhere) == 400 && create(here) == 200)
    #expect(try answer("/activation", #"{"issued_only": false}"#)["issued_only"] == false)
    #expect(try create("AAAA-BBBB") == 200)
  }

  // MARK: Metrics

  @Test func metricsCountWhatHappened() throws {
    _ = try answer("/faults", #"{"set": ["latency:ListHypervisors=1ms", "reset:ListHypervisors=next:1"]}"#)
    _ = try world.call("ListGateways")
    _ = try world.call("ListGateways", ["MaxResults": 0])
    _ = world.take("ListHypervisors")
    _ = try world.call("DrinkTea")
    _ = world.responder.refuse(413, "too large")
    world.clock.advance(90)
    let metrics = try answer("/metrics")
    #expect(metrics["requests"] == 5 && metrics["under_way"] == 0)
    #expect(metrics["uptime_seconds"] == .number(90))
    #expect(metrics["statuses"] == ["200": 1, "400": 2, "413": 1, "none": 1])
    #expect(metrics["faults"] == ["latency": 1, "reset": 1])
    let operations = try #require(metrics["operations"])
    #expect(operations["ListGateways"]?["calls"] == 2)
    #expect(operations["ListGateways"]?["errors"] == ["ValidationException": 1])
    #expect(operations["ListHypervisors"]?["calls"] == 1)
    #expect(operations["unknown"]?["errors"] == ["UnknownOperationException": 1])
    #expect(operations.object?.members.count == 3)
  }

  @Test func aCallThatTakesItsTimeIsUnderWay() throws {
    _ = try answer("/faults", #"{"set": ["latency=1s"]}"#)
    var request = unsigned("ListGateways")
    SigV4(service: "backup-gateway", region: "us-east-1").sign(&request, with: builtIn, at: world.clock.now)
    guard case .pause(_, let next) = world.responder.begin(request) else {
      Issue.record("there is no pause")
      return
    }
    #expect(try answer("/metrics")["under_way"] == 1)
    world.clock.advance(1)
    _ = next()
    let metrics = try answer("/metrics")
    #expect(metrics["under_way"] == 0)
    #expect(metrics["operations"]?["ListGateways"]?["longest_milliseconds"] == .number(1_000))
  }
}
