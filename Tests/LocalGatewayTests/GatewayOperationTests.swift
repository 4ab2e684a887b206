// What gateways do: how they are activated, seen, updated, associated and scheduled.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct GatewayOperationTests {
  let world: TestWorld
  init() throws { world = try TestWorld.empty() }

  private func create(_ key: String) -> Value {
    ["ActivationKey": .string(key), "GatewayDisplayName": "gw", "GatewayType": "BACKUP_VM"]
  }

  // MARK: Life

  @Test func aNewGatewayIsSeenAndLooksAfterNobody() throws {
    let arn = try world.newGateway("zurich-1", tags: tagList(["team": "db"]))
    let id = try #require(Arn(arn)).id
    #expect(id.hasPrefix("bgw-") && id.count == 12)
    let gateway = try world.gateway(arn)
    #expect(gateway["GatewayDisplayName"] == "zurich-1")
    #expect(gateway["HypervisorId"] == nil)
    #expect(gateway["LastSeenTime"]?.integer == Int64(world.clock.now.epochSeconds))
    #expect(gateway["SoftwareVersion"] != nil && gateway["NextUpdateAvailabilityTime"] != nil)
    #expect(gateway["MaintenanceStartTime"]?["DayOfWeek"] == 0)
    #expect(try world.tags(arn) == ["team=db"])
    #expect(try world.done("ListGateways")["Gateways"]?.array?.count == 1)
  }

  @Test func aNameIsChangedAndAnAbsentOneStays() throws {
    let arn = try world.newGateway("old")
    try world.done("UpdateGatewayInformation", ["GatewayArn": .string(arn), "GatewayDisplayName": "new"])
    #expect(try world.gateway(arn)["GatewayDisplayName"] == "new")
    let answer = try world.done("UpdateGatewayInformation", ["GatewayArn": .string(arn)])
    #expect(answer == ["GatewayArn": .string(arn)])
    #expect(try world.gateway(arn)["GatewayDisplayName"] == "new")
  }

  @Test func aDeletedGatewayIsGoneWithItsTags() throws {
    let arn = try world.newGateway(tags: tagList(["a": "b"]))
    #expect(try world.done("DeleteGateway", ["GatewayArn": .string(arn)]) == ["GatewayArn": .string(arn)])
    try world.refused("GetGateway", ["GatewayArn": .string(arn)], "ResourceNotFoundException")
    try world.refused("DeleteGateway", ["GatewayArn": .string(arn)], "ResourceNotFoundException")
    try world.refused("ListTagsForResource", ["ResourceArn": .string(arn)], "ResourceNotFoundException")
    #expect(try world.store.tags(of: arn).isEmpty)
  }

  /// The documented way to move a gateway to a VPC endpoint deletes it while it is associated.
  @Test func aGatewayIsDeletedAlsoWhileItIsAssociated() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    #expect(try world.state(hypervisor) == "ONLINE")
    try world.done("DeleteGateway", ["GatewayArn": .string(gateway)])
    #expect(try world.state(hypervisor) == "PENDING")
  }

  @Test(arguments: [
    "GetGateway", "DeleteGateway", "UpdateGatewayInformation", "UpdateGatewaySoftwareNow",
    "DisassociateGatewayFromServer", "GetBandwidthRateLimitSchedule",
  ])
  func aGatewayThatNobodyHasIsNotFound(operation: String) throws {
    try world.refused(operation, ["GatewayArn": nobody(.gateway)], "ResourceNotFoundException")
    try world.refused(operation, ["GatewayArn": nobody(.hypervisor)], "ValidationException")
  }

  // MARK: Activation

  /// So that boto3 works with whatever key a script has.
  @Test func anyWellFormedKeyActivatesUnlessItWasIssued() throws {
    for _ in 0..<2 { try world.done("CreateGateway", create("whatever-1")) }
    try world.refused("CreateGateway", create("not well formed"), "ValidationException")
  }

  @Test func anIssuedKeyActivatesOnceWithinThirtyMinutesInItsRegion() throws {
    let key = try world.lab.issueActivationKey()
    #expect(key.count == 29 && Pattern.matches(#"[0-9a-zA-Z\-]+"#, whole: key))
    let elsewhere = try world.call("CreateGateway", create(key), region: "eu-west-1")
    #expect(elsewhere.error == serviceError("ValidationException"))
    #expect(elsewhere.message.contains("was issued for us-east-1"))
    world.clock.advance(30 * 60 - 1)
    try world.done("CreateGateway", create(key))
    #expect(try world.refused("CreateGateway", create(key), "ValidationException").contains("used once"))

    let late = try world.lab.issueActivationKey()
    world.clock.advance(30 * 60)
    #expect(try world.refused("CreateGateway", create(late), "ValidationException").contains("has expired"))
  }

  @Test func aKeyThatDidNotActivateIsNotUsed() throws {
    let key = try world.lab.issueActivationKey()
    var input = create(key).object ?? [:]
    input["Tags"] = .array(tagList(["aws:x": ""]))
    try world.refused("CreateGateway", .object(input), "ValidationException")
    try world.done("CreateGateway", create(key))
  }

  @Test func aWorldMayWantIssuedKeysOnly() throws {
    try world.lab.wantIssuedKeys(true)
    try world.refused("CreateGateway", create("whatever"), "ValidationException")
    try world.done("CreateGateway", create(try world.lab.issueActivationKey()))
    try world.lab.wantIssuedKeys(false)
    try world.done("CreateGateway", create("whatever"))
  }

  // MARK: Software

  @Test func anUpdateHappensLaterAndOnce() throws {
    let arn = try world.newGateway()
    let name: Value = ["GatewayArn": .string(arn)]
    let before = try world.gateway(arn)
    try world.done("UpdateGatewaySoftwareNow", name)
    world.clock.advance(3_600)
    #expect(
      try world.gateway(arn)["SoftwareVersion"] == before["SoftwareVersion"], "there is none to be had yet")

    world.clock.advance(31 * 86_400)
    try world.done("UpdateGatewaySoftwareNow", name)
    world.clock.advance(Rules.updateDuration - 1)
    try world.done("UpdateGatewaySoftwareNow", name)
    #expect(try world.gateway(arn)["SoftwareVersion"] == "2.0.1")
    world.clock.advance(1)
    let end = Int64(world.clock.now.epochSeconds)
    #expect(try world.gateway(arn)["SoftwareVersion"] == "2.0.2", "asking again does not begin again")
    #expect(try world.gateway(arn)["NextUpdateAvailabilityTime"]?.integer == end + Rules.timeBetweenUpdates)
    try world.done("UpdateGatewaySoftwareNow", name)
    world.clock.advance(86_400)
    #expect(try world.gateway(arn)["SoftwareVersion"] == "2.0.2")
  }

  @Test func anOldVersionBecomesTodaysAndIsNoLongerDeprecated() throws {
    let world = try TestWorld(virtualMachines: 0)
    let arn = TestWorld.home.arn(.gateway, "bgw-7B20C9D4")
    #expect(try world.gateway(arn)["DeprecationDate"] != nil)
    try world.done("UpdateGatewaySoftwareNow", ["GatewayArn": .string(arn)])
    world.clock.advance(Rules.updateDuration)
    #expect(try world.gateway(arn)["SoftwareVersion"] == "2.0.1")
    #expect(try world.gateway(arn)["DeprecationDate"] == nil)
  }

  // MARK: Association

  @Test func aGatewayHasOneHypervisorAndAHypervisorManyGateways() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    let id = try #require(Arn(hypervisor)).id
    #expect(try world.gateway(gateway)["HypervisorId"] == .string(id))
    try world.associate(try world.newGateway("second"), hypervisor)
    let other = try world.newHypervisor("other")
    for server in [hypervisor, other] {
      try world.refused(
        "AssociateGatewayToServer", ["GatewayArn": .string(gateway), "ServerArn": .string(server)],
        "ConflictException")
    }
    try world.done("DisassociateGatewayFromServer", ["GatewayArn": .string(gateway)])
    #expect(try world.gateway(gateway)["HypervisorId"] == nil)
    try world.refused(
      "DisassociateGatewayFromServer", ["GatewayArn": .string(gateway)], "ConflictException")
    try world.associate(gateway, other)
  }

  /// The operation declares no ResourceNotFoundException.
  @Test func associatingWhatDoesNotExistIsInvalid() throws {
    let gateway = Value.string(try world.newGateway())
    let hypervisor = Value.string(try world.newHypervisor())
    for (gateway, server) in [
      (nobody(.gateway), hypervisor), (gateway, nobody(.hypervisor)), (gateway, gateway),
      (hypervisor, hypervisor),
      (gateway, .string("arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-1")),
    ] {
      try world.refused(
        "AssociateGatewayToServer", ["GatewayArn": gateway, "ServerArn": server], "ValidationException")
    }
  }

  // MARK: Maintenance

  private func maintenance(_ gateway: String, _ members: Value.Object) -> Value {
    var input: Value.Object = ["GatewayArn": .string(gateway), "HourOfDay": 4, "MinuteOfHour": 30]
    for (name, value) in members.members { input[name] = value }
    return .object(input)
  }

  @Test func maintenanceIsWeeklyOrMonthlyAndReplacesWhatWasBefore() throws {
    let arn = try world.newGateway()
    try world.done("PutMaintenanceStartTime", maintenance(arn, ["DayOfWeek": 6]))
    #expect(
      try world.gateway(arn)["MaintenanceStartTime"] == ["HourOfDay": 4, "MinuteOfHour": 30, "DayOfWeek": 6])
    try world.done("PutMaintenanceStartTime", maintenance(arn, ["DayOfMonth": 31]))
    #expect(
      try world.gateway(arn)["MaintenanceStartTime"] == [
        "HourOfDay": 4, "MinuteOfHour": 30, "DayOfMonth": 31,
      ])
    try world.refused("PutMaintenanceStartTime", maintenance(arn, [:]), "ValidationException")
    try world.refused(
      "PutMaintenanceStartTime", maintenance(arn, ["DayOfWeek": 1, "DayOfMonth": 1]), "ValidationException")
    try world.refused("PutMaintenanceStartTime", maintenance(arn, ["DayOfMonth": 32]), "ValidationException")
    #expect(try world.gateway(arn)["MaintenanceStartTime"]?["DayOfMonth"] == 31)
  }

  // MARK: Bandwidth

  private func interval(_ days: [Int64], _ start: (Int64, Int64), _ end: (Int64, Int64), rate: Int64? = nil)
    -> Value
  {
    var members: Value.Object = [
      "DaysOfWeek": .array(days.map(Value.integer)), "StartHourOfDay": .integer(start.0),
      "StartMinuteOfHour": .integer(start.1), "EndHourOfDay": .integer(end.0),
      "EndMinuteOfHour": .integer(end.1),
    ]
    members["AverageUploadRateLimitInBitsPerSec"] = rate.map(Value.integer)
    return .object(members)
  }

  private func put(_ arn: String, _ intervals: [Value]) -> Value {
    ["GatewayArn": .string(arn), "BandwidthRateLimitIntervals": .array(intervals)]
  }

  @Test func aScheduleIsReplacedAsAWhole() throws {
    let arn = try world.newGateway()
    func schedule() throws -> Value {
      try world.done("GetBandwidthRateLimitSchedule", ["GatewayArn": .string(arn)])
    }
    #expect(try schedule() == ["GatewayArn": .string(arn), "BandwidthRateLimitIntervals": []])
    let first = [
      interval([1, 2], (8, 0), (17, 59), rate: 8_000_000_000_000), interval([1], (18, 0), (23, 59)),
    ]
    try world.done("PutBandwidthRateLimitSchedule", put(arn, first))
    #expect(try schedule()["BandwidthRateLimitIntervals"] == .array(first))
    try world.done("PutBandwidthRateLimitSchedule", put(arn, [first[1]]))
    #expect(try schedule()["BandwidthRateLimitIntervals"] == .array([first[1]]))
    try world.done("PutBandwidthRateLimitSchedule", put(arn, []))
    #expect(try schedule()["BandwidthRateLimitIntervals"] == [])
  }

  @Test func intervalsDoNotOverlapAndEndOnTheirDay() throws {
    let arn = try world.newGateway()
    let office = interval([1, 2, 3], (8, 0), (17, 59))
    let wrong = [
      [office, interval([3, 4], (17, 59), (20, 0))], [office, interval([1], (0, 0), (8, 0))],
      [office, interval([2], (9, 0), (9, 0))], [office, office], [interval([1], (22, 0), (6, 0))],
      [interval([1], (8, 1), (8, 0))],
    ]
    for intervals in wrong {
      try world.refused("PutBandwidthRateLimitSchedule", put(arn, intervals), "ValidationException")
    }
    let message = try world.refused(
      "PutBandwidthRateLimitSchedule", put(arn, wrong[0]), "ValidationException")
    #expect(message.contains("BandwidthRateLimitIntervals[1] overlaps with BandwidthRateLimitIntervals[0]"))
    try world.done(
      "PutBandwidthRateLimitSchedule",
      put(
        arn,
        [
          office, interval([1], (18, 0), (18, 0)), interval([4], (8, 0), (17, 59)),
          interval([1], (0, 0), (7, 59)),
        ]))
    try world.refused(
      "PutBandwidthRateLimitSchedule",
      put(arn, (0..<21).map { interval([0], ($0, 0), ($0, 30)) }), "ValidationException")
    try world.refused(
      "PutBandwidthRateLimitSchedule", ["GatewayArn": nobody(.gateway), "BandwidthRateLimitIntervals": []],
      "ResourceNotFoundException")
  }
}
