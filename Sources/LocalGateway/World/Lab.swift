// Lab: the world outside the API, for rehearsals: what happens to appliances and in vCenters, which no operation of the
// service can bring about. Each method is a transaction of its own.
import AWSCore
import BackupGateway

/// One world's outside, at a moment. Errors are Faults (what cannot be done, and why) and DatabaseErrors.
struct Lab {
  let store: Store
  let world: World
  let clock: ServerClock
  private let now: Timestamp

  init(_ store: Store, _ world: World, _ clock: ServerClock) {
    self.store = store
    self.world = world
    self.clock = clock
    now = clock.now
  }

  // MARK: Time

  /// Moves the server's clock, for all worlds. It stays ahead, also after a restart; what is due happens at the next
  /// call.
  func advanceClock(by duration: Duration) throws {
    guard clock.advance(duration) else {
      throw Fault.validation(
        "the clock cannot be moved by \(duration): that does not lead to the years 1970 to 9999")
    }
    try store.keep(clockLead: clock.lead)
  }

  // MARK: Appliances

  /// A key as a new appliance shows it when it is asked to be activated in this region: good for 30 minutes and for
  /// one gateway.
  func issueActivationKey() throws -> String {
    let key = Rules.newActivationKey()
    try change { try store.save(ActivationKey(key: key, region: world.region, issued: now)) }
    return key
  }

  /// Whether gateways take any well-formed activation key, as at the start, or only those that were issued.
  func wantIssuedKeys(_ flag: Bool) throws { try change { try store.setWantsIssuedKeys(flag) } }

  /// Switches an appliance off or on: whether it is heard from.
  func setGateway(_ arn: String, isOnline: Bool) throws {
    try change {
      guard var gateway = try find(.gateway, arn, store.gateway) else { throw Fault.notFound(.gateway, arn) }
      // The latest heartbeat of one that falls silent; the first of one that is back.
      gateway.lastSeen = isOnline && !gateway.isLive ? now : Rules.lastSeen(gateway, at: now)
      gateway.isLive = isOnline
      try store.save(gateway)
    }
  }

  // MARK: vCenters

  /// The host behind a hypervisor.
  func host(of hypervisorArn: String) throws -> String {
    guard let hypervisor = try find(.hypervisor, hypervisorArn, { try store.hypervisor($0) }) else {
      throw Fault.notFound(.hypervisor, hypervisorArn)
    }
    return hypervisor.host
  }

  /// Takes a host off the network, or back.
  func setHost(_ host: String, isReachable: Bool) throws {
    try changeVCenter(host) { $0.isReachable = isReachable }
  }

  /// Whom a host lets in from now on.
  func setHost(_ host: String, accepts door: VCenter.Door) throws {
    try changeVCenter(host) { try $0.set(door, store.vault) }
  }

  /// Makes a machine in a vCenter. The service finds it when the hypervisor is ONLINE for a while.
  /// - Parameter tags: its VMware tags; the service knows them after a metadata sync.
  /// - Returns: the ARN that it will have.
  func createMachine(
    on hypervisorArn: String, name: String, hostName: String? = nil, path: String? = nil,
    tags: [VirtualMachineRecord.Tag] = []
  ) throws -> String {
    try change {
      guard let hypervisor = try find(.hypervisor, hypervisorArn, { try store.hypervisor($0) }) else {
        throw Fault.notFound(.hypervisor, hypervisorArn)
      }
      let arn = world.arn(.virtualMachine, Rules.newID(.virtualMachine))
      try store.saveUndiscovered(
        VirtualMachineRecord(
          arn: arn, name: name, hostName: hostName, hypervisorID: hypervisor.id, path: path, tags: tags))
      return arn
    }
  }

  /// Removes a machine from its vCenter, and so from the service.
  func deleteMachine(_ arn: String) throws {
    try change {
      _ = try machine(arn)
      try store.deleteMachine(arn)
    }
  }

  /// Moves a machine within its vCenter. The tag with its path stays as discovery made it.
  func moveMachine(_ arn: String, to path: String) throws {
    try changeMachine(arn) { machine in
      machine.discoveredPath = machine.discoveredPath ?? machine.path
      machine.path = path
    }
  }

  /// Gives a machine other VMware tags. The service knows them after a metadata sync.
  func setVmwareTags(_ arn: String, _ tags: [VirtualMachineRecord.Tag]) throws {
    try changeMachine(arn) { $0.vcenterTags = tags }
  }

  // MARK: AWS Backup

  /// Records that AWS Backup has backed a machine up: at a time, or now.
  func recordBackup(of arn: String, at time: Timestamp? = nil) throws {
    try changeMachine(arn) { $0.lastBackup = time ?? now }
  }

  // MARK: Helpers

  private func change<T>(_ body: () throws -> T) throws -> T { try store.writing(at: now, body) }

  private func changeVCenter(_ host: String, _ apply: (inout VCenter) throws -> Void) throws {
    try change {
      var vcenter = try store.vcenter(host, in: world)
      try apply(&vcenter)
      try store.save(vcenter, at: host, in: world)
    }
  }

  private func changeMachine(_ arn: String, _ apply: (inout VirtualMachineRecord) -> Void) throws {
    try change {
      guard var machine = try find(.virtualMachine, arn, store.virtualMachine) else {
        throw Fault.notFound(.virtualMachine, arn)
      }
      apply(&machine)
      try store.save(machine)
    }
  }

  /// A machine, found or not.
  private func machine(_ arn: String) throws -> VirtualMachineRecord {
    let found = try find(.virtualMachine, arn) {
      try store.virtualMachine($0) ?? store.undiscoveredMachine($0)
    }
    guard let found else { throw Fault.notFound(.virtualMachine, arn) }
    return found
  }

  /// A resource of this world; nil for all others.
  private func find<Item>(_ kind: ResourceKind, _ text: String, _ find: (String) throws -> Item?) rethrows
    -> Item?
  {
    guard let arn = Arn(text), arn.kind == kind, Rules.sees(world, arn) else { return nil }
    return try find(text)
  }
}
