// The access log: a line for every request, with no secret in it and nothing that drives a terminal.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct AccessLogTests {
  private func lines(_ world: TestWorld) throws -> [Value] {
    try world.log.all.map { try JSON.decode(Array($0.utf8)) }
  }

  @Test func aCallIsALine() throws {
    let world = try TestWorld()
    let answer = try world.call("GetGateway", ["GatewayArn": "arn"], region: "eu-central-1")
    let line = try #require(self.lines(world).first)
    #expect(
      line.object?.members.map(\.name) == [
        "time", "request_id", "access_key", "account", "region", "operation", "status", "error", "faults",
        "bytes",
        "milliseconds",
      ])
    #expect(line["time"] == "2026-03-14T09:26:00Z")
    #expect(line["request_id"]?.string == answer.headers["x-amzn-RequestId"])
    #expect(line["access_key"] == "OCAL" && line["account"] == "123456789012")
    #expect(line["region"] == "eu-central-1" && line["operation"] == "GetGateway")
    #expect(line["status"] == 400 && line["error"] == "ValidationException")
    #expect(line["faults"] == [] && line["milliseconds"] == .number(0))
    #expect((line["bytes"]?.integer ?? 0) > 50)
  }

  @Test func textHasTheSameInColumns() throws {
    let world = try TestWorld(faults: ["latency=1ms", "reset-after:ListHypervisors=always"], format: .text)
    let id = try #require(world.call("ListGateways").headers["x-amzn-RequestId"])
    _ = world.take("ListHypervisors")
    _ = world.responder.respond(
      to: HTTPRequest(
        method: "GET", url: URLParts(scheme: "http", host: "x", path: "/healthz"),
        headers: ["Host": "localhost"]))
    let lines = world.log.all.map { $0.split(separator: " ").map(String.init) }
    #expect(
      lines[0].prefix(7) == [
        "2026-03-14T09:26:00Z", "200", "ListGateways", "-", "123456789012", "us-east-1", "*OCAL",
      ])
    #expect(lines[0][7].hasSuffix("B") && lines[0][8...] == ["0.0ms", id, "latency"])
    #expect(lines[1][1...2] == ["-", "ListHypervisors"] && lines[1][7] == "0B")
    #expect(lines[1].last == "latency,reset-after")
    #expect(lines[2][1...7] == ["200", "-", "-", "-", "-", "-", "2B"])
  }

  @Test func refusedRequestsAreLinesToo() throws {
    let world = try TestWorld()
    _ = world.responder.refuse(431, "too large")
    _ = world.responder.respond(to: unsigned("ListGateways"))
    let lines = try lines(world)
    #expect(lines[0]["status"] == 431 && lines[0]["operation"] == nil)
    #expect(lines[1]["error"] == "MissingAuthenticationTokenException" && lines[1]["access_key"] == nil)
  }

  /// What a client can write freely (an operation, a key, a region) arrives as harmless characters.
  @Test func nothingFromOutsideDrivesATerminal() throws {
    let world = try TestWorld()
    let evil = "\u{1B}]0;owned\u{7}\u{9B}31m\u{202E}\n{\"status\":200}"
    let key = Credentials(accessKeyID: evil, secretAccessKey: "s", source: "")
    for (operation, region) in [(evil, "us-east-1"), ("ListGateways", evil)] {
      var request = unsigned(operation)
      request.headers["X-Amz-Date"] = world.clock.now.basicFormat
      request.headers["Authorization"] =
        "AWS4-HMAC-SHA256 Credential=\(key.accessKeyID)/20260314/\(region)/backup-gateway/aws4_request, "
        + "SignedHeaders=host, Signature=0"
      _ = world.responder.respond(to: request)
    }
    for line in world.log.all {
      #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
    #expect(try lines(world)[0]["operation"] == "??0?owned???31m??????status??200?")
  }

  @Test func noSecretIsLogged() throws {
    let key = Credentials(
      accessKeyID: "ASIASESSION", secretAccessKey: "hunter2-secret", sessionToken: "hunter2-token", source: ""
    )
    for format in AccessLog.Format.allCases {
      let world = try TestWorld(keys: [AccessKey(key, account: "111122223333")], format: format)
      _ = try world.call("ListGateways", key: key)
      var wrong = key
      wrong.sessionToken = "hunter2-other"
      _ = try world.call("ListGateways", ["NextToken": "hunter2-body"], key: wrong)
      let text = world.log.all.joined()
      #expect(world.log.all.count == 2)
      #expect(!text.contains("hunter2") && !text.contains("ASIASESSION") && text.contains("SION"))
    }
  }
}
