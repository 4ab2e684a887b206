// SampleFleet: what a new store holds, so that there is something to look at. The same every time but for
// dates, which lie before the start: each virtual machine follows from its number alone, so a larger fleet
// contains a smaller one.
import AWSCore
import BackupGateway

struct SampleFleet {
  let world: World
  let virtualMachines: Int
  /// The moment that the past is counted from.
  let start: Timestamp

  private static let zurich = "hype-9C41B7E2"
  private static let tokyo = "hype-D05F36A8"

  func write(to store: Store) throws(DatabaseError) {
    try store.save(
      HypervisorRecord(
        arn: world.arn(.hypervisor, Self.zurich), id: Self.zurich, name: "vcenter-zurich",
        host: "vcenter.zrh.example.com",
        kmsKeyArn: "arn:\(Rules.partition(of: world.region)):kms:\(world.region):\(world.account):key/"
          + "6f1e8c52-3b7d-4a90-9e15-0c2d84b7a3f6"))
    try store.save(
      HypervisorRecord(
        arn: world.arn(.hypervisor, Self.tokyo), id: Self.tokyo, name: "vcenter-tokyo", host: "10.81.4.20"))
    for gateway in gateways { try store.save(gateway) }
    // In the order of the index: a million rows are appended, not sorted in.
    let numbers = (0..<virtualMachines).map { (key: Self.key(ofMachine: $0), number: $0) }
    let firstArn = world.arn(.virtualMachine, "vm-")
    for (_, number) in numbers.sorted(by: { $0.key < $1.key }) {
      try store.save(virtualMachine(number, firstArn))
    }
    try store.set(Self.findsMachines, "1")
  }

  private static func key(ofMachine number: Int) -> UInt64 {
    var dice = Dice(machine: UInt64(number))
    return dice.next()
  }

  /// Whether machines are behind hosts that are imported into a store: in the sample world there is always something
  /// to find, other worlds hold what was put into them.
  private static let findsMachines = "finds_sample_machines"

  /// What is behind the host of a hypervisor that was just imported, and is yet to be found.
  static func machines(ofNew hypervisor: HypervisorRecord, in world: World, _ store: Store)
    throws(DatabaseError)
    -> [VirtualMachineRecord]
  {
    guard try store.setting(findsMachines) == "1" else { return [] }
    let id = UInt64(hypervisor.id.drop { $0 != "-" }.dropFirst(), radix: 16) ?? 0
    return (0..<Rules.machinesOfNewHypervisor).map { number in
      // Beyond the numbers of any sample fleet.
      var dice = Dice(machine: (id + 1) << 28 + UInt64(number))
      let arn = world.arn(.virtualMachine, "vm-" + base36(dice.next()))
      return machine(&dice, arn, number, sites[dice.roll(sites.count)], on: hypervisor.id)
    }
  }

  /// One that works, one that fell silent four days ago, and a spare.
  private var gateways: [GatewayRecord] {
    let day: Int64 = 86_400
    return [
      GatewayRecord(
        arn: world.arn(.gateway, "bgw-3E8A51F0"), name: "zurich-backup-01", hypervisorID: Self.zurich,
        isLive: true, lastSeen: start.advanced(bySeconds: -9),
        maintenance: .init(hour: 3, minute: 15, dayOfWeek: 0),
        software: .init(version: "2.0.1", nextUpdate: start.advanced(bySeconds: 12 * day))),
      GatewayRecord(
        arn: world.arn(.gateway, "bgw-7B20C9D4"), name: "tokyo-backup-01", hypervisorID: Self.tokyo,
        isLive: false, lastSeen: start.advanced(bySeconds: -(4 * day + 5_417)),
        maintenance: .init(hour: 22, minute: 40, dayOfMonth: 12),
        vpcEndpoint: "vpce-0a4c81e6b29d7350f-k3v9x2qd.\(Service.name).\(world.region).vpce.amazonaws.com",
        software: .init(
          version: "1.4.7", nextUpdate: start.advanced(bySeconds: -2 * day),
          deprecation: start.advanced(bySeconds: 45 * day))),
      GatewayRecord(
        arn: world.arn(.gateway, "bgw-C6D4082B"), name: "spare-01", isLive: true,
        lastSeen: start.advanced(bySeconds: -21),
        software: .init(version: "2.0.1", nextUpdate: start.advanced(bySeconds: 12 * day))),
    ]
  }

  private func virtualMachine(_ number: Int, _ firstArn: String) -> VirtualMachineRecord {
    var dice = Dice(machine: UInt64(number))
    let arn = firstArn + Self.base36(dice.next())
    let site = Self.sites[dice.roll(10) < 7 ? dice.roll(2) : 2]
    return Self.machine(&dice, arn, number, site, on: site.hypervisor, backedUp: lastBackup)
  }

  private static func machine(
    _ dice: inout Dice, _ arn: String, _ number: Int, _ site: Site, on hypervisorID: String,
    backedUp: (inout Dice) -> Timestamp? = { _ in nil }
  ) -> VirtualMachineRecord {
    let role = roles[dice.roll(roles.count)]
    let stage = stages[dice.roll(stages.count)]
    let name = name(number + 1, role, stage, site, style: dice.roll(5))
    return VirtualMachineRecord(
      arn: arn, name: name, hostName: "esxi-0\(dice.roll(8) + 1).\(site.code).example.com",
      hypervisorID: hypervisorID, path: "/\(site.datacenter)/vm/\(stage.title)/\(role.title)/\(name)",
      lastBackup: backedUp(&dice), tags: tags(&dice, stage: stage.title))
  }

  /// Most were backed up last night, some this week, a few were forgotten, one in ten never had a backup.
  private func lastBackup(_ dice: inout Dice) -> Timestamp? {
    let minutes: Int
    switch dice.roll(100) {
    case 0..<10: return nil
    case 10..<20: minutes = 3 + dice.roll(57)
    case 20..<65: minutes = 60 + dice.roll(23 * 60)
    case 65..<85: minutes = 24 * 60 + dice.roll(6 * 24 * 60)
    default: minutes = 7 * 24 * 60 + dice.roll(49 * 24 * 60)
    }
    let milliseconds = Int64(minutes) * 60_000 + Int64(dice.roll(60_000))
    return Timestamp(microseconds: (start.microseconds / 1_000 - milliseconds) * 1_000)
  }

  private static func tags(_ dice: inout Dice, stage: String) -> [VirtualMachineRecord.Tag] {
    guard dice.roll(3) == 0 else { return [] }
    let owner = ["Finance", "Logistics", "Platform", "Web shop"][dice.roll(4)]
    return [
      .init(category: "Environment", name: stage, description: "What the machine is for"),
      .init(category: "Owner", name: owner),
    ]
  }

  // MARK: Words

  private typealias Site = (place: String, code: String, datacenter: String, hypervisor: String)
  private static let sites: [Site] = [
    ("Zürich", "zrh", "Zürich DC1", zurich), ("Łódź", "lcj", "Łódź", zurich), ("東京", "nrt", "東京", tokyo),
  ]
  private typealias Word = (title: String, short: String)
  private static let roles: [Word] = [
    ("Web", "web"), ("Database", "db"), ("File Server", "files"), ("ERP", "erp"), ("Mail", "mail"),
    ("Build", "ci"), ("Domain Controller", "dc"),
  ]
  private static let stages: [Word] = [("Prod", "prod"), ("Test", "test"), ("Dev", "dev")]

  /// The habits of five administrators. The number makes each name unique.
  private static func name(_ number: Int, _ role: Word, _ stage: Word, _ site: Site, style: Int) -> String {
    switch style {
    case 0: "\(role.short)\(number).\(stage.short).\(site.code).example.com"
    case 1: "\(role.title) \(site.place) \(number)"
    case 2: "\(site.place)-\(role.short)-\(number)"
    case 3: "WIN-\(number)"
    default: "\(role.short)-\(number) (\(stage.title))"
    }
  }

  /// 16 digits of base 36, which order as the numbers do.
  private static func base36(_ number: UInt64) -> String {
    let digits = String(number, radix: 36, uppercase: true)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014): a fixed seed
/// gives the same fleet on every machine. The first number of each machine is another one, as the mixing is a
/// bijection.
private struct Dice {
  private var state: UInt64

  init(machine number: UInt64) { state = 0x4D6F_6F6E_6761_7465 &+ number }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 0 ..< sides; the tiny bias of the remainder does not matter here.
  mutating func roll(_ sides: Int) -> Int { Int(next() % UInt64(sides)) }
}
