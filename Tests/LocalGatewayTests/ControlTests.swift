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
    control = Control(world.responder, token: "the-token")
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
      #expect(response(route.path, "").status == 200, "\(route.path) tells its state")
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
    (#"{"set": 7}"#, "set must be a list of texts"), (#"{"add": [7]}"#, "add must be a list of texts"),
    (#"{"set": [], "clear": true}"#, "set and clear cannot go together"),
    (#"{"seed": 7}"#, "seed goes with set: the rules begin anew with it"),
    (#"{"set": [], "seed": -1}"#, "seed must be a whole number from 0"),
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
    #"{"set": "tomorrow"}"#, #"{"set": 7}"#, #"{"set": "1969-12-31T23:59:59Z"}"#, #"{"advance": "2 hours"}"#,
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
