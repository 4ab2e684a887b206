// What hypervisors do: their states, their credentials, and what cannot be done with them.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct HypervisorOperationTests {
  let world: TestWorld
  init() throws { world = try TestWorld.empty() }

  private func named(_ arn: String, _ members: Value.Object = [:]) -> Value {
    var input: Value.Object = ["HypervisorArn": .string(arn)]
    for (name, value) in members.members { input[name] = value }
    return .object(input)
  }

  // MARK: Life

  @Test func aHypervisorBeginsPending() throws {
    let key = "arn:aws:kms:us-east-1:123456789012:key/6f1e8c52-3b7d-4a90-9e15-0c2d84b7a3f6"
    let answer = try world.done(
      "ImportHypervisorConfiguration",
      ["Name": "zurich", "Host": "10.0.0.5", "KmsKeyArn": .string(key), "Tags": .array(tagList(["a": "b"]))])
    let arn = try #require(answer["HypervisorArn"]?.string)
    #expect(try #require(Arn(arn)).id.hasPrefix("hype-"))
    #expect(
      try world.hypervisor(arn)
        == [
          "HypervisorArn": .string(arn), "Host": "10.0.0.5", "Name": "zurich", "KmsKeyArn": .string(key),
          "State": "PENDING",
        ])
    #expect(try world.tags(arn) == ["a=b"])
    let listed = try world.done("ListHypervisors")["Hypervisors"]?.array
    #expect(listed == [try world.hypervisor(arn)], "nothing more to tell yet")
  }

  @Test func anUpdateChangesWhatItNames() throws {
    let arn = try world.newHypervisor("old", host: "old.example.com")
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/backup:*"
    try world.done("UpdateHypervisor", named(arn, ["Name": "new", "LogGroupArn": .string(group)]))
    var found = try world.hypervisor(arn)
    #expect(found["Name"] == "new" && found["Host"] == "old.example.com")
    #expect(found["LogGroupArn"] == .string(group))
    try world.done("UpdateHypervisor", named(arn, ["Host": "new.example.com"]))
    found = try world.hypervisor(arn)
    #expect(
      found["Name"] == "new" && found["Host"] == "new.example.com" && found["LogGroupArn"] == .string(group))
    try world.done("UpdateHypervisor", named(arn, ["LogGroupArn": ""]))
    #expect(try world.hypervisor(arn)["LogGroupArn"] == nil, "an empty text ends logging")
    #expect(try world.done("UpdateHypervisor", named(arn)) == ["HypervisorArn": .string(arn)])
  }

  @Test func thereAreTenAtMost() throws {
    let arns = try (0..<10).map { try world.newHypervisor("h\($0)") }
    try world.refused("ImportHypervisorConfiguration", ["Name": "x", "Host": "host"], "ConflictException")
    let other = try world.call(
      "ImportHypervisorConfiguration", ["Name": "x", "Host": "host"], region: "eu-west-1")
    #expect(other.status == 200, "the quota is one of the region")
    try world.done("DeleteHypervisor", named(arns[0]))
    _ = try world.newHypervisor()
  }

  @Test func aHypervisorWithGatewaysIsNotDeleted() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    try world.refused("DeleteHypervisor", named(hypervisor), "ConflictException")
    try world.done("DisassociateGatewayFromServer", ["GatewayArn": .string(gateway)])
    #expect(try world.done("DeleteHypervisor", named(hypervisor)) == ["HypervisorArn": .string(hypervisor)])
    try world.refused("DeleteHypervisor", named(hypervisor), "ResourceNotFoundException")
  }

  @Test func itsMachinesGoWithIt() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    let machine = try world.foundMachine(on: hypervisor)
    try world.tag(machine, ["a": "b"])
    try world.tag(hypervisor, ["a": "b"])
    try world.done("DisassociateGatewayFromServer", ["GatewayArn": .string(gateway)])
    _ = try world.lab.createMachine(on: hypervisor, name: "late")
    try world.done("DeleteHypervisor", named(hypervisor))
    #expect(try world.done("ListVirtualMachines") == ["VirtualMachines": []])
    try world.refused("GetVirtualMachine", ["ResourceArn": .string(machine)], "ResourceNotFoundException")
    for table in ["tag", "virtual_machine", "undiscovered_machine"] {
      #expect(try world.store.database.rows("SELECT 1 FROM \(table)") { _ in 1 }.isEmpty, "\(table)")
    }
  }

  @Test(arguments: [
    "GetHypervisor", "DeleteHypervisor", "UpdateHypervisor", "GetHypervisorPropertyMappings",
    "StartVirtualMachinesMetadataSync",
  ])
  func aHypervisorThatNobodyHasIsNotFound(operation: String) throws {
    try world.refused(operation, ["HypervisorArn": nobody(.hypervisor)], "ResourceNotFoundException")
    try world.refused(operation, ["HypervisorArn": nobody(.gateway)], "ValidationException")
  }

  // MARK: State

  @Test func theStateFollowsFromWhatStandsAroundIt() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    #expect(try world.state(hypervisor) == "ONLINE")
    try world.lab.setHost("VCENTER.example.com", isReachable: false)
    #expect(try world.state(hypervisor) == "OFFLINE", "names of hosts are the same in either case")
    try world.lab.setHost("vcenter.example.com", accepts: .nobody)
    #expect(try world.state(hypervisor) == "OFFLINE", "who is not reached cannot refuse")
    try world.lab.setHost("vcenter.example.com", isReachable: true)
    #expect(try world.state(hypervisor) == "ERROR")
    try world.lab.setGateway(gateway, isOnline: false)
    #expect(try world.state(hypervisor) == "PENDING")
    try world.lab.setGateway(gateway, isOnline: true)
    try world.lab.setHost("vcenter.example.com", accepts: .everybody)
    #expect(try world.state(hypervisor) == "ONLINE")
  }

  @Test func anotherHostMayBeReachable() throws {
    let (hypervisor, _) = try world.onlineHypervisor()
    try world.lab.setHost("vcenter.example.com", isReachable: false)
    try world.done("UpdateHypervisor", named(hypervisor, ["Host": "vcenter2.example.com"]))
    #expect(try world.state(hypervisor) == "ONLINE")
  }

  /// The rotation of a password, as an operator does it: test, update, wait for ONLINE.
  @Test func aPasswordIsRotated() throws {
    let old = Login(username: "backup@vsphere.local", password: "old-Passw0rd")
    let new = Login(username: "backup@vsphere.local", password: "new-Passw0rd")
    let hypervisor = try world.newHypervisor(login: old)
    let gateway = try world.newGateway()
    try world.associate(gateway, hypervisor)
    try world.lab.setHost("vcenter.example.com", accepts: .only(old))
    #expect(try world.state(hypervisor) == "ONLINE")

    try world.lab.setHost("vcenter.example.com", accepts: .only(new))
    #expect(try world.state(hypervisor) == "ERROR")
    func test(_ password: String) -> Value {
      [
        "GatewayArn": .string(gateway), "Host": "vcenter.example.com", "Username": "backup@vsphere.local",
        "Password": .string(password),
      ]
    }
    try world.refused("TestHypervisorConfiguration", test("old-Passw0rd"), "ConflictException")
    #expect(try world.done("TestHypervisorConfiguration", test("new-Passw0rd")) == [:])
    #expect(try world.state(hypervisor) == "ERROR", "a test changes nothing")
    try world.done("UpdateHypervisor", named(hypervisor, ["Password": "new-Passw0rd"]))
    #expect(try world.state(hypervisor) == "ONLINE", "the user name has stayed")
  }

  @Test func aTestSaysWhyItFailed() throws {
    let gateway = try world.newGateway()
    let input: Value = ["GatewayArn": .string(gateway), "Host": "vcenter.example.com"]
    #expect(try world.done("TestHypervisorConfiguration", input) == [:])
    try world.lab.setHost("vcenter.example.com", accepts: .only(Login(username: "u", password: "p")))
    #expect(
      try world.refused("TestHypervisorConfiguration", input, "ConflictException").contains("credentials"))
    try world.lab.setHost("vcenter.example.com", isReachable: false)
    #expect(
      try world.refused("TestHypervisorConfiguration", input, "ConflictException").contains("cannot reach"))
    try world.lab.setGateway(gateway, isOnline: false)
    #expect(
      try world.refused("TestHypervisorConfiguration", input, "ConflictException").contains("not connected"))
    try world.refused(
      "TestHypervisorConfiguration", ["GatewayArn": nobody(.gateway), "Host": "host"],
      "ResourceNotFoundException")
  }

  // MARK: Credentials

  @Test func credentialsAreSealedAndNeverReturned() throws {
    let login = Login(username: "someUserName", password: "somePassWord")
    let hypervisor = try world.newHypervisor(login: login)
    try world.lab.setHost("vcenter.example.com", accepts: .only(login))
    for answer in [
      try world.call("GetHypervisor", named(hypervisor)), try world.call("ListHypervisors"),
      try world.call("UpdateHypervisor", named(hypervisor, ["Password": "some\u{7}"])),
      try world.call(
        "TestHypervisorConfiguration",
        ["GatewayArn": nobody(.gateway), "Host": "h", "Password": "somePassWord"]),
    ] {
      let text = String(decoding: JSON.encode(answer.body), as: UTF8.self)
      #expect(!text.contains("someUserName") && !text.contains("somePassWord"))
    }
    let sealed = try #require(
      try world.store.database.rows("SELECT login FROM hypervisor") { $0.blob(0) }.first ?? nil)
    #expect(Login(sealed, for: hypervisor, world.store.vault) == login)
    #expect(Login(sealed, for: "another", world.store.vault) == nil, "sealed for its own hypervisor")
    #expect(Login(sealed, for: hypervisor, AES256GCM()) == nil)
    #expect("\(login)" == "a login" && String(reflecting: login) == "a login")
  }

  // MARK: Mappings

  private func mapping(_ number: Int, key: String? = nil) -> Value {
    [
      "VmwareCategory": .string("c\(number)"), "VmwareTagName": "t",
      "AwsTagKey": .string(key ?? "k\(number)"),
      "AwsTagValue": "v",
    ]
  }

  private func put(_ arn: String, _ mappings: [Value], account: String = "123456789012") -> Value {
    named(
      arn,
      [
        "VmwareToAwsTagMappings": .array(mappings),
        "IamRoleArn": .string("arn:aws:iam::\(account):role/sync"),
      ])
  }

  @Test func mappingsAreReplacedAsAWhole() throws {
    let arn = try world.newHypervisor()
    func mappings() throws -> Value { try world.done("GetHypervisorPropertyMappings", named(arn)) }
    #expect(try mappings() == ["HypervisorArn": .string(arn), "VmwareToAwsTagMappings": []])
    try world.done("PutHypervisorPropertyMappings", put(arn, (0..<10).map { mapping($0) }))
    #expect(try mappings()["VmwareToAwsTagMappings"]?.array?.count == 10)
    #expect(try mappings()["IamRoleArn"] == "arn:aws:iam::123456789012:role/sync")
    try world.done("PutHypervisorPropertyMappings", put(arn, [mapping(7)]))
    #expect(try mappings()["VmwareToAwsTagMappings"] == .array([mapping(7)]))
    try world.refused(
      "PutHypervisorPropertyMappings", put(arn, (0..<11).map { mapping($0) }), "ValidationException")
    try world.refused(
      "PutHypervisorPropertyMappings", put(arn, [mapping(0, key: "AWS:x")]), "ValidationException")
    try world.refused(
      "PutHypervisorPropertyMappings", put(arn, [], account: "999999999999"), "AccessDeniedException")
    #expect(try mappings()["VmwareToAwsTagMappings"] == .array([mapping(7)]))
    try world.done("PutHypervisorPropertyMappings", put(arn, []))
    #expect(try mappings()["VmwareToAwsTagMappings"] == [])
  }
}
