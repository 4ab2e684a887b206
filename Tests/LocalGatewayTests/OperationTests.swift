// What the operations answer.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct OperationTests {
  let world: TestWorld
  init() throws { world = try TestWorld() }

  @Test func aGatewayHasTheMembersOfTheModelAndNoOthers() throws {
    let shape = try #require(Service.operation("GetGateway")?.output.member("Gateway")?.shape)
    for item in try world.pages("ListGateways", "Gateways", size: 10).joined() {
      let answer = try world.call("GetGateway", ["GatewayArn": item["GatewayArn"] ?? .null])
      let gateway = try #require(answer.body["Gateway"]?.object)
      #expect(gateway.members.allSatisfy { shape.member($0.name) != nil && $0.value != .null })
      #expect(item.object?.members.allSatisfy { gateway[$0.name] == $0.value } == true)
    }
  }

  @Test func aVirtualMachineOfTheListIsTheOneThatGetReturns() throws {
    let machines = try world.pages("ListVirtualMachines", "VirtualMachines", size: 1000).joined()
    #expect(machines.count == 250)
    for item in machines {
      let answer = try world.call("GetVirtualMachine", ["ResourceArn": item["ResourceArn"] ?? .null])
      var details = try #require(answer.body["VirtualMachine"]?.object)
      details["VmwareTags"] = nil
      #expect(.object(details) == item)
    }
  }

  @Test func timestampsAreEpochSecondsWithAFractionWhereNeeded() throws {
    let machines = try world.pages("ListVirtualMachines", "VirtualMachines", size: 1000).joined()
    let dates = machines.compactMap { $0["LastBackupDate"] }
    #expect(dates.contains { if case .number = $0 { true } else { false } })
    for date in dates {
      let seconds = if case .number(let number) = date { number } else { Double(date.integer ?? 0) }
      #expect(seconds < world.clock.now.epochSeconds && seconds > 1_700_000_000)
    }
  }

  @Test(arguments: [
    ("GetGateway", "GatewayArn", "gateway"), ("GetVirtualMachine", "ResourceArn", "vm"),
  ])
  func aWellFormedArnThatNobodyHasIsNotFound(operation: String, member: String, kind: String) throws {
    for owner in ["us-east-1:123456789012", "eu-west-1:123456789012", "us-east-1:999999999999"] {
      let arn = "arn:aws:backup-gateway:\(owner):\(kind)/nobody-0000"
      let answer = try world.call(operation, .object([member: .string(arn)]))
      #expect(answer.status == 400)
      #expect(answer.error == serviceError("ResourceNotFoundException"))
      #expect(answer.body["ErrorCode"]?.string == "ResourceNotFound")
      #expect(answer.message.contains(arn))
    }
  }

  @Test(arguments: [
    ("GetGateway", "GatewayArn", "hypervisor"), ("GetVirtualMachine", "ResourceArn", "gateway"),
    ("ListVirtualMachines", "HypervisorArn", "vm"), ("GetGateway", "GatewayArn", "teapot"),
  ])
  func anArnOfTheWrongKindIsInvalid(operation: String, member: String, kind: String) throws {
    let arn = "arn:aws:backup-gateway:us-east-1:123456789012:\(kind)/some-12345"
    let answer = try world.call(operation, .object([member: .string(arn)]))
    #expect(answer.error == serviceError("ValidationException"))
    #expect(answer.message.hasPrefix("\(member) must be the ARN of a "))
  }

  @Test(arguments: [
    ("GetGateway", "{}", "GatewayArn is required"),
    ("GetGateway", #"{"GatewayArn":null}"#, "GatewayArn is required"),
    ("GetGateway", #"{"GatewayArn":"arn"}"#, "GatewayArn must have a length"),
    ("ListGateways", #"{"MaxResults":0}"#, "MaxResults must be"),
    ("ListGateways", #"{"NextToken":""}"#, "NextToken must have a length"),
    ("ListGateways", #"{"NextToken":"","MaxResults":0}"#, "2 validation errors detected"),
  ])
  func whatTheModelForbidsIsInvalid(operation: String, body: String, problem: String) throws {
    let answer = try world.call(operation, JSON.decode(Array(body.utf8)))
    #expect(answer.status == 400)
    #expect(answer.error == serviceError("ValidationException"))
    #expect(answer.message.contains(problem))
  }

  /// A body of 1 MiB made an answer of 12 MB.
  @Test func ofVeryMuchThatIsWrongTheBeginningIsTold() throws {
    let arn = "arn:aws:backup-gateway:us-east-1:123456789012:gateway/bgw-3E8A51F0"
    let tags = [Value](repeating: [:], count: 10_000)
    let answer = try world.call("TagResource", ["ResourceARN": .string(arn), "Tags": .array(tags)])
    #expect(answer.message.hasPrefix("20000 validation errors detected: Tags[0].Key is required; "))
    #expect(answer.message.hasSuffix("; Tags[49].Value is required; and 19900 more"))
  }

  @Test func membersThatTheModelDoesNotKnowAreIgnored() throws {
    let answer = try world.call("ListGateways", ["Colour": "blue", "__type": "x", "MaxResults": 2])
    #expect(answer.status == 200)
    #expect(answer.body["Gateways"]?.array?.count == 2)
  }

  @Test func regionsAndAccountsAreSeparateWorlds() throws {
    #expect(try world.call("ListGateways", region: "eu-central-1").body["Gateways"] == [])
    #expect(try world.call("ListVirtualMachines", region: "cn-north-1").body["VirtualMachines"] == [])
    let other = Credentials(
      accessKeyID: "OTHER", secretAccessKey: "other", sessionToken: "token", source: "")
    let two = try TestWorld(keys: [builtInKey, AccessKey(other, account: "210987654321")])
    #expect(try two.call("ListHypervisors", key: other).body["Hypervisors"] == [])
    let gateway = try #require(two.call("ListGateways").body["Gateways"]?.array?.first?["GatewayArn"])
    let answer = try two.call("GetGateway", ["GatewayArn": gateway], key: other)
    #expect(answer.error == serviceError("ResourceNotFoundException"))
  }

  @Test func anOperationThatIsNotServedSaysSo() throws {
    let unknown = try world.call("DrinkTea")
    #expect(unknown.error == frameworkError("UnknownOperationException"))
    #expect(unknown.message.contains("'DrinkTea' is no operation that this local gateway knows"))
    let bare = try TestWorld(operations: [:])
    let unserved = try bare.call("GetGateway")
    #expect(unserved.error == frameworkError("UnknownOperationException"))
    #expect(
      unserved.message.contains("GetGateway is an operation of AWS Backup Gateway that this local gateway"))
  }

  @Test func aStoreThatFailsIsAnInternalError() throws {
    try world.store.database.run("DROP TABLE gateway")
    let answer = try world.call("ListGateways")
    #expect(answer.status == 500)
    #expect(answer.error == serviceError("InternalServerException"))
    #expect(answer.message.contains("no such table"))
  }

  @Test func aFullDiskIsAnErrorAndLeavesNothingBehind() throws {
    let machine = VirtualMachineRecord(
      arn: "arn:x", name: String(repeating: "n", count: 500_000), hypervisorID: "h")
    try world.store.database.run("PRAGMA max_page_count = 1")
    #expect(throws: DatabaseError.self) {
      try world.store.database.transaction { try world.store.save(machine) }
    }
    #expect(try world.store.virtualMachine("arn:x") == nil)
    #expect(try world.call("ListGateways").status == 200)
  }
}

struct ListingTests {
  @Test(arguments: [1, 7, 100, 1000])
  func pagesAddUpToTheWholeInOrder(size: Int64) throws {
    let world = try TestWorld()
    let pages = try world.pages("ListVirtualMachines", "VirtualMachines", size: size)
    #expect(pages.dropLast().allSatisfy { $0.count == Int(size) })
    let arns = pages.joined().compactMap { $0["ResourceArn"]?.string }
    #expect(arns.count == 250)
    #expect(arns == arns.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(Set(arns).count == 250)
  }

  @Test func aPageThatEndsWithTheListHasNoToken() throws {
    let world = try TestWorld()
    #expect(try world.call("ListGateways", ["MaxResults": 3]).body["NextToken"] == nil)
    #expect(try world.call("ListGateways", ["MaxResults": 2]).body["NextToken"] != nil)
  }

  @Test func aPageHasAHundredUnlessAskedAndAThousandAtMost() throws {
    let world = try TestWorld(virtualMachines: 1_100)
    #expect(try world.call("ListVirtualMachines").body["VirtualMachines"]?.array?.count == 100)
    let large = try world.call("ListVirtualMachines", ["MaxResults": 5_000])
    #expect(large.body["VirtualMachines"]?.array?.count == 1_000)
  }

  @Test func aHypervisorHasItsOwnVirtualMachines() throws {
    let world = try TestWorld()
    var all = 0
    for hypervisor in try world.call("ListHypervisors").body["Hypervisors"]?.array ?? [] {
      let arn = try #require(hypervisor["HypervisorArn"]?.string)
      let machines = try world.pages(
        "ListVirtualMachines", "VirtualMachines", size: 7, filter: ["HypervisorArn": .string(arn)]
      ).joined()
      #expect(!machines.isEmpty)
      #expect(machines.allSatisfy { arn.hasSuffix("hypervisor/\($0["HypervisorId"]?.string ?? "")") })
      all += machines.count
    }
    #expect(all == 250)
  }

  @Test(arguments: [
    "us-east-1:123456789012:hypervisor/hype-00000000", "eu-west-1:123456789012:hypervisor/hype-9C41B7E2",
  ])
  func aHypervisorThatNobodyHasHasNoVirtualMachines(rest: String) throws {
    let answer = try TestWorld().call(
      "ListVirtualMachines", ["HypervisorArn": .string("arn:aws:backup-gateway:\(rest)")])
    #expect(answer.status == 200)
    #expect(answer.body == ["VirtualMachines": []])
  }

  @Test func aTokenIsGoodForItsOwnListingOnly() throws {
    let world = try TestWorld()
    let first = try world.call("ListVirtualMachines", ["MaxResults": 1])
    let token = try #require(first.body["NextToken"]?.string)
    let hypervisor = try #require(
      world.call("ListHypervisors").body["Hypervisors"]?.array?.first?["HypervisorArn"])
    #expect(try world.call("ListVirtualMachines", ["NextToken": .string(token)]).status == 200)

    let otherLast = token.last == "0" ? "1" : "0"
    let otherFirst = token.first == "0" ? "1" : "0"
    let altered = [
      token.dropLast() + otherLast, otherFirst + token.dropFirst(), token.uppercased(), token + "00",
      String(token.dropLast()), String(token.dropLast(2)), "rubbish", "Łódź", "00",
    ]
    for text in altered {
      let answer = try world.call("ListVirtualMachines", ["NextToken": .string(text)])
      #expect(answer.error == serviceError("ValidationException"), "\(text)")
    }
    let foreign = [
      try world.call("ListGateways", ["NextToken": .string(token)]),
      try world.call("ListVirtualMachines", ["NextToken": .string(token), "HypervisorArn": hypervisor]),
      try world.call("ListVirtualMachines", ["NextToken": .string(token)], region: "eu-west-1"),
      try TestWorld().call("ListVirtualMachines", ["NextToken": .string(token)]),
    ]
    for answer in foreign { #expect(answer.error == serviceError("ValidationException")) }
  }

  /// Every page query walks an index from where the page begins, never the table.
  @Test func noPageReadsTheWholeTable() throws {
    let store = try TestWorld().store
    for condition in ["", "hypervisor_id = ?4 AND "] {
      let plan = try store.database.rows(
        "EXPLAIN QUERY PLAN SELECT arn, name FROM virtual_machine "
          + "WHERE \(condition)arn > ?1 AND arn < ?2 ORDER BY arn LIMIT ?3"
      ) { $0.text(3) ?? "" }
      #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") && !$0.contains("TEMP B-TREE") }, "\(plan)")
    }
  }
}

struct SampleFleetTests {
  @Test func theFleetTellsAStory() throws {
    let world = try TestWorld()
    let gateways = try world.call("ListGateways").body["Gateways"]?.array ?? []
    let hypervisors = try world.call("ListHypervisors").body["Hypervisors"]?.array ?? []
    #expect(hypervisors.map { $0["State"]?.string } == ["ONLINE", "PENDING"])
    let now = world.clock.now.epochSeconds
    let ages = gateways.map { now - Double($0["LastSeenTime"]?.integer ?? 0) }
    #expect(ages[0] < 60 && ages[1] > 3 * 86_400 && ages[2] < 60)
    #expect(gateways.map { $0["HypervisorId"] != nil } == [true, true, false])
    let details = try gateways.map {
      try #require(world.call("GetGateway", ["GatewayArn": $0["GatewayArn"] ?? .null]).body["Gateway"])
    }
    #expect(details.map { $0["MaintenanceStartTime"]?["DayOfWeek"] != nil } == [true, false, false])
    #expect(details.map { $0["MaintenanceStartTime"]?["DayOfMonth"] != nil } == [false, true, false])
    #expect(details.map { $0["VpcEndpoint"] != nil } == [false, true, false])
    #expect(details.map { $0["DeprecationDate"] != nil } == [false, true, false])
  }

  @Test func aLiveGatewayKeepsBeingSeenAndASilentOneDoesNot() throws {
    let world = try TestWorld()
    func seen() throws -> [Int64?] {
      try world.call("ListGateways").body["Gateways"]?.array?.map { $0["LastSeenTime"]?.integer } ?? []
    }
    let before = try seen()
    world.clock.advance(3_600)
    let after = try seen()
    #expect(after[0] == before[0].map { $0 + 3_600 })
    #expect(after[1] == before[1])
    world.clock.advance(29)
    #expect(try seen()[0].map { Double($0) >= world.clock.now.epochSeconds - 30 } == true)
    world.clock.advance(-9_000_000)
    #expect(try seen().count == 3)
  }

  @Test func theMachinesAreOfARealEstate() throws {
    let machines = try TestWorld().pages("ListVirtualMachines", "VirtualMachines", size: 1000).joined()
    let names = machines.compactMap { $0["Name"]?.string }
    #expect(Set(names).count == 250)
    for part in ["Zürich", "Łódź", "東京", " ", ".example.com"] {
      #expect(names.contains { $0.contains(part) })
    }
    let never = machines.count { $0["LastBackupDate"] == nil }
    #expect((13...38).contains(never), "about one in ten of 250, got \(never)")
    #expect(machines.allSatisfy { $0["Path"]?.string?.contains("/vm/") == true })
    let ids = machines.compactMap { $0["ResourceArn"]?.string.flatMap(Arn.init)?.id.dropFirst(3) }
    #expect(ids.allSatisfy { $0.count == 16 && $0.allSatisfy { $0.isNumber || $0.isUppercase } })
  }

  @Test func theFleetIsTheSameEveryTimeAndALargerOneContainsIt() throws {
    func fleet(_ count: Int) throws -> [Value] {
      try TestWorld(virtualMachines: count).pages("ListVirtualMachines", "VirtualMachines", size: 1000)
        .flatMap(\.self)
    }
    let small = try fleet(250)
    #expect(try fleet(250) == small)
    let large = Set(try fleet(600).compactMap { $0["ResourceArn"]?.string })
    #expect(large.count == 600)
    #expect(small.allSatisfy { large.contains($0["ResourceArn"]?.string ?? "") })
  }

  @Test func anEmptyWorldIsEmpty() throws {
    let world = try TestWorld(seed: .empty)
    #expect(try world.call("ListGateways").body == ["Gateways": []])
    #expect(try world.call("ListHypervisors").body == ["Hypervisors": []])
    #expect(try world.call("ListVirtualMachines").body == ["VirtualMachines": []])
  }
}
