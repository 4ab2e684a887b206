// The world outside the API: what the lab brings about, and what it cannot.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

struct LabTests {
  let world: TestWorld
  init() throws { world = try TestWorld.empty() }

  private func fault(_ body: () throws -> Void) -> String? {
    #expect(throws: Fault.self, performing: body)?.name
  }

  @Test func anApplianceThatIsOffIsNotSeenAnyMore() throws {
    let arn = try world.newGateway()
    func seen() throws -> Int64? { try world.gateway(arn)["LastSeenTime"]?.integer }
    world.clock.advance(95)
    try world.lab.setGateway(arn, isOnline: false)
    let last = Int64(world.clock.now.epochSeconds) - 5
    #expect(try seen() == last, "the latest of the heartbeats, every 30 seconds")
    world.clock.advance(86_400)
    #expect(try seen() == last)
    try world.lab.setGateway(arn, isOnline: false)
    #expect(try seen() == last)
    try world.lab.setGateway(arn, isOnline: true)
    #expect(try seen() == Int64(world.clock.now.epochSeconds))
    world.clock.advance(30)
    #expect(try seen() == Int64(world.clock.now.epochSeconds))
  }

  @Test func aBackupIsRecorded() throws {
    let (hypervisor, _) = try world.onlineHypervisor()
    let arn = try world.foundMachine(on: hypervisor)
    #expect(try world.machine(arn)["LastBackupDate"] == nil)
    try world.lab.recordBackup(of: arn)
    #expect(try world.machine(arn)["LastBackupDate"]?.integer == Int64(world.clock.now.epochSeconds))
    try world.lab.recordBackup(of: arn, at: Timestamp(microseconds: 1_500_000))
    #expect(try world.machine(arn)["LastBackupDate"] == .number(1.5))
  }

  @Test func aMachineIsDeletedFoundOrNot() throws {
    let (hypervisor, _) = try world.onlineHypervisor()
    let found = try world.foundMachine(on: hypervisor)
    try world.tag(found, ["a": "b"])
    let hidden = try world.lab.createMachine(on: hypervisor, name: "hidden")
    try world.lab.deleteMachine(found)
    try world.lab.deleteMachine(hidden)
    world.clock.advance(60)
    #expect(try world.machines(of: hypervisor).isEmpty)
    #expect(try world.store.tags(of: found).isEmpty)
    #expect(fault { try world.lab.deleteMachine(found) } == "ResourceNotFoundException")
  }

  @Test func whatIsNotInThisWorldIsNotFound() throws {
    let (hypervisor, gateway) = try world.onlineHypervisor()
    let machine = try world.foundMachine(on: hypervisor)
    let elsewhere = Lab(
      world.store, World(account: LocalGateway.account, region: "eu-west-1"), world.responder.clock)
    let attempts: [(Lab, String, String, String)] = [
      (elsewhere, hypervisor, gateway, machine), (world.lab, "rubbish", "rubbish", "rubbish"),
      (world.lab, machine, hypervisor, gateway),
    ]
    for (lab, hypervisor, gateway, machine) in attempts {
      #expect(fault { _ = try lab.createMachine(on: hypervisor, name: "x") } == "ResourceNotFoundException")
      #expect(fault { try lab.setGateway(gateway, isOnline: true) } == "ResourceNotFoundException")
      #expect(fault { try lab.deleteMachine(machine) } == "ResourceNotFoundException")
      #expect(fault { try lab.moveMachine(machine, to: "/") } == "ResourceNotFoundException")
      #expect(fault { try lab.recordBackup(of: machine) } == "ResourceNotFoundException")
      #expect(fault { try lab.setVmwareTags(machine, []) } == "ResourceNotFoundException")
    }
  }

  @Test func hostsOfDifferentWorldsAreDifferentHosts() throws {
    let (hypervisor, _) = try world.onlineHypervisor()
    try Lab(world.store, World(account: LocalGateway.account, region: "eu-west-1"), world.responder.clock)
      .setHost("vcenter.example.com", isReachable: false)
    #expect(try world.state(hypervisor) == "ONLINE")
  }

  /// Signatures go by the machine's clock, so a client need not know.
  @Test func theClockIsAdvancedAndStaysAhead() throws {
    let arn = try world.newGateway()
    let key = try world.lab.issueActivationKey()
    let now = world.clock.now
    try world.lab.advanceClock(by: .seconds(7 * 86_400))
    #expect(world.responder.clock.now == now.advanced(bySeconds: 7 * 86_400))
    #expect(try world.gateway(arn)["LastSeenTime"]?.integer == Int64(now.epochSeconds) + 7 * 86_400)
    try world.refused(
      "CreateGateway",
      ["ActivationKey": .string(key), "GatewayDisplayName": "g", "GatewayType": "BACKUP_VM"],
      "ValidationException")
    #expect(try world.store.clockLead() == .seconds(7 * 86_400))
    try world.lab.advanceClock(by: .seconds(-7 * 86_400))
    #expect(world.responder.clock.now == now)
  }

  @Test(arguments: [Int64.max / 1_000_000, -4_000_000_000])
  func aClockThatNobodyCanReadIsNotSet(seconds: Int64) throws {
    #expect(fault { try world.lab.advanceClock(by: .seconds(seconds)) } == "ValidationException")
    #expect(try world.store.clockLead() == .zero)
  }
}
