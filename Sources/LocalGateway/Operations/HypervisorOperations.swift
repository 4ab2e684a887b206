// HypervisorOperations: hypervisors, the credentials that gateways use, tag mappings and metadata syncs.
import AWSCore
import BackupGateway

extension Operations {
  @Sendable static func importHypervisorConfiguration(_ call: Call) throws -> Value.Object {
    let tags = try call.tags()
    let store = call.store
    guard try store.hypervisorCount(of: call.world) < Rules.hypervisorQuota else { throw Rules.quotaExceeded }
    let arn = try call.newArn(.hypervisor) { arn in
      // The id stands for the hypervisor in every world of the store.
      try Arn(arn).map { try store.hypervisor(id: $0.id) != nil } ?? true
    }
    var hypervisor = HypervisorRecord(
      arn: arn, id: Arn(arn)?.id ?? "", name: call.text("Name") ?? "", host: call.text("Host") ?? "",
      kmsKeyArn: call.text("KmsKeyArn"))
    hypervisor.sealedLogin = try login(call)?.sealed(for: arn, store.vault)
    try store.save(hypervisor)
    for tag in tags { try store.save(tag, of: arn) }
    for machine in try SampleFleet.machines(ofNew: hypervisor, in: call.world, store) {
      try store.saveUndiscovered(machine)
    }
    return ["HypervisorArn": .string(arn)]
  }

  @Sendable static func getHypervisor(_ call: Call) throws -> Value.Object {
    ["Hypervisor": .object(try call.hypervisor().details(at: call.now))]
  }

  @Sendable static func listHypervisors(_ call: Call) throws -> Value.Object {
    try call.page("Hypervisors") { try call.store.hypervisors(of: call.world, after: $0, limit: $1) }
  }

  /// What is not given stays as it is.
  @Sendable static func updateHypervisor(_ call: Call) throws -> Value.Object {
    try change(call) { hypervisor in
      hypervisor.name = call.text("Name") ?? hypervisor.name
      hypervisor.host = call.text("Host") ?? hypervisor.host
      if let group = call.text("LogGroupArn") { hypervisor.logGroupArn = Rules.logGroup(group) }
      if let new = login(call) {
        let vault = call.store.vault
        let old = Login(hypervisor.sealedLogin, for: hypervisor.arn, vault)
        let login = Login(username: new.username ?? old?.username, password: new.password ?? old?.password)
        hypervisor.sealedLogin = try login.sealed(for: hypervisor.arn, vault)
      }
    }
  }

  @Sendable static func deleteHypervisor(_ call: Call) throws -> Value.Object {
    let hypervisor = try call.hypervisor()
    if try call.store.hasGateways(hypervisor) {
      throw Fault.conflict(
        "Gateways are associated with the hypervisor \(hypervisor.arn). Disassociate them first.")
    }
    try call.store.delete(hypervisor)
    return ["HypervisorArn": .string(hypervisor.arn)]
  }

  @Sendable static func testHypervisorConfiguration(_ call: Call) throws -> Value.Object {
    let gateway = try call.gateway()
    let host = call.text("Host") ?? ""
    let vcenter = try call.store.vcenter(host, in: call.world)
    if !gateway.isLive { throw Rules.testFailed("the gateway \(gateway.arn) is not connected") }
    if !vcenter.isReachable { throw Rules.testFailed("the gateway cannot reach \(quoted(host))") }
    if !vcenter.accepts(login(call), call.store.vault) {
      throw Rules.testFailed("\(quoted(host)) does not accept the credentials")
    }
    return [:]
  }

  // MARK: Tag mappings

  @Sendable static func getHypervisorPropertyMappings(_ call: Call) throws -> Value.Object {
    let hypervisor = try call.hypervisor()
    var members: Value.Object = [
      "HypervisorArn": .string(hypervisor.arn), "VmwareToAwsTagMappings": .array(hypervisor.mappings),
    ]
    members["IamRoleArn"] = hypervisor.mappingRole.map(Value.string)
    return members
  }

  @Sendable static func putHypervisorPropertyMappings(_ call: Call) throws -> Value.Object {
    let mappings = call.input["VmwareToAwsTagMappings"]?.array ?? []
    let role = call.text("IamRoleArn") ?? ""
    try Rules.checkMappings(mappings)
    try Rules.checkRole(role, in: call.world)
    return try change(call) { hypervisor in
      hypervisor.mappings = mappings
      hypervisor.mappingRole = role
    }
  }

  /// One that is under way goes on: the operation declares no error for a second.
  @Sendable static func startVirtualMachinesMetadataSync(_ call: Call) throws -> Value.Object {
    try change(call) { hypervisor in
      if let sync = hypervisor.latestSync, sync.outcome == nil { return }
      hypervisor.latestSync = MetadataSync(started: call.now)
    }
  }

  // MARK: Helpers

  /// The credentials in a call; nil when it has none.
  private static func login(_ call: Call) -> Login? {
    let login = Login(username: call.text("Username"), password: call.text("Password"))
    return login.username == nil && login.password == nil ? nil : login
  }

  /// Changes the hypervisor that a call names, and answers with its ARN.
  private static func change(_ call: Call, _ apply: (inout HypervisorRecord) throws -> Void) throws
    -> Value.Object
  {
    var hypervisor = try call.hypervisor()
    try apply(&hypervisor)
    try call.store.save(hypervisor)
    return ["HypervisorArn": .string(hypervisor.arn)]
  }
}
