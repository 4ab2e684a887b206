// The wire: signatures, awsJson1_0, and who may talk to the server at all.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct AuthenticationTests {
  let world: TestWorld
  init() throws { world = try TestWorld() }

  private func signed(
    _ key: Credentials = builtIn, service: String = "backup-gateway", region: String = "us-east-1",
    late seconds: Int64 = 0
  ) -> HTTPRequest {
    var request = unsigned("ListGateways")
    SigV4(service: service, region: region)
      .sign(&request, with: key, at: world.clock.now.advanced(bySeconds: seconds))
    return request
  }

  private func answer(_ request: HTTPRequest) throws -> Answer {
    try Answer(world.responder.respond(to: request))
  }

  @Test func aGoodSignatureIsAccepted() throws {
    #expect(try answer(signed()).status == 200)
    #expect(try answer(signed(late: 899)).status == 200)
    #expect(try answer(signed(late: -899)).status == 200)
    #expect(try answer(signed(region: "ap-northeast-1")).status == 200)
  }

  @Test func aWrongSecretIsRefused() throws {
    var key = builtIn
    key.secretAccessKey = "wrong"
    let answer = try answer(signed(key))
    #expect(answer.status == 400)
    #expect(answer.error == frameworkError("InvalidSignatureException"))
    #expect(answer.message.hasPrefix("The request signature we calculated does not match"))
    #expect(answer.body["ErrorCode"] == nil)
  }

  @Test func everySignedPartCounts() throws {
    let changes: [(inout HTTPRequest) -> Void] = [
      { $0.body.append(UInt8(ascii: " ")) },
      { $0.headers["X-Amz-Target"] = "BackupOnPremises_v20210101.ListHypervisors" },
      { $0.headers["Host"] = "localhost:8080" },
      { $0.headers["Content-Type"] = "application/x-amz-json-1.0; charset=utf-8" },
      { $0.url.query = "a=b" },
      { $0.headers["X-Amz-Date"] = $0.headers["X-Amz-Date"]?.replacing("092600", with: "092601") },
      {
        $0.headers["Authorization"] = $0.headers["Authorization"]?.replacing("us-east-1", with: "us-west-2")
      },
    ]
    for (index, change) in changes.enumerated() {
      var request = signed()
      change(&request)
      #expect(try answer(request).error == frameworkError("InvalidSignatureException"), "change \(index)")
    }
  }

  @Test func aHeaderThatDecidesMustBeSigned() throws {
    for name in ["host", "x-amz-target", "x-amz-date"] {
      var request = signed()
      let names = ["content-type", "host", "x-amz-date", "x-amz-target"].filter { $0 != name }
      request.headers["Authorization"] =
        SigV4(service: "backup-gateway", region: "us-east-1").signature(
          of: request, signedHeaders: names, with: builtIn, at: world.clock.now.basicFormat
        ).authorization
      let answer = try answer(request)
      #expect(answer.error == frameworkError("InvalidSignatureException"))
      #expect(answer.message == "'\(name)' must be a 'SignedHeader' in the AWS Authorization.")
    }
  }

  @Test func aClockThatIsWrongIsToldTheTimes() throws {
    let late = try answer(signed(late: -1_200))
    #expect(late.error == frameworkError("InvalidSignatureException"))
    #expect(
      late.message == "Signature expired: 20260314T090600Z is now earlier than 20260314T091100Z "
        + "(20260314T092600Z - 15 min.)")
    let early = try answer(signed(late: 1_200))
    #expect(early.error == frameworkError("InvalidSignatureException"))
    #expect(
      early.message == "Signature not yet current: 20260314T094600Z is still later than 20260314T094100Z "
        + "(20260314T092600Z + 15 min.)")
    #expect(early.headers["Date"] == "Sat, 14 Mar 2026 09:26:00 GMT")
  }

  @Test func aKeyThatNobodyHasIsNotRecognized() throws {
    var key = builtIn
    key.accessKeyID = "AKIDEXAMPLE"
    #expect(try answer(signed(key)).error == frameworkError("UnrecognizedClientException"))
    key = builtIn
    key.sessionToken = "a token that this key does not have"
    #expect(try answer(signed(key)).error == frameworkError("UnrecognizedClientException"))
  }

  @Test func aSessionTokenMustBeTheKeysOwn() throws {
    let key = Credentials(
      accessKeyID: "TEMP", secretAccessKey: "s", sessionToken: "the token", source: "")
    let world = try TestWorld(keys: [AccessKey(key, account: "111122223333")])
    #expect(try world.call("ListGateways", key: key).status == 200)
    for token in [nil, "another"] {
      var wrong = key
      wrong.sessionToken = token
      #expect(
        try world.call("ListGateways", key: wrong).error == frameworkError("UnrecognizedClientException"))
    }
  }

  @Test func anUnsignedRequestLacksItsToken() throws {
    #expect(
      try answer(unsigned("ListGateways")).error == frameworkError("MissingAuthenticationTokenException"))
  }

  @Test(arguments: [
    "Basic bWU6c2VjcmV0", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=MOONGATELOCAL",
    "AWS4-HMAC-SHA256 Credential=MOONGATELOCAL/20260314/us-east-1, SignedHeaders=host, Signature=0", "",
  ])
  func anAuthorizationThatIsCutShortIsIncomplete(header: String) throws {
    var request = signed()
    request.headers["Authorization"] = header
    #expect(try answer(request).error == frameworkError("IncompleteSignatureException"))
  }

  /// Signers differ in what they put between the parts, and in their order.
  @Test func anAuthorizationMayBeSpelledInManyWays() throws {
    let header = try #require(signed().headers["Authorization"])
    let parts = header.dropFirst(SigV4.algorithm.count + 1).replacing(", ", with: ",").split(separator: ",")
    for text in [
      parts.joined(separator: ","), parts.reversed().joined(separator: ", "),
      "  " + parts.joined(separator: " ,,\t ") + " ,", "Signature=0, Extra, " + parts.joined(separator: ", "),
      parts.joined(separator: ", ").replacing("SignedHeaders=", with: " SignedHeaders = ;"),
    ] {
      var request = signed()
      request.headers["Authorization"] = "\(SigV4.algorithm) \(text)"
      #expect(try answer(request).status == 200, "\(text)")
    }
  }

  @Test(arguments: [nil, "yesterday", "20261314T092600Z", "20260314T0926 0Z", "+0260314T092600Z"])
  func aDateThatIsNoneIsIncomplete(date: String?) throws {
    var request = signed()
    request.headers["X-Amz-Date"] = date
    #expect(try answer(request).error == frameworkError("IncompleteSignatureException"))
  }

  @Test func theScopeMustFit() throws {
    let wrong = [
      try answer(signed(service: "backup")), try answer(signed(region: "us east")),
      try answer(signed(region: "-x")), try answer(signed(region: "12")),
    ]
    for answer in wrong {
      #expect(answer.error == frameworkError("InvalidSignatureException"))
      #expect(answer.message.hasPrefix("Credential should be scoped"))
    }
  }

  @Test func noErrorRepeatsTheSignature() throws {
    var request = signed()
    request.body.append(0x20)
    let signature = try #require(request.headers["Authorization"]?.split(separator: "Signature=").last)
    let text = String(decoding: world.responder.respond(to: request).body, as: UTF8.self)
    #expect(!text.contains(signature) && !text.contains(LocalGateway.secretAccessKey))
  }
}

struct AwsJsonTests {
  let world: TestWorld
  init() throws { world = try TestWorld() }

  private func answer(_ body: [UInt8], _ change: (inout HTTPRequest) -> Void = { _ in }) throws -> Answer {
    var request = unsigned("ListGateways", body)
    change(&request)
    SigV4(service: "backup-gateway", region: "us-east-1").sign(&request, with: builtIn, at: world.clock.now)
    return try Answer(world.responder.respond(to: request))
  }

  @Test func everyAnswerCarriesTheServicesHeaders() throws {
    let good = try answer([])
    let bad = try answer(Array("[".utf8))
    for answer in [good, bad] {
      #expect(answer.headers["Content-Type"] == "application/x-amz-json-1.0")
      #expect(answer.headers["Date"] == "Sat, 14 Mar 2026 09:26:00 GMT")
      #expect(answer.headers["Server"] == "Moongate local gateway (emulator)")
      let id = try #require(answer.headers["x-amzn-requestid"])
      #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    }
    #expect(good.headers["x-amzn-requestid"] != bad.headers["x-amzn-requestid"])
  }

  @Test func noBodyIsAnEmptyObject() throws { #expect(try answer([]).status == 200) }

  @Test func theMediaTypeMayHaveParameters() throws {
    let answer = try answer([]) { $0.headers["Content-Type"] = "application/x-amz-json-1.0; charset=utf-8" }
    #expect(answer.status == 200)
  }

  @Test(arguments: [
    "[", "[]", "7", "null", "\"{}\"", "{\"MaxResults\":1,}", "{\"MaxResults\":01}", "{}{}",
    "{\"MaxResults\":1,\"MaxResults\":2}", "{\"MaxResults\":1e400}", "{\"NextToken\":\"\\ud800\"}", "{\0}",
    String(repeating: "[", count: 100_000),
  ])
  func aBodyThatIsNoJSONObjectCannotBeRead(body: String) throws {
    let answer = try answer(Array(body.utf8))
    #expect(answer.status == 400)
    #expect(answer.error == frameworkError("SerializationException"))
  }

  @Test func textThatIsNoUTF8CannotBeRead() throws {
    #expect(
      try answer([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]).error == frameworkError("SerializationException")
    )
    #expect(
      try answer([0xFE, 0xFF, 0x00, 0x7B, 0x00, 0x7D]).error == frameworkError("SerializationException"))
  }

  /// Not understood is another error than not allowed: AWS's frameworks tell them apart too.
  @Test(arguments: [
    ("[true]", "The body must be an object, got a list."),
    (#"{"MaxResults":"5"}"#, "MaxResults must be an integer, got a string."),
    (#"{"MaxResults":1.5}"#, "MaxResults must be an integer, got a number with a fraction."),
    (#"{"MaxResults":true}"#, "MaxResults must be an integer, got a boolean."),
    (#"{"MaxResults":99999999999999}"#, "MaxResults must fit in 32 bits, got 99999999999999."),
    (#"{"NextToken":7}"#, "NextToken must be a string, got an integer."),
    (#"{"NextToken":{}}"#, "NextToken must be a string, got a table."),
  ])
  func aMemberOfAnotherTypeCannotBeRead(body: String, message: String) throws {
    let answer = try answer(Array(body.utf8))
    #expect(answer.error == frameworkError("SerializationException"))
    #expect(answer.message == message)
  }

  @Test func aTargetThatNamesNoOperationIsUnknown() throws {
    let changes: [(inout HTTPRequest) -> Void] = [
      { $0.headers["X-Amz-Target"] = nil }, { $0.headers["X-Amz-Target"] = "ListGateways" },
      { $0.headers["X-Amz-Target"] = "DynamoDB_20120810.ListTables" },
      { $0.headers["X-Amz-Target"] = "BackupOnPremises_v20210101." },
      { $0.headers["Content-Type"] = "application/cbor" }, { $0.headers["Content-Type"] = nil },
    ]
    for change in changes {
      #expect(try answer([], change).error == frameworkError("UnknownOperationException"))
    }
  }
}

struct PerimeterTests {
  private func status(
    _ method: String = "GET", _ path: String = "/healthz", _ headers: [(String, String)] = [],
    perimeter: Perimeter = Perimeter()
  ) throws -> Int {
    var request = HTTPRequest(method: method, url: URLParts(scheme: "http", host: "x", path: path))
    for (name, value) in headers { request.headers.append(name, value) }
    if !headers.contains(where: { $0.0.lowercased() == "host" }) {
      request.headers.append("Host", "localhost")
    }
    return try TestWorld(seed: .empty, perimeter: perimeter).responder.respond(to: request).status
  }

  @Test(arguments: ["localhost", "LOCALHOST:80", "127.0.0.1:4566", "127.1.2.3", "[::1]:80"])
  func namesOfThisMachineAreLetIn(host: String) throws {
    #expect(try status("GET", "/healthz", [("Host", host)]) == 200)
  }

  @Test(arguments: [
    "evil.example", "127.0.0.1.evil.example", "evil.example:80", "10.0.0.1", "localhost.evil.example", "",
    "localhost@evil.example", "0.0.0.0", "[::ffff:10.0.0.1]",
  ])
  func reboundNamesAreRefused(host: String) throws {
    #expect(try status("GET", "/healthz", [("Host", host)]) == 403)
  }

  @Test func aServerMayHaveANameOfItsOwn() throws {
    let perimeter = Perimeter(names: ["gateway.test"])
    #expect(try status("GET", "/healthz", [("Host", "Gateway.Test:4566")], perimeter: perimeter) == 200)
    #expect(try status("GET", "/healthz", [("Host", "localhost")], perimeter: perimeter) == 200)
    #expect(try status("GET", "/healthz", [("Host", "other.test")], perimeter: perimeter) == 403)
    #expect(try status("GET", "/healthz", [("Host", "192.0.2.7")], perimeter: perimeter) == 403)
  }

  /// An address is nobody's name: a page that had its own rebound still sends that name.
  @Test func beyondLoopbackAnyAddressIsLetInAndNoName() throws {
    let perimeter = Perimeter(takesAddresses: true)
    for host in ["192.0.2.7:4566", "[2001:db8::7]:4566", "127.0.0.1"] {
      #expect(try status("GET", "/healthz", [("Host", host)], perimeter: perimeter) == 200, "\(host)")
    }
    for host in ["evil.example", "192.0.2.7.evil.example", "1", "0x7f.1", "[2001:db8::7%25eth0]"] {
      #expect(try status("GET", "/healthz", [("Host", host)], perimeter: perimeter) == 403, "\(host)")
    }
  }

  @Test func oneHostHeaderIsNeeded() throws {
    #expect(try status("GET", "/healthz", [("Host", "localhost"), ("host", "localhost")]) == 400)
  }

  @Test(arguments: ["Origin", "Sec-Fetch-Site", "sec-fetch-mode"])
  func webPagesAreRefused(header: String) throws {
    #expect(try status("POST", "/", [(header, "null")]) == 403)
  }

  @Test(arguments: [
    ("GET", "/", 405), ("HEAD", "/", 405), ("PUT", "/", 405), ("OPTIONS", "/", 405),
    ("POST", "/healthz", 405),
    // Without the header that says which protocol it is.
    ("POST", "/service/BackupOnPremises_v20210101/operation/ListGateways", 404), ("GET", "/favicon.ico", 404),
    ("GET", "*", 404), ("HEAD", "/healthz", 200),
  ])
  func otherMethodsAndPathsLeadNowhere(method: String, path: String, expected: Int) throws {
    #expect(try status(method, path) == expected)
  }
}

struct AddressTests {
  @Test(arguments: ["127.0.0.1", "127.9.8.7", "::1", "[::1]", "0:0:0:0:0:0:0:1"])
  func loopback(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isLoopback && address.fromHere == address)
  }

  @Test(arguments: ["192.0.2.7", "2001:db8::7", "0.0.0.0", "::", "::ffff:127.0.0.1"])
  func elsewhere(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(!address.isLoopback)
    let warning = LocalGateway.warning(address, 4566)
    #expect(warning.hasPrefix("WARNING: ") && warning.contains("port 4566") && warning.contains("--bind"))
  }

  @Test(arguments: [
    "", "localhost", "1", "127.1", "127.0.0.1:80", "[127.0.0.1]", "::1%lo", "[::1", "256.0.0.1", "0177.0.0.1",
  ])
  func noAddress(text: String) { #expect(IPAddress(text) == nil) }

  @Test func everyAddressIsReachedFromHereByLoopback() throws {
    #expect(try #require(IPAddress("0.0.0.0")).fromHere.host == "127.0.0.1")
    #expect(try #require(IPAddress("::")).fromHere.host == "[::1]")
    #expect(try #require(IPAddress("192.0.2.7")).fromHere.host == "192.0.2.7")
    #expect(LocalGateway.warning(try #require(IPAddress("::")), 1).contains("every address of this machine"))
  }
}
