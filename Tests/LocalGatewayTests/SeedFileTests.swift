// A world from a file: what it may say, and how it is told where it is wrong.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct SeedFileTests {
  private func world(_ json: String) throws -> TestWorld {
    let world = try TestWorld.empty()
    try SeedFile(Array(json.utf8), path: "fleet.json").write(
      to: world.store, home: TestWorld.home, start: world.clock.now)
    return world
  }

  private func refusal(_ json: String) -> String {
    let error = #expect(throws: LocalGatewayError.self) { try SeedFile(Array(json.utf8), path: "fleet.json") }
    return error?.message ?? ""
  }

  private static let full = """
    {
      "Hypervisors": [
        {
          "HypervisorId": "hype-1", "Name": "zurich", "Host": "vcenter.example.com", "VCenter": "online",
          "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/6f1e8c52-3b7d-4a90-9e15-0c2d84b7a3f6",
          "LogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/backup:*",
          "Username": "backup@vsphere.local", "Password": "secret-1",
          "IamRoleArn": "arn:aws:iam::123456789012:role/sync",
          "VmwareToAwsTagMappings": [
            {"VmwareCategory": "Stage", "VmwareTagName": "prod", "AwsTagKey": "stage", "AwsTagValue": "production"}
          ],
          "Tags": [{"Key": "team", "Value": "db"}],
          "VirtualMachines": [
            {
              "VirtualMachineId": "vm-1", "Name": "Łódź 1", "HostName": "esxi-1", "Path": "/DC/vm/Łódź 1",
              "LastBackupDate": "-7d12h", "VmwareTags": [{"VmwareCategory": "Stage", "VmwareTagName": "prod"}],
              "Tags": [{"Key": "stage", "Value": "production"}]
            },
            {"Name": "plain"}
          ]
        },
        {"Name": "tokyo", "Host": "10.0.0.1", "VCenter": "offline"},
        {"Name": "oslo", "Host": "10.0.0.2", "VCenter": "refusing"}
      ],
      "Gateways": [
        {
          "GatewayId": "bgw-1", "GatewayDisplayName": "zurich-1", "Hypervisor": "zurich", "Appliance": "online",
          "LastSeenTime": "2026-03-14T09:00:00Z", "SoftwareVersion": "1.9.9", "VpcEndpoint": "vpce.example.com",
          "MaintenanceStartTime": {"HourOfDay": 3, "MinuteOfHour": 15, "DayOfWeek": 0},
          "NextUpdateAvailabilityTime": "+1d", "DeprecationDate": "2027-01-01T00:00:00Z",
          "BandwidthRateLimitIntervals": [
            {"DaysOfWeek": [1], "StartHourOfDay": 8, "StartMinuteOfHour": 0, "EndHourOfDay": 17, "EndMinuteOfHour": 59}
          ],
          "Tags": [{"Key": "a", "Value": "b"}]
        },
        {"GatewayDisplayName": "tokyo-1", "Hypervisor": "tokyo"},
        {"GatewayDisplayName": "oslo-1", "Hypervisor": "oslo"},
        {"GatewayDisplayName": "spare", "Appliance": "offline"}
      ]
    }
    """

  @Test func everythingThatAFileSaysIsThere() throws {
    let world = try world(Self.full)
    let zurich = TestWorld.home.arn(.hypervisor, "hype-1")
    let hypervisors = try world.done("ListHypervisors")["Hypervisors"]?.array ?? []
    let states = Dictionary(
      uniqueKeysWithValues: hypervisors.map { ($0["Name"]?.string ?? "", $0["State"]?.string ?? "") })
    #expect(states == ["zurich": "ONLINE", "tokyo": "OFFLINE", "oslo": "ERROR"])
    #expect(
      try world.hypervisor(zurich)["LogGroupArn"] != nil && world.hypervisor(zurich)["KmsKeyArn"] != nil)
    #expect(try world.tags(zurich) == ["team=db"])
    let mappings = try world.done("GetHypervisorPropertyMappings", ["HypervisorArn": .string(zurich)])
    #expect(mappings["VmwareToAwsTagMappings"]?.array?.count == 1 && mappings["IamRoleArn"] != nil)
    try world.lab.setHost(
      "vcenter.example.com", accepts: .only(Login(username: "backup@vsphere.local", password: "secret-1")))
    #expect(try world.state(zurich) == "ONLINE", "the login is that of the file")

    let gateway = try world.gateway(TestWorld.home.arn(.gateway, "bgw-1"))
    #expect(gateway["HypervisorId"] == "hype-1" && gateway["SoftwareVersion"] == "1.9.9")
    #expect(
      gateway["VpcEndpoint"] == "vpce.example.com" && gateway["MaintenanceStartTime"]?["DayOfWeek"] == 0)
    #expect(gateway["NextUpdateAvailabilityTime"]?.integer == Int64(world.clock.now.epochSeconds) + 86_400)
    #expect(gateway["DeprecationDate"]?.integer == 1_798_761_600)
    #expect(try world.tags(TestWorld.home.arn(.gateway, "bgw-1")) == ["a=b"])
    let schedule = try world.done(
      "GetBandwidthRateLimitSchedule", ["GatewayArn": .string(TestWorld.home.arn(.gateway, "bgw-1"))])
    #expect(schedule["BandwidthRateLimitIntervals"]?.array?.count == 1)

    #expect(try world.machines(of: zurich).count == 2)
    let machine = TestWorld.home.arn(.virtualMachine, "vm-1")
    let found = try world.machine(machine)
    #expect(found["Name"] == "Łódź 1" && found["HostName"] == "esxi-1" && found["Path"] == "/DC/vm/Łódź 1")
    #expect(found["LastBackupDate"]?.integer == Int64(world.clock.now.epochSeconds) - 7 * 86_400 - 43_200)
    #expect(found["VmwareTags"]?.array?.count == 1)
    #expect(try world.tags(machine) == ["aws:backup-gateway:path=/DC/vm/Łódź 1", "stage=production"])
  }

  @Test func idsFollowFromNames() throws {
    func arns() throws -> [String] {
      let world = try world(Self.full)
      return try ["Gateways", "Hypervisors", "VirtualMachines"].flatMap { name in
        try world.done("List\(name)")[name]?.array?.compactMap {
          ($0["GatewayArn"] ?? $0["HypervisorArn"] ?? $0["ResourceArn"])?.string
        } ?? []
      }
    }
    #expect(try arns().count == 9)
    #expect(try arns() == arns())
    #expect(
      try arns().allSatisfy {
        Pattern.matches(#"arn:aws:backup-gateway(:[a-zA-Z-0-9]+){3}\/[a-zA-Z-0-9]+"#, whole: $0)
      })
  }

  @Test func aListIsSeveralWorlds() throws {
    let world = try world(
      """
      [{"Gateways": [{"GatewayDisplayName": "a"}]},
       {"Region": "eu-west-1", "Gateways": [{"GatewayDisplayName": "a"}, {"GatewayDisplayName": "b"}]},
       {"Region": "cn-north-1", "Account": "999999999999"}]
      """)
    #expect(try world.call("ListGateways").body["Gateways"]?.array?.count == 1)
    #expect(try world.call("ListGateways", region: "eu-west-1").body["Gateways"]?.array?.count == 2)
    #expect(try self.world("[]").done("ListGateways")["Gateways"] == [])
    #expect(try self.world("{}").done("ListGateways")["Gateways"] == [])
  }

  @Test(arguments: [
    ("", "is not JSON"), ("{]", "is not JSON"), (#"{"Gateways": [], "Gateways": []}"#, "duplicate member"),
    ("7", "must be a table"),
    (#"{"Gateway": []}"#, "Gateway is not a parameter here (did you mean Gateways?)"),
    (#"{"Account": "12"}"#, "Account must match"), (#"{"Region": "EU"}"#, "Region must match"),
    (#"{"Hypervisors": [{"Name": "a"}]}"#, "Hypervisors[0].Host is required"),
    (#"{"Hypervisors": [{"Name": "a b", "Host": "host"}]}"#, "Hypervisors[0].Name must match"),
    (
      #"[{}, {"Hypervisors": [{"Name": "a", "Host": "host", "VirtualMachines": [{"Name": ""}]}]}]"#,
      "[1].Hypervisors[0].VirtualMachines[0].Name must have a length"
    ),
    (#"{"Hypervisors": [{"Name": "a", "Host": "host", "VCenter": "onlin"}]}"#, "did you mean online?"),
    (
      #"{"Hypervisors": [{"Name": "a", "Host": "h11"}, {"Name": "a", "Host": "h22"}]}"#,
      "Hypervisors[1] has the name of another one; give it a HypervisorId"
    ),
    (
      #"{"Gateways": [{"GatewayDisplayName": "a", "GatewayId": "x"}, {"GatewayDisplayName": "b", "GatewayId": "x"}]}"#,
      "Gateways[1] has the GatewayId of another one"
    ),
    (
      #"{"Gateways": [{"GatewayDisplayName": "a", "Hypervisor": "b"}]}"#,
      "Gateways[0].Hypervisor must be the name or the id of one hypervisor of this world; 0 are called 'b'"
    ),
    (
      #"{"Gateways": [{"GatewayDisplayName": "a", "LastSeenTime": "yesterday"}]}"#,
      "Gateways[0].LastSeenTime must be a date as in 2026-03-14T09:26:00Z or a distance as in -7d12h, got 'yesterday'"
    ),
    (#"{"Gateways": [{"GatewayDisplayName": "a", "LastSeenTime": "7d"}]}"#, "must be a date"),
    (
      #"{"Gateways": [{"GatewayDisplayName": "a", "MaintenanceStartTime": {"HourOfDay": 1, "MinuteOfHour": 1}}]}"#,
      "Gateways[0].MaintenanceStartTime breaks a rule: one of DayOfWeek and DayOfMonth is required"
    ),
    (
      #"{"Gateways": [{"GatewayDisplayName": "a", "Tags": [{"Key": "aws:x", "Value": ""}]}]}"#,
      "Gateways[0] breaks a rule: the key 'aws:x' begins with aws:"
    ),
    (
      #"{"Hypervisors": [{"Name": "a", "Host": "host", "IamRoleArn": "arn:aws:iam::999999999999:role/x"}]}"#,
      "Hypervisors[0] breaks a rule: Cross-account"
    ),
    (
      #"{"Hypervisors": [{"Name": "a", "Host": "host", "VmwareToAwsTagMappings": [{"VmwareCategory": "c", "VmwareTagName": "t", "AwsTagKey": "k", "AwsTagValue": ""}]}]}"#,
      "Hypervisors[0] has VmwareToAwsTagMappings, so it needs IamRoleArn"
    ),
  ])
  func whatIsWrongIsNamedWithItsPlace(json: String, problem: String) {
    let message = refusal(json)
    #expect(message.hasPrefix("The seed fleet.json") && message.contains(problem), "\(message)")
  }

  @Test func aPasswordIsNotRepeated() {
    let message = refusal(#"{"Hypervisors": [{"Name": "a", "Host": "host", "Password": "gehéim"}]}"#)
    #expect(message.contains("Password must match") && !message.contains("geh"))
  }

  @Test func whatIsWrongManyTimesIsToldTenTimes() {
    let gateways = String(repeating: "{}, ", count: 30) + "{}"
    let message = refusal(#"{"Gateways": [\#(gateways)]}"#)
    #expect(message.split(separator: ";").count == 11 && message.hasSuffix("; and more."))
  }

  @Test func aFileThatIsNotThereIsNamed() {
    let error = #expect(throws: LocalGatewayError.self) { try SeedFile("/nowhere/fleet.json") }
    #expect(error?.message.contains("There is no seed /nowhere/fleet.json") == true)
    #expect(throws: LocalGatewayError.self) { try SeedFile("/tmp") }
  }

  @Test func theFolderKeepsWhatASeedBeganWith() throws {
    let scratch = try Scratch()
    var options = LocalGateway.Options(folder: scratch.path)
    options.seed = .file(try SeedFile(Array(Self.full.utf8), path: "fleet.json"))
    _ = try LocalGateway.store(options)
    options.seed = .empty
    let store = try LocalGateway.store(options)
    #expect(try store.gateways(of: TestWorld.home, after: nil, limit: 10).count == 4)
    let hypervisor = try #require(try store.hypervisor(id: "hype-1"))
    #expect(Login(hypervisor.sealedLogin, for: hypervisor.arn, store.vault)?.password == "secret-1")
    #expect(!String(decoding: scratch.read(), as: UTF8.self).contains("secret-1"))
  }

  // MARK: The documentation

  private var documentation: String {
    get throws {
      let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
      let bytes = try #require(try Environment.process().readFile("/\(root)/docs/local-gateway.md"))
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test func theDocumentationNamesEveryMember() throws {
    let text = try documentation
    // A world's, and those of the three kinds of resource; what is inside AWS's own structures is AWS's to document.
    var members = Shape.seedWorld.members
    for member in members { members += member.shape.item?.members ?? [] }
    for member in members where member.name == "VirtualMachines" {
      members += member.shape.item?.members ?? []
    }
    #expect(members.count > 30)
    let missing = members.map(\.name).filter { !text.contains("`\($0)`") }
    #expect(missing.isEmpty)
  }

  @Test func theExampleOfTheDocumentationIsASeed() throws {
    let section = try #require(try documentation.split(separator: "### A world of your own").last)
    let example = try #require(
      section.split(separator: "```json").dropFirst().first?.split(separator: "```").first)
    let world = try world(String(example))
    #expect(try world.done("ListVirtualMachines")["VirtualMachines"]?.array?.count == 1)
    #expect(try world.done("ListHypervisors")["Hypervisors"]?.array?.first?["State"] == "ONLINE")
  }
}
