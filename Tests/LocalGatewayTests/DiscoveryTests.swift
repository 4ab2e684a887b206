// What time brings about: machines that are found, metadata that is copied. No thread waits for it.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct DiscoveryTests {
  let world: TestWorld
  init() throws { world = try TestWorld.empty() }

  @Test func machinesAreFoundOneAfterTheOtherOnceTheHypervisorIsOnline() throws {
    let hypervisor = try world.newHypervisor()
    for number in 0..<12 { _ = try world.lab.createMachine(on: hypervisor, name: "vm \(number)") }
    world.clock.advance(3_600)
    #expect(try world.machines(of: hypervisor).isEmpty, "nobody looks after it")
    try world.associate(try world.newGateway(), hypervisor)
    let counts = try (0...6).map { _ in
      defer { world.clock.advance(1) }
      return try world.machines(of: hypervisor).count
    }
    #expect(counts == [0, 0, 5, 10, 12, 12, 12])
  }

  @Test func nothingIsFoundWhileNobodyReachesTheHost() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    _ = try world.lab.createMachine(on: hypervisor, name: "vm")
    world.clock.advance(1)
    try world.lab.setHost("vcenter.example.com", isReachable: false)
    world.clock.advance(60)
    #expect(try world.machines(of: hypervisor).isEmpty)
    try world.lab.setHost("vcenter.example.com", isReachable: true)
    world.clock.advance(1)
    try world.lab.setGateway(gateway, isOnline: false)
    world.clock.advance(60)
    #expect(try world.machines(of: hypervisor).isEmpty)
    try world.lab.setGateway(gateway, isOnline: true)
    world.clock.advance(2)
    #expect(try world.machines(of: hypervisor).count == 1)
    try world.lab.setGateway(gateway, isOnline: false)
    #expect(try world.machines(of: hypervisor).count == 1, "what was found stays")
  }

  /// What was due before something changed has happened, although nobody had asked.
  @Test func whatWasDueHappensBeforeWhatComesNext() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    _ = try world.lab.createMachine(on: hypervisor, name: "vm")
    world.clock.advance(60)
    try world.done("DisassociateGatewayFromServer", ["GatewayArn": .string(gateway)])
    #expect(try world.machines(of: hypervisor).count == 1)
  }

  @Test func aFoundMachineCarriesThePathWhereItWasFound() throws {
    let (hypervisor, _) = try world.onlineHypervisor()
    let arn = try world.foundMachine(on: hypervisor, "Łódź 1", path: "/DC/vm/Prod/Łódź 1")
    #expect(
      try world.machine(arn)
        == [
          "ResourceArn": .string(arn), "Name": "Łódź 1",
          "HypervisorId": .string(try #require(Arn(hypervisor)).id),
          "Path": "/DC/vm/Prod/Łódź 1",
        ])
    #expect(try world.tags(arn) == ["aws:backup-gateway:path=/DC/vm/Prod/Łódź 1"])
    try world.lab.moveMachine(arn, to: "/DC/vm/Test/1")
    try world.lab.moveMachine(arn, to: "/DC/vm/Test/2")
    #expect(try world.machine(arn)["Path"] == "/DC/vm/Test/2")
    #expect(try world.tags(arn) == ["aws:backup-gateway:path=/DC/vm/Prod/Łódź 1"])
  }

  @Test func theSampleWorldHasSomethingToFind() throws {
    let sample = try TestWorld(virtualMachines: 0)
    let (hypervisor, _) = try sample.onlineHypervisor()
    sample.clock.advance(60)
    #expect(try sample.machines(of: hypervisor).count == 10)
    #expect(Set(try sample.machines(of: hypervisor)).count == 10)
    let (other, _) = try world.onlineHypervisor()
    world.clock.advance(60)
    #expect(try world.machines(of: other).isEmpty, "an empty world holds what is put into it")
  }
}

struct MetadataSyncTests {
  let world: TestWorld
  let hypervisor: String
  let gateway: String

  init() throws {
    world = try TestWorld.empty()
    (hypervisor, gateway) = try world.onlineHypervisor()
  }

  private func start() throws {
    try world.done("StartVirtualMachinesMetadataSync", ["HypervisorArn": .string(hypervisor)])
  }

  private func sync() throws {
    try start()
    world.clock.advance(Rules.syncDuration)
  }

  private var status: String? {
    get throws { try world.hypervisor(hypervisor)["LatestMetadataSyncStatus"]?.string }
  }

  private func map(_ mappings: [(category: String, name: String, key: String, value: String)]) throws {
    let list = mappings.map { mapping -> Value in
      [
        "VmwareCategory": .string(mapping.category), "VmwareTagName": .string(mapping.name),
        "AwsTagKey": .string(mapping.key), "AwsTagValue": .string(mapping.value),
      ]
    }
    try world.done(
      "PutHypervisorPropertyMappings",
      [
        "HypervisorArn": .string(hypervisor), "VmwareToAwsTagMappings": .array(list),
        "IamRoleArn": "arn:aws:iam::123456789012:role/sync",
      ])
  }

  @Test func itGoesItsWayByTheClockAlone() throws {
    #expect(try status == nil)
    let began = world.clock.now
    try start()
    let statuses = try (0...6).map { _ in
      defer { world.clock.advance(1) }
      return try status
    }
    #expect(statuses == ["CREATED", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "SUCCEEDED", "SUCCEEDED"])
    let found = try world.hypervisor(hypervisor)
    #expect(
      found["LastSuccessfulMetadataSyncTime"]?.integer == Int64(began.epochSeconds) + Rules.syncDuration)
    #expect(found["LatestMetadataSyncStatusMessage"] != nil)
  }

  @Test(arguments: [
    (0, "CREATED"), (1, "RUNNING"), (4, "RUNNING"), (5, "PARTIALLY_FAILED"), (-60, "CREATED"),
  ])
  func theStatusFollowsFromStartOutcomeAndTime(seconds: Int64, status: String) {
    let start = Timestamp(microseconds: 1_700_000_000_000_000)
    let sync = MetadataSync(started: start, outcome: .partiallyFailed)
    #expect(Rules.status(of: sync, at: start.advanced(bySeconds: seconds)) == status)
  }

  @Test func oneThatIsUnderWayGoesOn() throws {
    try start()
    world.clock.advance(4)
    try start()
    world.clock.advance(1)
    #expect(try status == "SUCCEEDED")
    try start()
    #expect(try status == "CREATED")
    #expect(try world.hypervisor(hypervisor)["LastSuccessfulMetadataSyncTime"] != nil, "the one before")
  }

  @Test func itFailsWhereTheHypervisorIsNotOnlineAtItsEnd() throws {
    try sync()
    let last = try world.hypervisor(hypervisor)["LastSuccessfulMetadataSyncTime"]
    world.clock.advance(100)
    try start()
    try world.lab.setHost("vcenter.example.com", isReachable: false)
    world.clock.advance(60)
    #expect(try status == "FAILED")
    let found = try world.hypervisor(hypervisor)
    #expect(found["LatestMetadataSyncStatusMessage"] == "The gateway cannot reach the hypervisor.")
    #expect(found["LastSuccessfulMetadataSyncTime"] == last, "moves on success only")
    try world.lab.setHost("vcenter.example.com", isReachable: true)
    #expect(try status == "FAILED", "what comes later changes nothing")
  }

  @Test(arguments: [("prod", "d"), ("Übung \"a\" \\ b", "東京\n😀\u{1}")])
  func vmwareTagsAreKnownAfterASync(name: String, description: String) throws {
    let arn = try world.foundMachine(
      on: hypervisor, tags: [.init(category: "Stage", name: name, description: description)])
    #expect(try world.machine(arn)["VmwareTags"] == nil)
    try sync()
    let tag: Value = [
      "VmwareCategory": "Stage", "VmwareTagName": .string(name), "VmwareTagDescription": .string(description),
    ]
    #expect(try world.machine(arn)["VmwareTags"] == .array([tag]))
    try world.lab.setVmwareTags(arn, [])
    #expect(try world.machine(arn)["VmwareTags"] == .array([tag]))
    try sync()
    #expect(try world.machine(arn)["VmwareTags"] == nil)
  }

  @Test func mappedTagsComeAndGoAndOthersStay() throws {
    let tagged = try world.foundMachine(
      on: hypervisor, tags: [.init(category: "Stage", name: "prod"), .init(category: "Owner", name: "db")])
    let plain = try world.foundMachine(on: hypervisor)
    try world.tag(tagged, ["mine": "1", "stage": "mine"])
    try map([
      ("Stage", "prod", "stage", "production"), ("Stage", "test", "stage", "testing"),
      ("Owner", "db", "team", ""),
    ])
    #expect(try world.tags(tagged) == ["mine=1", "stage=mine"], "a mapping alone does nothing")
    try sync()
    #expect(try world.tags(tagged) == ["mine=1", "stage=production", "team="])
    #expect(try world.tags(plain).isEmpty)

    try world.lab.setVmwareTags(tagged, [.init(category: "Stage", name: "test")])
    try sync()
    #expect(try world.tags(tagged) == ["mine=1", "stage=testing"])
    try world.tag(tagged, ["stage": "by hand"])
    try map([])
    try sync()
    #expect(
      try world.tags(tagged) == ["mine=1", "stage=by hand"],
      "a tag that somebody set is not the sync's to take")
  }

  @Test func aMachineWithTooManyTagsKeepsThoseItHas() throws {
    let full = try world.foundMachine(on: hypervisor, tags: [.init(category: "Stage", name: "prod")])
    try world.done("TagResource", ["ResourceARN": .string(full), "Tags": .array(manyTags(50))])
    try map([("Stage", "prod", "stage", "production")])
    try sync()
    #expect(try status == "FAILED")
    let other = try world.foundMachine(on: hypervisor, tags: [.init(category: "Stage", name: "prod")])
    try sync()
    #expect(try status == "PARTIALLY_FAILED")
    #expect(
      try world.hypervisor(hypervisor)["LatestMetadataSyncStatusMessage"]?.string?.hasPrefix("1 of 2") == true
    )
    #expect(try world.hypervisor(hypervisor)["LastSuccessfulMetadataSyncTime"] == nil)
    #expect(try world.tags(other) == ["stage=production"])
    #expect(try world.tags(full).count == 50)
    #expect(try world.machine(full)["VmwareTags"] != nil)
  }

  @Test func aFleetOfManyPagesIsCopiedWhole() throws {
    let sample = try TestWorld(virtualMachines: 2_500)
    let arn = TestWorld.home.arn(.hypervisor, "hype-9C41B7E2")
    try sample.done(
      "PutHypervisorPropertyMappings",
      [
        "HypervisorArn": .string(arn), "IamRoleArn": "arn:aws:iam::123456789012:role/sync",
        "VmwareToAwsTagMappings": [
          [
            "VmwareCategory": "Environment", "VmwareTagName": "Prod", "AwsTagKey": "env",
            "AwsTagValue": "prod",
          ]
        ],
      ])
    try sample.done("StartVirtualMachinesMetadataSync", ["HypervisorArn": .string(arn)])
    sample.clock.advance(10)
    let message = try sample.hypervisor(arn)["LatestMetadataSyncStatusMessage"]?.string
    #expect(message == "Virtual machines in sync: \(try sample.machines(of: arn).count).")
    let expected = try sample.machines(of: arn).count { machine in
      try sample.machine(machine)["VmwareTags"]?.array?.contains { $0["VmwareTagName"] == "Prod" } == true
    }
    let copied = try sample.store.database.rows("SELECT count(*) FROM tag WHERE key = 'env'") {
      $0.integer(0)
    }
    #expect(copied == [Int64(expected)] && expected > 0)
  }
}
