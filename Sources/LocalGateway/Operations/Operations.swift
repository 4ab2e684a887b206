// Operations: what the local gateway does, by AWS's name. A request that gets here is signed, decoded and
// within the model's constraints. What each operation does is filed by resource in the files beside this one.
import AWSCore
import BackupGateway

/// One call of an operation.
struct Call {
  let operation: BackupGateway.Operation
  let input: Value
  /// The account and region of the signature.
  let world: World
  /// The time of the server's clock.
  let now: Timestamp
  let store: Store
  let pageToken: PageToken
  /// Where what reads may write rows, instead of answering with them.
  let page: JSONPage?
}

enum Operations {
  /// Returns the members of the answer. Throws a Fault, or a DatabaseError that becomes
  /// InternalServerException.
  typealias Body = @Sendable (Call) throws -> Value.Object

  /// Every operation, each in a transaction of its own if it writes, and with ARNs of kinds that belong there.
  static let served: [String: Body] = rows.reduce(into: [:]) { served, row in
    let (name, body) = row
    let isReading = Service.operation(name)?.isReading ?? false
    served[name] = { call in
      try call.checkArns()
      return try isReading
        ? call.store.reading(at: call.now) { try body(call) }
        : call.store.writing(at: call.now) { try body(call) }
    }
  }

  private static let rows: [(name: String, body: Body)] = [
    // Gateways
    ("AssociateGatewayToServer", associateGatewayToServer),
    ("CreateGateway", createGateway),
    ("DeleteGateway", deleteGateway),
    ("DisassociateGatewayFromServer", disassociateGatewayFromServer),
    ("GetBandwidthRateLimitSchedule", getBandwidthRateLimitSchedule),
    ("GetGateway", getGateway),
    ("ListGateways", listGateways),
    ("PutBandwidthRateLimitSchedule", putBandwidthRateLimitSchedule),
    ("PutMaintenanceStartTime", putMaintenanceStartTime),
    ("UpdateGatewayInformation", updateGatewayInformation),
    ("UpdateGatewaySoftwareNow", updateGatewaySoftwareNow),
    // Hypervisors
    ("DeleteHypervisor", deleteHypervisor),
    ("GetHypervisor", getHypervisor),
    ("GetHypervisorPropertyMappings", getHypervisorPropertyMappings),
    ("ImportHypervisorConfiguration", importHypervisorConfiguration),
    ("ListHypervisors", listHypervisors),
    ("PutHypervisorPropertyMappings", putHypervisorPropertyMappings),
    ("StartVirtualMachinesMetadataSync", startVirtualMachinesMetadataSync),
    ("TestHypervisorConfiguration", testHypervisorConfiguration),
    ("UpdateHypervisor", updateHypervisor),
    // Virtual machines
    ("GetVirtualMachine", getVirtualMachine),
    ("ListVirtualMachines", listVirtualMachines),
    // Tags of all three
    ("ListTagsForResource", listTagsForResource),
    ("TagResource", tagResource),
    ("UntagResource", untagResource),
  ]
}

// MARK: What operations read from a call

extension Call {
  /// The text in a member.
  func text(_ member: String) -> String? { input[member]?.string }

  /// What a request asks for is looked up only when all its ARNs are of kinds that the model has there.
  fileprivate func checkArns() throws(Fault) {
    for member in operation.input.members where !member.shape.resources.isEmpty {
      if let text = text(member.name) { _ = try arn(text, of: member.shape.resources, in: member.name) }
    }
  }

  /// The ARN in a member, of a kind that the model has there.
  func arn(_ member: String) throws(Fault) -> Arn {
    try arn(text(member) ?? "", of: operation.input.member(member)?.shape.resources ?? [], in: member)
  }

  private func arn(_ text: String, of kinds: [ResourceKind], in member: String) throws(Fault) -> Arn {
    guard let arn = Arn(text), kinds.contains(arn.kind) else {
      throw Rules.wrongKind(member, text, wanted: kinds)
    }
    return arn
  }

  func gateway(_ member: String = "GatewayArn") throws -> GatewayRecord {
    try resource(member) { try store.gateway($0) }
  }

  func hypervisor(_ member: String = "HypervisorArn") throws -> HypervisorRecord {
    try resource(member) { try store.hypervisor($0) }
  }

  /// The resource that a member names. Throws what the operation declares for one that does not exist.
  func resource<Item>(_ member: String, _ find: (String) throws -> Item?) throws -> Item {
    let arn = try arn(member)
    // An ARN is written as it was read.
    guard Rules.sees(world, arn), let text = text(member), let item = try find(text) else {
      throw Rules.missing(arn, in: operation)
    }
    return item
  }

  /// The members of an answer that shows a row; none when it is written where that is asked for.
  func member(_ name: String, _ row: Statement, _ columns: [ListedColumn]) -> Value.Object {
    guard let page else { return [name: .object(Value.Object(row, columns))] }
    page.write(name, row, columns)
    return [:]
  }

  /// The tags in `Tags`, checked.
  func tags() throws(Fault) -> [Tag] {
    let tags = (input["Tags"]?.array ?? []).map {
      Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "")
    }
    try Rules.check(tags)
    return tags
  }

  /// The ARN of a new resource, which no other has.
  func newArn(_ kind: ResourceKind, isTaken: (String) throws -> Bool) rethrows -> String {
    while true {
      let arn = world.arn(kind, Rules.newID(kind))
      if try !isTaken(arn) { return arn }
    }
  }

  /// One page of a listing. `fetch` returns up to a number of records that come after an ARN; one more than
  /// the page is asked for, to know whether another page follows.
  func page<Item: Record>(
    _ member: String, fetch: (_ after: String?, _ limit: Int) throws -> [Item]
  ) throws -> Value.Object {
    try page { after, size in
      var records = try fetch(after, size + 1)
      let isLast = records.count <= size
      if !isLast { records.removeLast() }
      let list = Value.array(records.map { .object($0.summary(at: now)) })
      return ([member: list], isLast ? nil : records.last?.arn)
    }
  }

  /// The same of rows that show what their columns have, the ARN first.
  func page(
    _ member: String, of columns: [ListedColumn], filter: String,
    forEachRow: (_ after: String?, _ limit: Int, _ body: (Statement) -> Void) throws -> Void
  ) throws -> Value.Object {
    try page(filter: filter) { after, size in
      var (count, last): (Int, String?) = (0, nil)
      var list: [Value] = []
      page?.begin(member)
      try forEachRow(after, size + 1) { row in
        count += 1
        // The row beyond the page only tells that there is another one.
        guard count <= size else { return }
        if let page { page.add(row, columns) } else { list.append(.object(Value.Object(row, columns))) }
        if count == size { last = row.text(0) }
      }
      return (page == nil ? [member: .array(list)] : [:], count > size ? last : nil)
    }
  }

  /// - Parameter read: returns the members for up to `size` records after an ARN, and the last ARN of them if there are
  ///   more.
  private func page(
    filter: String = "", read: (_ after: String?, _ size: Int) throws -> (Value.Object, last: String?)
  ) throws -> Value.Object {
    let scope = Rules.tokenScope(operation: operation.name, world: world, filter: filter)
    let after: String? =
      if let token = text("NextToken") { try pageToken.arn(token, scope: scope) } else { nil }
    var (output, last) = try read(after, Rules.pageSize(input["MaxResults"]?.integer))
    if let last { output["NextToken"] = .string(pageToken.text(after: last, scope: scope)) }
    return output
  }
}
