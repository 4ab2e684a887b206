// The other wire protocol: rpcv2Cbor, on the same world and with the same checks.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct RpcV2CborTests {
  let world: TestWorld
  init() throws { world = try TestWorld() }

  private func request(_ operation: String, _ body: [UInt8]) -> HTTPRequest {
    HTTPRequest(
      method: "POST",
      url: URLParts(
        scheme: "http", host: "127.0.0.1", port: 8080,
        path: "/service/BackupOnPremises_v20210101/operation/\(operation)"),
      headers: [
        "Host": "127.0.0.1:8080", "Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor",
        "Accept": "application/cbor",
      ], body: body)
  }

  private func answer(
    _ operation: String, _ body: [UInt8] = CBOR.encode([:]), _ change: (inout HTTPRequest) -> Void = { _ in }
  ) throws -> Answer {
    var request = request(operation, body)
    change(&request)
    SigV4(service: "backup-gateway", region: "us-east-1").sign(&request, with: builtIn, at: world.clock.now)
    let response = world.responder.respond(to: request)
    #expect(response.headers["Content-Type"] == "application/cbor")
    // Without it a client takes no notice of the body.
    #expect(response.headers["Smithy-Protocol"] == "rpc-v2-cbor")
    return Answer(response, body: try CBOR.decode(response.body))
  }

  @Test func anOperationIsAnsweredAsInJSON() throws {
    for operation in ["ListGateways", "ListHypervisors", "ListVirtualMachines"] {
      let cbor = try answer(operation, CBOR.encode(["MaxResults": 2]))
      #expect(cbor.status == 200)
      let json = try world.call(operation, ["MaxResults": 2])
      let member = String(operation.dropFirst(4))
      #expect(cbor.body[member]?.array?.count == json.body[member]?.array?.count)
      #expect(cbor.body["NextToken"] == json.body["NextToken"])
    }
  }

  /// A page of JSON is written from rows, one of CBOR from values, and a single machine from its record.
  @Test func aMachineLooksTheSameInBothProtocolsAndByItself() throws {
    for (number, text) in [
      "", "plain", "a \"quoted\" \\ name", "é😀\u{1}\n\u{7F}", String(repeating: "long", count: 99),
    ]
    .enumerated() {
      try world.store.save(
        VirtualMachineRecord(
          arn: TestWorld.home.arn(.virtualMachine, "vm-ODD\(number)"), name: text,
          hostName: number == 1 ? nil : text, hypervisorID: "hype-\(number)", path: number == 2 ? nil : text,
          lastBackup: number == 3 ? nil : Timestamp(microseconds: Int64(number - 1) * 1_500_000)))
    }
    let input: Value = ["MaxResults": 1_000]
    let json = try #require(world.call("ListVirtualMachines", input).body["VirtualMachines"]?.array)
    let cbor = try #require(answer("ListVirtualMachines", CBOR.encode(input)).body["VirtualMachines"]?.array)
    #expect(json.count == 255)
    for (json, cbor) in zip(json, cbor) {
      // What JSON says as a number is a timestamp in CBOR.
      #expect(try JSON.decode(JSON.encode(cbor)) == json)
      let shown = try world.call("GetVirtualMachine", ["ResourceArn": try #require(json["ResourceArn"])])
      var single = try #require(shown.body["VirtualMachine"]?.object)
      single["VmwareTags"] = nil
      #expect(.object(single) == json)
    }
  }

  @Test func timestampsAreTagged() throws {
    let gateways = try #require(answer("ListGateways").body["Gateways"]?.array)
    for gateway in gateways {
      guard case .timestamp(let time)? = gateway["LastSeenTime"] else {
        Issue.record("LastSeenTime is \(String(describing: gateway["LastSeenTime"]))")
        continue
      }
      #expect(time <= world.clock.now)
    }
  }

  @Test func pagesFollowEachOtherAcrossProtocols() throws {
    let first = try answer("ListVirtualMachines", CBOR.encode(["MaxResults": 3]))
    let token = try #require(first.body["NextToken"])
    let second = try world.call("ListVirtualMachines", ["MaxResults": 3, "NextToken": token])
    let names = try #require(second.body["VirtualMachines"]?.array?.compactMap { $0["ResourceArn"]?.string })
    let all = try #require(
      world.call("ListVirtualMachines", ["MaxResults": 6]).body["VirtualMachines"]?.array)
    #expect(names == all.suffix(3).compactMap { $0["ResourceArn"]?.string })
  }

  @Test func noBodyIsAnEmptyObjectAndNeedsNoType() throws {
    #expect(try answer("ListGateways", []).status == 200)
    #expect(try answer("ListGateways", []) { $0.headers["Content-Type"] = nil }.status == 200)
  }

  @Test func theServiceMayBeNamedByItsShape() throws {
    let answer = try answer("ListGateways") {
      $0.url.path =
        "/service/com.amazonaws.backupgateway.BackupOnPremises_v20210101/operation/ListGateways"
    }
    #expect(answer.status == 200)
  }

  @Test func documentsOfUnknownLengthAreRead() throws {
    // {_ "MaxResults": 2}, with the name in two pieces.
    let body: [UInt8] =
      [0xBF, 0x7F, 0x63] + Array("Max".utf8) + [0x67] + Array("Results".utf8) + [0xFF, 2, 0xFF]
    #expect(try answer("ListGateways", body).body["Gateways"]?.array?.count == 2)
  }

  // MARK: Errors

  /// The statuses are the model's, which awsJson1_0 does not look at.
  @Test func errorsHaveTheModelsStatus() throws {
    let missing: Value = ["GatewayArn": "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-0DD0DD0D"]
    let notFound = try answer("GetGateway", CBOR.encode(missing))
    #expect(notFound.status == 404)
    #expect(notFound.error == serviceError("ResourceNotFoundException"))
    #expect(notFound.body["ErrorCode"] == "ResourceNotFound")
    #expect(notFound.body["Message"]?.string?.hasPrefix("The gateway ") == true)
    #expect(try world.call("GetGateway", missing).status == 400)

    let invalid = try answer("ListGateways", CBOR.encode(["MaxResults": 0]))
    #expect(invalid.status == 400)
    #expect(invalid.error == serviceError("ValidationException"))
    #expect(try answer("DrinkTea").status == 404)
  }

  @Test(arguments: [
    ("AccessDeniedException", 403), ("ConflictException", 409), ("InternalServerException", 500),
    ("ResourceNotFoundException", 404), ("ThrottlingException", 429), ("ValidationException", 400),
  ])
  func eachErrorOfTheModelHasAStatus(name: String, status: Int) {
    let fault = Fault(origin: .service, name: name, message: "")
    #expect(RpcV2Cbor().response(fault).status == status)
    #expect(AwsJson10().response(fault).status == (name == "InternalServerException" ? 500 : 400))
  }

  @Test func aBadSignatureIsForbidden() throws {
    var request = request("ListGateways", [])
    let unsigned = world.responder.respond(to: request)
    #expect(unsigned.status == 403)
    #expect(
      try CBOR.decode(unsigned.body)["__type"]?.string
        == frameworkError("MissingAuthenticationTokenException"))
    SigV4(service: "backup-gateway", region: "us-east-1").sign(&request, with: builtIn, at: world.clock.now)
    request.url.path = "/service/BackupOnPremises_v20210101/operation/ListHypervisors"
    let altered = world.responder.respond(to: request)
    #expect(altered.status == 403)
    #expect(
      try CBOR.decode(altered.body)["__type"]?.string == frameworkError("InvalidSignatureException"))
  }

  @Test(
    arguments: [
      [0x7B], [0x80], [0xA1], [0x00], [0xF6], [0xFF], [0xA0, 0x00], [0xA1, 0x61, 0x61, 0x41, 0x00],
      [0xA2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x01], [0xA1, 0x61, 0xFF, 0x01], Array("{}".utf8),
    ] as [[UInt8]])
  func aBodyThatIsNoMapCannotBeRead(body: [UInt8]) throws {
    let answer = try answer("ListGateways", body)
    #expect(answer.status == 400)
    #expect(answer.error == frameworkError("SerializationException"))
  }

  @Test func whatItRefersToMustBeItsOwn() throws {
    let changes: [(inout HTTPRequest) -> Void] = [
      // The specification: a server must reject both, "for security reasons".
      { $0.headers["X-Amz-Target"] = "BackupOnPremises_v20210101.ListGateways" },
      { $0.headers["X-Amzn-Target"] = "BackupOnPremises_v20210101.ListGateways" },
      { $0.headers["Content-Type"] = "application/json" },
      { $0.headers["Content-Type"] = nil },
      { $0.url.path = "/" },
      { $0.url.path = "/service/DynamoDB_20120810/operation/ListTables" },
      { $0.url.path = "/v1" + $0.url.path },
      { $0.url.path += "/" },
      { $0.url.path = $0.url.path.replacing("operation/", with: "operation/com.amazonaws.backupgateway.") },
    ]
    for (index, change) in changes.enumerated() {
      let answer = try answer("ListGateways", change)
      #expect(answer.error == frameworkError("UnknownOperationException"), "change \(index)")
      #expect(answer.status == 404)
    }
  }

  @Test func itIsCalledByPost() {
    var request = request("ListGateways", [])
    request.method = "GET"
    #expect(world.responder.respond(to: request).status == 405)
  }

  @Test func membersWithoutAValueAreNotSent() throws {
    let response = RpcV2Cbor().response(["a": .null, "b": ["c": .null, "d": 1]])
    #expect(try CBOR.decode(response.body) == ["b": ["d": 1]])
    #expect(AwsJson10().response(["a": .null, "b": [["c": .null]]]).body == Array(#"{"b":[{}]}"#.utf8))
  }

  private func answer(_ operation: String, _ change: (inout HTTPRequest) -> Void) throws -> Answer {
    try answer(operation, CBOR.encode([:]), change)
  }
}
