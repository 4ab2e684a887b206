// SeedFile: what a new store holds, described in JSON or by a Lua script: one world, or a list of worlds. The members are AWS's own where
// AWS has them; docs/local-gateway.md lists them all, SeedShapes.swift has their constraints.
//
// A time is a date (`2026-03-14T09:26:00Z`) or a distance from the moment the store is made (`-7d12h`).
import AWSCore
import BackupGateway

/// A checked description of what a new store holds.
public struct SeedFile: Sendable {
  private let path: String
  private let worlds: [(path: String, value: Value)]
  /// What the first item of a list is called: 0 in JSON, 1 in Lua.
  private let firstIndex: Int

  /// What describes one world.
  public static let shape = Shape.seedWorld

  /// Reads a file and checks all of it. Throws a LocalGatewayError that names file, place and member.
  public init(_ path: String) throws(LocalGatewayError) {
    let bytes: [UInt8]?
    do throws(Environment.FileError) {
      bytes = try Environment.process().readFile(path)
    } catch {
      throw LocalGatewayError("Cannot read the seed \(path): \(error.reason).")
    }
    guard let bytes else {
      throw LocalGatewayError("There is no seed \(path). --seed takes sample, empty or a file.")
    }
    try self.init(bytes, path: path)
  }

  init(_ bytes: [UInt8], path: String) throws(LocalGatewayError) {
    let value: Value
    do throws(JSONError) {
      value = try JSON.decode(bytes)
    } catch {
      throw LocalGatewayError("The seed \(path) is not JSON: \(error).")
    }
    try self.init(value, path: path)
  }

  /// What a file says, however it was read. Throws a LocalGatewayError that names file, place and member.
  /// - Parameter firstIndex: what the first item of a list is called in messages.
  public init(_ value: Value, path: String, firstIndex: Int = 0) throws(LocalGatewayError) {
    self.path = path
    self.firstIndex = firstIndex
    worlds =
      value.array.map { $0.enumerated().map { ("[\($0.offset + firstIndex)]", $0.element) } } ?? [("", value)]
    let issues = worlds.flatMap {
      Validate.issues($0.value, as: .seedWorld, at: $0.path, firstIndex: firstIndex)
    }
    guard issues.isEmpty else {
      let shown = issues.prefix(10).map(\.message).joined(separator: "; ")
      throw LocalGatewayError("The seed \(path): \(shown)\(issues.count > 10 ? "; and more" : "").")
    }
    _ = try plan(
      home: World(account: LocalGateway.account, region: "us-east-1"), start: Timestamp(microseconds: 0))
  }

  /// - Parameters:
  ///   - home: the world that is meant where the file names none.
  ///   - start: what times are counted from.
  func write(to store: Store, home: World, start: Timestamp) throws {
    let plan = try plan(home: home, start: start)
    for (record, login, vcenter, world) in plan.hypervisors {
      var hypervisor = record
      hypervisor.sealedLogin = try login?.sealed(for: hypervisor.arn, store.vault)
      try store.save(hypervisor)
      var found = try store.vcenter(hypervisor.host, in: world)
      found.isReachable = vcenter != "offline"
      if vcenter == "refusing" { try found.set(.nobody, store.vault) }
      try store.save(found, at: hypervisor.host, in: world)
    }
    for gateway in plan.gateways { try store.save(gateway) }
    for machine in plan.machines.sorted(by: { $0.arn < $1.arn }) { try store.save(machine) }
    for (arn, tag) in plan.tags { try store.save(tag, of: arn) }
  }

  // MARK: The plan

  private struct Plan {
    var hypervisors: [(record: HypervisorRecord, login: Login?, vcenter: String?, world: World)] = []
    var gateways: [GatewayRecord] = []
    var machines: [VirtualMachineRecord] = []
    var tags: [(arn: String, tag: Tag)] = []
    var ids: Set<String> = []
  }

  private func plan(home: World, start: Timestamp) throws(LocalGatewayError) -> Plan {
    var plan = Plan()
    for (path, value) in worlds {
      let world = World(
        account: value["Account"]?.string ?? home.account, region: value["Region"]?.string ?? home.region)
      var reader = Reader(file: self.path, firstIndex: firstIndex, world: world, start: start, plan: plan)
      let prefix = path.isEmpty ? "" : path + "."
      try reader.each(value, "Hypervisors", prefix) { reader, value, path, _ throws(LocalGatewayError) in
        try reader.hypervisor(value, path)
      }
      try reader.each(value, "Gateways", prefix) { reader, value, path, _ throws(LocalGatewayError) in
        try reader.gateway(value, path)
      }
      plan = reader.plan
    }
    return plan
  }

  /// Makes records of the parts of one world.
  private struct Reader {
    let file: String
    let firstIndex: Int
    let world: World
    let start: Timestamp
    var plan: Plan

    mutating func each(
      _ value: Value, _ member: String, _ prefix: String,
      _ body: (inout Reader, Value, String, Int) throws(LocalGatewayError) -> Void
    ) throws(LocalGatewayError) {
      for (index, item) in (value[member]?.array ?? []).enumerated() {
        try body(&self, item, "\(prefix)\(member)[\(index + firstIndex)]", index)
      }
    }

    mutating func hypervisor(_ value: Value, _ path: String) throws(LocalGatewayError) {
      let name = value["Name"]?.string ?? ""
      let arn = try arn(.hypervisor, value, "HypervisorId", path, from: name)
      var record = HypervisorRecord(
        arn: arn.description, id: arn.id, name: name, host: value["Host"]?.string ?? "")
      record.kmsKeyArn = value["KmsKeyArn"]?.string
      record.logGroupArn = value["LogGroupArn"]?.string.flatMap(Rules.logGroup)
      record.mappings = value["VmwareToAwsTagMappings"]?.array ?? []
      record.mappingRole = value["IamRoleArn"]?.string
      try obey(path) { () throws(Fault) in
        try Rules.checkMappings(record.mappings)
        if let role = record.mappingRole { try Rules.checkRole(role, in: world) }
      }
      guard record.mappings.isEmpty || record.mappingRole != nil else {
        throw refusal(path, "has VmwareToAwsTagMappings, so it needs IamRoleArn")
      }
      let login = Login(username: value["Username"]?.string, password: value["Password"]?.string)
      let hasLogin = login != Login()
      plan.hypervisors.append((record, hasLogin ? login : nil, value["VCenter"]?.string, world))
      try tags(value, record.arn, path)
      try each(value, "VirtualMachines", path + ".") {
        reader, value, path, number throws(LocalGatewayError) in
        try reader.machine(value, number, on: arn.id, path)
      }
    }

    mutating func machine(_ value: Value, _ number: Int, on hypervisorID: String, _ path: String)
      throws(LocalGatewayError)
    {
      let arn = try arn(.virtualMachine, value, "VirtualMachineId", path, from: "\(hypervisorID) \(number)")
      let record = VirtualMachineRecord(
        arn: arn.description, name: value["Name"]?.string ?? "", hostName: value["HostName"]?.string,
        hypervisorID: hypervisorID, path: value["Path"]?.string,
        lastBackup: try time(value, "LastBackupDate", path),
        tags: (value["VmwareTags"]?.array ?? []).compactMap(VirtualMachineRecord.Tag.init))
      plan.machines.append(record)
      try tags(value, record.arn, path)
    }

    mutating func gateway(_ value: Value, _ path: String) throws(LocalGatewayError) {
      let name = value["GatewayDisplayName"]?.string ?? ""
      let arn = try arn(.gateway, value, "GatewayId", path, from: name)
      var record = GatewayRecord(
        arn: arn.description, name: name, isLive: value["Appliance"]?.string != "offline",
        lastSeen: try time(value, "LastSeenTime", path) ?? start)
      record.vpcEndpoint = value["VpcEndpoint"]?.string
      record.software = .init(
        version: value["SoftwareVersion"]?.string ?? Rules.currentSoftware,
        nextUpdate: try time(value, "NextUpdateAvailabilityTime", path),
        deprecation: try time(value, "DeprecationDate", path))
      if let maintenance = value["MaintenanceStartTime"] {
        let start = GatewayRecord.Maintenance(
          hour: maintenance["HourOfDay"]?.integer ?? 0, minute: maintenance["MinuteOfHour"]?.integer ?? 0,
          dayOfWeek: maintenance["DayOfWeek"]?.integer, dayOfMonth: maintenance["DayOfMonth"]?.integer)
        try obey(path + ".MaintenanceStartTime") { () throws(Fault) in try Rules.check(start) }
        record.maintenance = start
      }
      record.bandwidth = value["BandwidthRateLimitIntervals"]?.array ?? []
      try obey(path) { [record] () throws(Fault) in try Rules.checkSchedule(record.bandwidth) }
      if let wanted = value["Hypervisor"]?.string {
        record.hypervisorID = try hypervisorID(wanted, path + ".Hypervisor")
      }
      plan.gateways.append(record)
      try tags(value, record.arn, path)
    }

    /// The id of the one hypervisor of this world with a name or an id.
    private func hypervisorID(_ wanted: String, _ path: String) throws(LocalGatewayError) -> String {
      let found = plan.hypervisors.filter {
        $0.world == world && [$0.record.name, $0.record.id].contains(wanted)
      }
      guard let first = found.first, found.count == 1 else {
        throw refusal(
          path,
          "must be the name or the id of one hypervisor of this world; \(found.count) are called \(quoted(wanted))"
        )
      }
      return first.record.id
    }

    private mutating func tags(_ value: Value, _ arn: String, _ path: String) throws(LocalGatewayError) {
      let tags = (value["Tags"]?.array ?? []).map {
        Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "")
      }
      try obey(path) { () throws(Fault) in try Rules.check(tags) }
      plan.tags += tags.map { (arn, $0) }
    }

    /// The ARN with the id that is given, or with one that follows from words, so that it is the same every time.
    private mutating func arn(
      _ kind: ResourceKind, _ value: Value, _ member: String, _ path: String, from words: String
    ) throws(LocalGatewayError) -> Arn {
      let digits = Digest.hex(Digest.sha256(Array("\(world.firstArn)\(kind.rawValue) \(words)".utf8)))
        .uppercased()
      let id = value[member]?.string ?? Rules.id(kind, from: digits)
      guard let arn = Arn(world.arn(kind, id)) else {
        throw refusal(path + "." + member, "makes no ARN: \(quoted(id))")
      }
      // Hypervisors are known by their ids in the whole store.
      guard plan.ids.insert(kind == .hypervisor ? id : arn.description).inserted else {
        throw refusal(
          path,
          value[member] == nil
            ? "has the name of another one; give it a \(member)" : "has the \(member) of another one")
      }
      return arn
    }

    private func time(_ value: Value, _ member: String, _ path: String) throws(LocalGatewayError)
      -> Timestamp?
    {
      guard let text = value[member]?.string else { return nil }
      if let time = Timestamp(iso8601: text) { return time }
      guard let sign = text.first, "+-".contains(sign), let distance = Duration(text, signed: true) else {
        throw refusal(
          "\(path).\(member)",
          "must be a date as in 2026-03-14T09:26:00Z or a distance as in -7d12h, got \(quoted(text))")
      }
      return Timestamp(microseconds: start.microseconds + distance.microseconds)
    }

    /// What the service would refuse, a seed may not say either.
    private func obey(_ path: String, _ check: () throws(Fault) -> Void) throws(LocalGatewayError) {
      do throws(Fault) {
        try check()
      } catch {
        throw refusal(path, "breaks a rule: \(error.message)")
      }
    }

    private func refusal(_ path: String, _ problem: String) -> LocalGatewayError {
      LocalGatewayError("The seed \(file): \(path) \(problem).")
    }
  }
}
