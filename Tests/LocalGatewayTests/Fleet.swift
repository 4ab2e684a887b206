// Fleet: what tests of operations make and ask for, in a word.
import AWSCore
import BackupGateway
import Testing

@testable import LocalGateway

extension TestWorld {
  /// The world of the built-in key in us-east-1.
  static let home = World(account: LocalGateway.account, region: "us-east-1")

  /// A world with nothing in it.
  static func empty() throws -> TestWorld { try TestWorld(seed: .empty) }

  var lab: Lab { Lab(store, Self.home, responder.clock) }

  /// The answer to a call that must succeed.
  @discardableResult func done(
    _ operation: String, _ input: Value = .object([:]), at location: SourceLocation = #_sourceLocation
  ) throws -> Value {
    let answer = try call(operation, input)
    try #require(answer.status == 200, "\(operation): \(answer.body)", sourceLocation: location)
    return answer.body
  }

  /// Expects a call to be refused with an error of the service, which its operation declares.
  /// - Returns: the message.
  @discardableResult func refused(
    _ operation: String, _ input: Value, _ name: String, at location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let answer = try call(operation, input)
    #expect(answer.error == serviceError(name), "\(operation): \(answer.body)", sourceLocation: location)
    #expect(answer.status == 400, sourceLocation: location)
    #expect(!answer.message.isEmpty, sourceLocation: location)
    let declared = try #require(Service.operation(operation)).errors + Service.commonErrors
    #expect(declared.contains(name), "\(operation) does not declare \(name)", sourceLocation: location)
    return answer.message
  }

  // MARK: Gateways

  func newGateway(_ name: String = "gw", tags: [Value] = []) throws -> String {
    let answer = try done(
      "CreateGateway",
      [
        "ActivationKey": "AAAAA-BBBBB", "GatewayDisplayName": .string(name), "GatewayType": "BACKUP_VM",
        "Tags": .array(tags),
      ])
    return try #require(answer["GatewayArn"]?.string)
  }

  func gateway(_ arn: String) throws -> Value {
    try #require(try done("GetGateway", ["GatewayArn": .string(arn)])["Gateway"])
  }

  // MARK: Hypervisors

  func newHypervisor(_ name: String = "hv", host: String = "vcenter.example.com", login: Login? = nil) throws
    -> String
  {
    var input: Value.Object = ["Name": .string(name), "Host": .string(host)]
    input["Username"] = login?.username.map(Value.string)
    input["Password"] = login?.password.map(Value.string)
    return try #require(try done("ImportHypervisorConfiguration", .object(input))["HypervisorArn"]?.string)
  }

  func hypervisor(_ arn: String) throws -> Value {
    try #require(try done("GetHypervisor", ["HypervisorArn": .string(arn)])["Hypervisor"])
  }

  func state(_ hypervisor: String) throws -> String? { try self.hypervisor(hypervisor)["State"]?.string }

  func associate(_ gateway: String, _ hypervisor: String) throws {
    try done("AssociateGatewayToServer", ["GatewayArn": .string(gateway), "ServerArn": .string(hypervisor)])
  }

  /// A hypervisor that is ONLINE, and the gateway that looks after it.
  func onlineHypervisor() throws -> (hypervisor: String, gateway: String) {
    let pair = (hypervisor: try newHypervisor(), gateway: try newGateway())
    try associate(pair.gateway, pair.hypervisor)
    return pair
  }

  // MARK: Virtual machines and tags

  /// The ARNs of the listed machines.
  func machines(of hypervisor: String) throws -> [String] {
    try pages(
      "ListVirtualMachines", "VirtualMachines", size: 1_000, filter: ["HypervisorArn": .string(hypervisor)]
    )
    .joined().compactMap { $0["ResourceArn"]?.string }
  }

  func machine(_ arn: String) throws -> Value {
    try #require(try done("GetVirtualMachine", ["ResourceArn": .string(arn)])["VirtualMachine"])
  }

  /// A machine that was found.
  func foundMachine(
    on hypervisor: String, _ name: String = "vm", path: String? = nil, tags: [VirtualMachineRecord.Tag] = []
  ) throws -> String {
    let arn = try lab.createMachine(on: hypervisor, name: name, path: path, tags: tags)
    clock.advance(60)
    return arn
  }

  /// `key=value` of all tags of a resource.
  func tags(_ arn: String) throws -> [String] {
    let tags = try done("ListTagsForResource", ["ResourceArn": .string(arn)])["Tags"]?.array ?? []
    return tags.map { "\($0["Key"]?.string ?? "")=\($0["Value"]?.string ?? "")" }
  }

  @discardableResult func tag(_ arn: String, _ tags: [String: String]) throws -> Answer {
    try call("TagResource", ["ResourceARN": .string(arn), "Tags": .array(tagList(tags))])
  }
}

func tagList(_ tags: [String: String]) -> [Value] {
  tags.sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] }
}

/// Many tags: `k1` … `kN`.
func manyTags(_ count: Int) -> [Value] {
  (0..<count).map { ["Key": .string("k\($0)"), "Value": "v"] }
}

func nobody(_ kind: ResourceKind) -> Value { .string(TestWorld.home.arn(kind, "nobody-1234")) }
