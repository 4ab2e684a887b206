// GatewayOperations: gateways, the hypervisor they look after, their maintenance and their bandwidth.
import AWSCore
import BackupGateway

extension Operations {
  @Sendable static func createGateway(_ call: Call) throws -> Value.Object {
    let tags = try call.tags()
    let key = call.text("ActivationKey") ?? ""
    if var issued = try call.store.activationKey(key) {
      try Rules.check(issued, region: call.world.region, at: call.now)
      issued.isUsed = true
      try call.store.save(issued)
    } else if try call.store.wantsIssuedKeys() {
      throw Rules.unknownActivationKey
    }
    let arn = try call.newArn(.gateway) { try call.store.gateway($0) != nil }
    try call.store.save(
      Rules.newGateway(arn, name: call.text("GatewayDisplayName") ?? "", at: call.now))
    for tag in tags { try call.store.save(tag, of: arn) }
    return ["GatewayArn": .string(arn)]
  }

  @Sendable static func getGateway(_ call: Call) throws -> Value.Object {
    ["Gateway": .object(try call.gateway().details(at: call.now))]
  }

  @Sendable static func listGateways(_ call: Call) throws -> Value.Object {
    try call.page("Gateways") { try call.store.gateways(of: call.world, after: $0, limit: $1) }
  }

  @Sendable static func updateGatewayInformation(_ call: Call) throws -> Value.Object {
    try change(call) { gateway in
      gateway.name = call.text("GatewayDisplayName") ?? gateway.name
    }
  }

  /// A hypervisor that it looked after stays, as PENDING if this was its last live gateway.
  @Sendable static func deleteGateway(_ call: Call) throws -> Value.Object {
    let gateway = try call.gateway()
    try call.store.delete(gateway)
    return ["GatewayArn": .string(gateway.arn)]
  }

  @Sendable static func updateGatewaySoftwareNow(_ call: Call) throws -> Value.Object {
    try change(call) { gateway in
      gateway.software = Rules.software(of: gateway, at: call.now)
      gateway.updateStarted = Rules.updateStart(of: gateway, at: call.now)
    }
  }

  // MARK: Association

  @Sendable static func associateGatewayToServer(_ call: Call) throws -> Value.Object {
    var gateway = try call.gateway()
    let hypervisor = try call.hypervisor("ServerArn")
    if let other = gateway.hypervisorID {
      throw Fault.conflict(
        "The gateway \(gateway.arn) is associated with the hypervisor \(other) already. Disassociate it first."
      )
    }
    gateway.hypervisorID = hypervisor.id
    try call.store.save(gateway)
    return ["GatewayArn": .string(gateway.arn)]
  }

  @Sendable static func disassociateGatewayFromServer(_ call: Call) throws -> Value.Object {
    var gateway = try call.gateway()
    guard gateway.hypervisorID != nil else {
      throw Fault.conflict("The gateway \(gateway.arn) is not associated with a hypervisor.")
    }
    gateway.hypervisorID = nil
    try call.store.save(gateway)
    return ["GatewayArn": .string(gateway.arn)]
  }

  // MARK: Schedules

  @Sendable static func putMaintenanceStartTime(_ call: Call) throws -> Value.Object {
    let maintenance = GatewayRecord.Maintenance(
      hour: call.input["HourOfDay"]?.integer ?? 0, minute: call.input["MinuteOfHour"]?.integer ?? 0,
      dayOfWeek: call.input["DayOfWeek"]?.integer, dayOfMonth: call.input["DayOfMonth"]?.integer)
    try Rules.check(maintenance)
    return try change(call) { $0.maintenance = maintenance }
  }

  @Sendable static func getBandwidthRateLimitSchedule(_ call: Call) throws -> Value.Object {
    let gateway = try call.gateway()
    return ["GatewayArn": .string(gateway.arn), "BandwidthRateLimitIntervals": .array(gateway.bandwidth)]
  }

  @Sendable static func putBandwidthRateLimitSchedule(_ call: Call) throws -> Value.Object {
    let intervals = call.input["BandwidthRateLimitIntervals"]?.array ?? []
    try Rules.checkSchedule(intervals)
    return try change(call) { $0.bandwidth = intervals }
  }

  /// Changes the gateway that a call names, and answers with its ARN.
  private static func change(_ call: Call, _ apply: (inout GatewayRecord) -> Void) throws -> Value.Object {
    var gateway = try call.gateway()
    apply(&gateway)
    try call.store.save(gateway)
    return ["GatewayArn": .string(gateway.arn)]
  }
}
