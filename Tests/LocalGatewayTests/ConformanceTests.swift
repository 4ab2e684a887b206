// The requests that botocore signs, against the server's check: two implementations of SigV4 that never met.
import AWSCore
import TestSupport
import Testing

@testable import LocalGateway

@Suite struct ConformanceTests {
  @Test func everyRequestThatBotocoreSignedIsAccepted() throws {
    guard let suite = Conformance.suite("backup-gateway-oracle") else { return }
    let cases = try #require(Conformance.json("\(suite)/requests.json")?.array)
    #expect(!cases.isEmpty)
    for item in cases {
      let id = item["id"]?.string ?? ""
      let (request, key, date) = try request(of: item)
      let authentication = Authentication([AccessKey(key, account: "123456789012")])
      func world(of request: HTTPRequest) throws -> World {
        try authentication.world(of: request, claiming: Claim(of: request), at: date, now: date)
      }
      #expect(
        try world(of: request) == World(account: "123456789012", region: item["region"]?.string ?? ""),
        "\(id)")

      var altered = request
      altered.body.append(UInt8(ascii: " "))
      #expect(throws: Fault.self, "\(id)") { try world(of: altered) }
      for (name, value) in request.headers.fields {
        var altered = request
        altered.headers[name] = String(value.dropLast()) + (value.last == "0" ? "1" : "0")
        #expect(throws: Fault.self, "\(id) \(name)") { try world(of: altered) }
      }
    }
  }

  private func request(of item: Value) throws -> (HTTPRequest, Credentials, Timestamp) {
    let expected = try #require(item["expect"])
    let url = try #require(expected["url"]?.string.flatMap(URLParts.init))
    var request = HTTPRequest(method: "POST", url: url, headers: ["Host": url.hostHeader])
    for (name, value) in expected["headers"]?.object?.members ?? [] {
      request.headers[name] = value.string
    }
    request.headers["Authorization"] = expected["authorization"]?.string
    request.body = Array((expected["bodyUsedForSignature"]?.string ?? "").utf8)
    let credentials = try #require(item["credentials"])
    let key = Credentials(
      accessKeyID: credentials["accessKeyId"]?.string ?? "",
      secretAccessKey: credentials["secretAccessKey"]?.string ?? "",
      sessionToken: credentials["sessionToken"]?.string, accountID: "123456789012", source: "oracle")
    let date = try #require(request.headers["X-Amz-Date"].flatMap(Timestamp.init(basicFormat:)))
    return (request, key, date)
  }
}
