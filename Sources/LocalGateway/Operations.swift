// Operations: what the local gateway does, by AWS's name. A request that gets here is signed, decoded and
// within the model's constraints. Adding an operation is adding a function and its row.
import AWSCore
import BackupGateway

/// One call of an operation.
struct Call {
  let operation: BackupGateway.Operation
  let input: Value
  /// The account and region of the signature.
  let world: World
  let now: Timestamp
  let store: Store
  let pageToken: PageToken
}

enum Operations {
  /// Returns the members of the answer. Throws a Fault, or a DatabaseError that becomes
  /// InternalServerException.
  typealias Body = @Sendable (Call) throws -> Value.Object

  static let served: [String: Body] = [
    "GetGateway": getGateway,
    "GetVirtualMachine": getVirtualMachine,
    "ListGateways": listGateways,
    "ListHypervisors": listHypervisors,
    "ListVirtualMachines": listVirtualMachines,
  ]

  private static func getGateway(_ call: Call) throws -> Value.Object {
    let arn = try call.arn("GatewayArn", of: .gateway)
    guard Rules.sees(call.world, arn), let gateway = try call.store.gateway(arn.description) else {
      throw Fault.notFound(.gateway, arn.description)
    }
    return ["Gateway": .object(gateway.details(at: call.now))]
  }

  private static func getVirtualMachine(_ call: Call) throws -> Value.Object {
    let arn = try call.arn("ResourceArn", of: .virtualMachine)
    guard Rules.sees(call.world, arn), let machine = try call.store.virtualMachine(arn.description) else {
      throw Fault.notFound(.virtualMachine, arn.description)
    }
    return ["VirtualMachine": .object(machine.details(at: call.now))]
  }

  private static func listGateways(_ call: Call) throws -> Value.Object {
    try call.page("Gateways") { try call.store.gateways(of: call.world, after: $0, limit: $1) }
  }

  private static func listHypervisors(_ call: Call) throws -> Value.Object {
    try call.page("Hypervisors") { try call.store.hypervisors(of: call.world, after: $0, limit: $1) }
  }

  private static func listVirtualMachines(_ call: Call) throws -> Value.Object {
    guard call.input["HypervisorArn"] != nil else {
      return try call.page("VirtualMachines") {
        try call.store.virtualMachines(of: call.world, hypervisorID: nil, after: $0, limit: $1)
      }
    }
    let arn = try call.arn("HypervisorArn", of: .hypervisor)
    return try call.page("VirtualMachines", filter: arn.description) {
      (after, limit) -> [VirtualMachineRecord] in
      guard Rules.sees(call.world, arn), let hypervisor = try call.store.hypervisor(arn.description) else {
        return try Rules.virtualMachines(ofUnknown: arn)
      }
      return try call.store.virtualMachines(
        of: call.world, hypervisorID: hypervisor.id, after: after, limit: limit)
    }
  }
}

extension Call {
  /// The ARN in a member, of the kind that belongs there.
  fileprivate func arn(_ member: String, of kind: ResourceKind) throws(Fault) -> Arn {
    let text = input[member]?.string ?? ""
    guard let arn = Arn(text), arn.kind == kind else {
      throw Rules.wrongKind(member, text, wanted: kind)
    }
    return arn
  }

  /// One page of a listing. `fetch` returns up to a number of records that come after an ARN; one more than
  /// the page is asked for, to know whether another page follows.
  fileprivate func page<Item: Record>(
    _ member: String, filter: String = "", fetch: (_ after: String?, _ limit: Int) throws -> [Item]
  ) throws -> Value.Object {
    let scope = Rules.tokenScope(operation: operation.name, world: world, filter: filter)
    let after: String? =
      if let token = input["NextToken"]?.string { try pageToken.arn(token, scope: scope) } else { nil }
    let size = Rules.pageSize(input["MaxResults"]?.integer)
    var records = try fetch(after, size + 1)
    let isLast = records.count <= size
    if !isLast { records.removeLast() }
    var output: Value.Object = [member: .array(records.map { .object($0.summary(at: now)) })]
    if !isLast, let last = records.last {
      output["NextToken"] = .string(pageToken.text(after: last.arn, scope: scope))
    }
    return output
  }
}
