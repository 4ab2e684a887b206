// Reference: the service once more, as plainly as possible: dictionaries instead of tables, counters that tick instead
// of times that are derived. ModelBasedTests compares the local gateway with it. It shares no code with it.
import AWSCore

/// What an operation should answer.
enum Expectation: Equatable {
  case error(String)
  case body(Value)
  /// A new ARN in this member, and nothing else.
  case newArn(String)
}

final class Reference {
  struct Gateway {
    var name: String
    var hypervisor: String?
    var isOn = true
    /// A heartbeat, from which the next are counted.
    var heard: Int64
    var maintenance: Value = ["HourOfDay": 3, "MinuteOfHour": 0, "DayOfWeek": 0]
    var intervals: [Value] = []
    var lastNumber = 1
    var nextUpdate: Int64
    /// Seconds until an update is through.
    var updating: Int64?
  }

  struct Hypervisor {
    var name: String
    var host: String
    var logGroup: String?
    var username: String?
    var password: String?
    var mappings: [Value] = []
    var role: String?
    /// Seconds since a sync was started, while it is under way.
    var syncAge: Int64?
    var outcome: (status: String, message: String)?
    var lastSync: Int64?
  }

  struct Machine {
    var name: String
    var hypervisor: String
    var path: String
    var pathWhenFound: String
    var backup: Int64?
    /// Category and name.
    var vcenterTags: [[String]]
    var knownTags: [[String]] = []
    /// Not found yet; then seconds until it is, while it is looked for.
    var isHidden = true
    var countdown: Int64?
  }

  struct Host {
    var isReachable = true
    /// Nil: everybody; empty: nobody; else user and password.
    var login: [String?]?
  }

  var now: Int64
  var gateways: [String: Gateway] = [:]
  var hypervisors: [String: Hypervisor] = [:]
  var machines: [String: Machine] = [:]
  var hosts: [String: Host] = [:]
  /// By resource and key: the value, and whether a sync made it.
  var tags: [String: [String: (value: String, isMapped: Bool)]] = [:]
  var keys: [String: (issued: Int64, isUsed: Bool)] = [:]
  var wantsIssuedKeys = false

  init(now: Int64) { self.now = now }

  // MARK: Time

  func advance(_ seconds: Int64) {
    for _ in 0..<min(seconds, 60) { tick(1) }
    if seconds > 60 { tick(seconds - 60) }
  }

  /// After a minute nothing is pending any more, so the rest may go by in one step.
  private func tick(_ seconds: Int64) {
    now += seconds
    for arn in machines.keys {
      guard let left = machines[arn]?.countdown else { continue }
      machines[arn]?.countdown = left > 1 ? left - 1 : nil
      if left == 1 { machines[arn]?.isHidden = false }
    }
    for arn in hypervisors.keys {
      guard let age = hypervisors[arn]?.syncAge else { continue }
      hypervisors[arn]?.syncAge = age + 1
      if age == 4 { finishSync(arn) }
    }
    for arn in gateways.keys {
      guard let left = gateways[arn]?.updating else { continue }
      gateways[arn]?.updating = left > 1 ? left - 1 : nil
      if left == 1 {
        gateways[arn]?.lastNumber += 1
        gateways[arn]?.nextUpdate = now + 30 * 86_400
      }
    }
  }

  /// To be called after whatever may have changed a hypervisor's state.
  func settle() {
    for hypervisor in hypervisors.keys {
      let hidden = machines.filter { $0.value.hypervisor == hypervisor && $0.value.isHidden }.keys.sorted()
      let isOnline = state(hypervisor) == "ONLINE"
      for (number, arn) in hidden.filter({ machines[$0]?.countdown == nil || !isOnline }).enumerated() {
        machines[arn]?.countdown = isOnline ? 2 + Int64(number / 5) : nil
      }
    }
  }

  // MARK: What follows

  func state(_ arn: String) -> String {
    guard let hypervisor = hypervisors[arn],
      gateways.values.contains(where: { $0.hypervisor == arn && $0.isOn })
    else { return "PENDING" }
    let host = hosts[hypervisor.host.lowercased()] ?? Host()
    if !host.isReachable { return "OFFLINE" }
    return accepts(host, [hypervisor.username, hypervisor.password]) ? "ONLINE" : "ERROR"
  }

  func accepts(_ host: Host, _ login: [String?]) -> Bool { host.login == nil || host.login == login }

  private func finishSync(_ arn: String) {
    hypervisors[arn]?.syncAge = nil
    let reasons = [
      "PENDING": "No active gateway is associated with the hypervisor.",
      "OFFLINE": "The gateway cannot reach the hypervisor.",
      "ERROR": "The hypervisor does not accept the credentials.",
    ]
    if let reason = reasons[state(arn)] {
      hypervisors[arn]?.outcome = ("FAILED", reason)
      return
    }
    var (good, bad) = (0, 0)
    for (machine, record) in machines where record.hypervisor == arn && !record.isHidden {
      machines[machine]?.knownTags = record.vcenterTags
      var mapped: [String: String] = [:]
      for mapping in hypervisors[arn]?.mappings ?? [] {
        let wanted = [mapping["VmwareCategory"]?.string ?? "", mapping["VmwareTagName"]?.string ?? ""]
        if record.vcenterTags.contains(wanted) {
          mapped[mapping["AwsTagKey"]?.string ?? ""] = mapping["AwsTagValue"]?.string
        }
      }
      var result = (tags[machine] ?? [:]).filter { !$0.value.isMapped }
      for (key, value) in mapped { result[key] = (value, true) }
      if result.count > 50 {
        bad += 1
      } else {
        good += 1
        tags[machine] = result
      }
    }
    let failure =
      "\(bad) of \(good + bad) virtual machines would have more than 50 tags and keep those they have."
    switch (good, bad) {
    case (_, 0):
      hypervisors[arn]?.outcome = ("SUCCEEDED", "Virtual machines in sync: \(good).")
      hypervisors[arn]?.lastSync = now
    case (0, _): hypervisors[arn]?.outcome = ("FAILED", failure)
    default: hypervisors[arn]?.outcome = ("PARTIALLY_FAILED", failure)
    }
  }

  // MARK: What answers show

  func gateway(_ arn: String, full: Bool) -> Value {
    guard let gateway = gateways[arn] else { return .null }
    let seen = gateway.isOn ? now - (now - gateway.heard) % 30 : gateway.heard
    var members: Value.Object = [
      "GatewayArn": .string(arn), "GatewayDisplayName": .string(gateway.name), "GatewayType": "BACKUP_VM",
      "LastSeenTime": .integer(seen),
    ]
    members["HypervisorId"] = gateway.hypervisor.map { .string(id($0)) }
    guard full else { return .object(members) }
    members["MaintenanceStartTime"] = gateway.maintenance
    members["SoftwareVersion"] = .string("2.0.\(gateway.lastNumber)")
    members["NextUpdateAvailabilityTime"] = .integer(gateway.nextUpdate)
    return .object(members)
  }

  func hypervisor(_ arn: String, full: Bool) -> Value {
    guard let hypervisor = hypervisors[arn] else { return .null }
    var members: Value.Object = [
      "HypervisorArn": .string(arn), "Host": .string(hypervisor.host), "Name": .string(hypervisor.name),
      "State": .string(state(arn)),
    ]
    guard full else { return .object(members) }
    members["LogGroupArn"] = hypervisor.logGroup.map(Value.string)
    members["LastSuccessfulMetadataSyncTime"] = hypervisor.lastSync.map(Value.integer)
    let sync =
      hypervisor.syncAge.map { age in
        age < 1
          ? ("CREATED", "The metadata sync was requested.") : ("RUNNING", "The metadata sync is under way.")
      } ?? hypervisor.outcome
    members["LatestMetadataSyncStatus"] = sync.map { .string($0.0) }
    members["LatestMetadataSyncStatusMessage"] = sync.map { .string($0.1) }
    return .object(members)
  }

  func machine(_ arn: String, full: Bool) -> Value {
    guard let machine = machines[arn], !machine.isHidden else { return .null }
    var members: Value.Object = [
      "ResourceArn": .string(arn), "Name": .string(machine.name), "Path": .string(machine.path),
      "HypervisorId": .string(id(machine.hypervisor)),
    ]
    members["LastBackupDate"] = machine.backup.map(Value.integer)
    if full, !machine.knownTags.isEmpty {
      members["VmwareTags"] = .array(
        machine.knownTags.map { ["VmwareCategory": .string($0[0]), "VmwareTagName": .string($0[1])] })
    }
    return .object(members)
  }

  func tagList(_ arn: String) -> Value {
    var list = (tags[arn] ?? [:]).map { (key: $0.key, value: $0.value.value) }.sorted { $0.key < $1.key }
    if let machine = machines[arn] {
      list.insert((key: "aws:backup-gateway:path", value: machine.pathWhenFound), at: 0)
    }
    return .array(list.map { ["Key": .string($0.key), "Value": .string($0.value)] })
  }

  func listed(_ member: String, of hypervisor: String? = nil) -> [Value] {
    switch member {
    case "Gateways": gateways.keys.sorted().map { gateway($0, full: false) }
    case "Hypervisors": hypervisors.keys.sorted().map { self.hypervisor($0, full: false) }
    default:
      machines.filter { !$0.value.isHidden && (hypervisor == nil || $0.value.hypervisor == hypervisor) }.keys
        .sorted()
        .map { machine($0, full: false) }
    }
  }

  /// True for what exists and was found.
  func exists(_ arn: String) -> Bool {
    gateways[arn] != nil || hypervisors[arn] != nil || machines[arn]?.isHidden == false
  }

  private func id(_ arn: String) -> String { String(arn.split(separator: "/").last ?? "") }
}
