// Reference+Operations: what each operation should answer, and what it changes. Requests are within the model's
// constraints.
import AWSCore

extension Reference {
  func perform(_ operation: String, _ input: Value) -> Expectation {
    defer { settle() }
    switch operation {
    case "CreateGateway", "ImportHypervisorConfiguration": return create(operation, input)
    case "AssociateGatewayToServer": return associate(input)
    case "ListTagsForResource", "TagResource", "UntagResource": return tagging(operation, input)
    case "GetVirtualMachine":
      let arn = input["ResourceArn"]?.string ?? ""
      guard kind(arn) == "vm" else { return .error("ValidationException") }
      guard exists(arn) else { return .error("ResourceNotFoundException") }
      return .body(["VirtualMachine": machine(arn, full: true)])
    default:
      let onHypervisor = input["HypervisorArn"]?.string
      let arn = onHypervisor ?? input["GatewayArn"]?.string ?? ""
      guard kind(arn) == (onHypervisor == nil ? "gateway" : "hypervisor") else {
        return .error("ValidationException")
      }
      if let problem = mistake(operation, input) { return .error(problem) }
      guard exists(arn) else { return .error("ResourceNotFoundException") }
      return onHypervisor == nil ? ofGateway(operation, arn, input) : ofHypervisor(operation, arn, input)
    }
  }

  /// Gives what was created the ARN that it got.
  func created(_ operation: String, _ arn: String, _ input: Value) {
    for tag in input["Tags"]?.array ?? [] { set(tag, of: arn) }
    if operation == "CreateGateway" {
      if let key = input["ActivationKey"]?.string, keys[key] != nil { keys[key]?.isUsed = true }
      gateways[arn] = Gateway(
        name: input["GatewayDisplayName"]?.string ?? "", heard: now, nextUpdate: now + 30 * 86_400)
    } else {
      hypervisors[arn] = Hypervisor(
        name: input["Name"]?.string ?? "", host: input["Host"]?.string ?? "",
        username: input["Username"]?.string, password: input["Password"]?.string)
    }
    settle()
  }

  private func kind(_ arn: String) -> String {
    String(arn.split(separator: ":").last?.split(separator: "/").first ?? "")
  }

  /// What is wrong with a request by itself, beyond the model.
  private func mistake(_ operation: String, _ input: Value) -> String? {
    switch operation {
    case "PutMaintenanceStartTime":
      return (input["DayOfWeek"] == nil) == (input["DayOfMonth"] == nil) ? "ValidationException" : nil
    case "PutBandwidthRateLimitSchedule":
      var minutes: Set<[Int64]> = []
      for interval in input["BandwidthRateLimitIntervals"]?.array ?? [] {
        func minute(_ name: String) -> Int64 {
          (interval["\(name)HourOfDay"]?.integer ?? 0) * 60 + (interval["\(name)MinuteOfHour"]?.integer ?? 0)
        }
        guard minute("Start") <= minute("End") else { return "ValidationException" }
        // Minute by minute, day by day.
        for day in Set(interval["DaysOfWeek"]?.array?.compactMap(\.integer) ?? []) {
          for minute in minute("Start")...minute("End") where !minutes.insert([day, minute]).inserted {
            return "ValidationException"
          }
        }
      }
      return nil
    case "PutHypervisorPropertyMappings":
      let mappings = input["VmwareToAwsTagMappings"]?.array ?? []
      if mappings.count > 10 { return "ValidationException" }
      if mappings.contains(where: { $0["AwsTagKey"]?.string?.hasPrefix("aws:") == true }) {
        return "ValidationException"
      }
      return input["IamRoleArn"]?.string?.contains("::123456789012:") == true ? nil : "AccessDeniedException"
    default: return nil
    }
  }

  private func areGood(_ tags: [Value]) -> Bool {
    let keys = tags.compactMap { $0["Key"]?.string }
    return keys.count <= 50 && Set(keys).count == keys.count && !keys.contains { $0.hasPrefix("aws:") }
  }

  private func set(_ tag: Value, of arn: String) {
    tags[arn, default: [:]][tag["Key"]?.string ?? ""] = (tag["Value"]?.string ?? "", false)
  }

  private func create(_ operation: String, _ input: Value) -> Expectation {
    guard areGood(input["Tags"]?.array ?? []) else { return .error("ValidationException") }
    if operation == "CreateGateway" {
      if let key = keys[input["ActivationKey"]?.string ?? ""] {
        guard !key.isUsed, now - key.issued < 1_800 else { return .error("ValidationException") }
      } else if wantsIssuedKeys {
        return .error("ValidationException")
      }
      return .newArn("GatewayArn")
    }
    return hypervisors.count < 10 ? .newArn("HypervisorArn") : .error("ConflictException")
  }

  private func associate(_ input: Value) -> Expectation {
    let gateway = input["GatewayArn"]?.string ?? ""
    let server = input["ServerArn"]?.string ?? ""
    guard gateways[gateway] != nil, hypervisors[server] != nil else { return .error("ValidationException") }
    guard gateways[gateway]?.hypervisor == nil else { return .error("ConflictException") }
    gateways[gateway]?.hypervisor = server
    return .body(["GatewayArn": .string(gateway)])
  }

  private func tagging(_ operation: String, _ input: Value) -> Expectation {
    let arn = (input["ResourceArn"] ?? input["ResourceARN"])?.string ?? ""
    let new = input["Tags"]?.array ?? []
    let gone = input["TagKeys"]?.array?.compactMap(\.string) ?? []
    guard areGood(new), !gone.contains(where: { $0.hasPrefix("aws:") }), kind(arn) != "teapot" else {
      return .error("ValidationException")
    }
    guard exists(arn) else { return .error("ResourceNotFoundException") }
    if operation == "ListTagsForResource" {
      return .body(["ResourceArn": .string(arn), "Tags": tagList(arn)])
    }
    let before = tags[arn]
    for tag in new { set(tag, of: arn) }
    for key in gone { tags[arn]?[key] = nil }
    if operation == "TagResource", (tags[arn] ?? [:]).count > 50 {
      tags[arn] = before
      return .error("ValidationException")
    }
    return .body(["ResourceARN": .string(arn)])
  }

  private func ofGateway(_ operation: String, _ arn: String, _ input: Value) -> Expectation {
    switch operation {
    case "GetGateway": return .body(["Gateway": gateway(arn, full: true)])
    case "GetBandwidthRateLimitSchedule":
      let intervals = gateways[arn]?.intervals ?? []
      return .body(["GatewayArn": .string(arn), "BandwidthRateLimitIntervals": .array(intervals)])
    case "TestHypervisorConfiguration":
      let host = hosts[input["Host"]?.string?.lowercased() ?? ""] ?? Host()
      let works =
        gateways[arn]?.isOn == true && host.isReachable
        && accepts(host, [input["Username"]?.string, input["Password"]?.string])
      return works ? .body([:]) : .error("ConflictException")
    case "DisassociateGatewayFromServer":
      guard gateways[arn]?.hypervisor != nil else { return .error("ConflictException") }
      gateways[arn]?.hypervisor = nil
    case "DeleteGateway": (gateways[arn], tags[arn]) = (nil, nil)
    case "UpdateGatewayInformation":
      if let name = input["GatewayDisplayName"]?.string { gateways[arn]?.name = name }
    case "UpdateGatewaySoftwareNow":
      if let gateway = gateways[arn], gateway.updating == nil, gateway.nextUpdate <= now {
        gateways[arn]?.updating = 10
      }
    case "PutBandwidthRateLimitSchedule":
      gateways[arn]?.intervals = input["BandwidthRateLimitIntervals"]?.array ?? []
    case "PutMaintenanceStartTime":
      var maintenance = input.object ?? [:]
      maintenance["GatewayArn"] = nil
      gateways[arn]?.maintenance = .object(maintenance)
    default: return .error("no such operation in the reference: \(operation)")
    }
    return .body(["GatewayArn": .string(arn)])
  }

  private func ofHypervisor(_ operation: String, _ arn: String, _ input: Value) -> Expectation {
    switch operation {
    case "GetHypervisor": return .body(["Hypervisor": hypervisor(arn, full: true)])
    case "GetHypervisorPropertyMappings":
      var body: Value.Object = [
        "HypervisorArn": .string(arn), "VmwareToAwsTagMappings": .array(hypervisors[arn]?.mappings ?? []),
      ]
      body["IamRoleArn"] = hypervisors[arn]?.role.map(Value.string)
      return .body(.object(body))
    case "UpdateHypervisor":
      guard var hypervisor = hypervisors[arn] else { break }
      hypervisor.name = input["Name"]?.string ?? hypervisor.name
      hypervisor.host = input["Host"]?.string ?? hypervisor.host
      hypervisor.username = input["Username"]?.string ?? hypervisor.username
      hypervisor.password = input["Password"]?.string ?? hypervisor.password
      if let group = input["LogGroupArn"]?.string { hypervisor.logGroup = group.isEmpty ? nil : group }
      hypervisors[arn] = hypervisor
    case "DeleteHypervisor":
      if gateways.values.contains(where: { $0.hypervisor == arn }) { return .error("ConflictException") }
      for machine in machines.keys where machines[machine]?.hypervisor == arn {
        (machines[machine], tags[machine]) = (nil, nil)
      }
      (hypervisors[arn], tags[arn]) = (nil, nil)
    case "PutHypervisorPropertyMappings":
      hypervisors[arn]?.mappings = input["VmwareToAwsTagMappings"]?.array ?? []
      hypervisors[arn]?.role = input["IamRoleArn"]?.string
    case "StartVirtualMachinesMetadataSync":
      if hypervisors[arn]?.syncAge == nil { hypervisors[arn]?.syncAge = 0 }
    default: return .error("no such operation in the reference: \(operation)")
    }
    return .body(["HypervisorArn": .string(arn)])
  }
}
