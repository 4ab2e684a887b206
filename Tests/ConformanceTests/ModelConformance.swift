// The model against the service's own public one, which was put into a file of facts by somebody else: each operation,
// shape, constraint and error of either has its counterpart in the other. A difference is told by its place.
import AWSCore
import TestSupport
import Testing

@testable import BackupGateway

@Test func theModelIsTheServices() throws {
  guard let path = Conformance.reference("backup-gateway-facts.json") else { return }
  let facts = try #require(Conformance.json(path))
  let operations = try #require(facts["operations"]?.object?.members)
  try #require(!operations.isEmpty)
  var comparison = ModelComparison(facts: facts)
  comparison.check("signing name", Service.name, facts["metadata"]?["signingName"]?.string)
  comparison.check("target prefix", Service.targetPrefix, facts["metadata"]?["targetPrefix"]?.string)
  comparison.check("operations", Service.operations.map(\.name).sorted(), operations.map(\.name).sorted())
  for (name, fact) in operations {
    guard let operation = Service.operation(name) else { continue }
    comparison.compare(operation, fact)
  }
  let errors = facts["errors"]?.object?.members.map(\.name) ?? []
  let shapes = facts["shapes"]?.object?.members.map(\.name) ?? []
  comparison.check("shapes", comparison.shapes.sorted(), Set(shapes).subtracting(errors).sorted())
  print("model: \(operations.count) operations and \(comparison.shapes.count) shapes compared")
  for difference in comparison.differences { Issue.record("\(difference)") }
}

/// Collects what differs.
private struct ModelComparison {
  let facts: Value
  private(set) var differences: [String] = []
  /// The shapes compared so far. Two of ours may stand for one of theirs: ResourceArn.
  private var compared: Set<ObjectIdentifier> = []
  private(set) var shapes: Set<String> = []

  init(facts: Value) { self.facts = facts }

  mutating func check<T: Equatable>(_ place: String, _ ours: T, _ theirs: T) {
    if ours != theirs { differences.append("\(place): \(ours) here, \(theirs) in the service's model") }
  }

  mutating func compare(_ operation: BackupGateway.Operation, _ fact: Value) {
    let name = operation.name
    compare(operation.input, fact["input"]?["shape"]?.string, at: "\(name) input")
    compare(operation.output, fact["output"]?["shape"]?.string, at: "\(name) output")
    let errors = (fact["errors"]?.array ?? []).compactMap(\.string)
    check("\(name) errors", (Service.commonErrors + operation.errors).sorted(), errors.sorted())
    check("\(name) access", operation.access.rawValue, fact["iam"]?["access"]?.string)
    check("\(name) X-Amz-Target", "\(Service.targetPrefix).\(name)", fact["xAmzTarget"]?.string)
    comparePaging(operation)
    compareKinds(operation, fact)
  }

  private mutating func comparePaging(_ operation: BackupGateway.Operation) {
    let paginator = facts["paginators"]?[operation.name]
    guard case .listing(let items) = operation.result else {
      return check("\(operation.name) is a listing", false, paginator != nil)
    }
    check("\(operation.name) items", items, paginator?["result_key"]?.string)
    let page = Member.paging.map(\.name)
    check(
      "\(operation.name) paging", page,
      [paginator?["limit_key"], paginator?["input_token"]].compactMap { $0?.string })
    check("\(operation.name) next page", Member.nextPage.name, paginator?["output_token"]?.string)
    for member in Member.paging {
      check("\(operation.name) \(member.name)", operation.input.member(member.name) != nil, true)
    }
    check("\(operation.name) NextToken", operation.output.member(Member.nextPage.name) != nil, true)
  }

  /// The kinds of resource that a request must name are those that IAM asks a permission for. IAM knows of no optional
  /// ones, and files UpdateHypervisor under gateways although it takes a hypervisor's ARN.
  private mutating func compareKinds(_ operation: BackupGateway.Operation, _ fact: Value) {
    guard operation.name != "UpdateHypervisor" else { return }
    let types = ["gateway": "gateway", "hypervisor": "hypervisor", "vm": "virtualmachine"]
    let ours = operation.input.members.filter(\.isRequired).flatMap(\.shape.resources)
    let theirs = (fact["iam"]?["resources"]?.array ?? []).compactMap { $0["type"]?.string }
    check("\(operation.name) resources", ours.compactMap { types[$0.rawValue] }.sorted(), theirs.sorted())
  }

  private mutating func compare(_ shape: Shape, _ name: String?, at place: String) {
    check("\(place) shape", shape.name, name)
    guard compared.insert(ObjectIdentifier(shape)).inserted else { return }
    shapes.insert(shape.name)
    guard let fact = facts["shapes"]?[shape.name] else { return }
    check("\(shape.name) type", type(shape), fact["type"]?.string)
    check("\(shape.name) min", shape.minimum, fact["min"]?.integer)
    check("\(shape.name) max", shape.maximum, fact["max"]?.integer)
    check("\(shape.name) pattern", shape.pattern, fact["pattern"]?.string)
    check("\(shape.name) enum", shape.values, (fact["enum"]?.array ?? []).compactMap(\.string))
    check("\(shape.name) sensitive", shape.isSensitive, fact["sensitive"] == true)
    if let item = shape.item { compare(item, fact["member"]?.string, at: "\(shape.name) items") }
    let members = fact["members"]?.object?.members ?? []
    check("\(shape.name) members", shape.members.map(\.name).sorted(), members.map(\.name).sorted())
    let required = (fact["required"]?.array ?? []).compactMap(\.string)
    check(
      "\(shape.name) required", shape.members.filter(\.isRequired).map(\.name).sorted(), required.sorted())
    for (name, target) in members {
      guard let member = shape.member(name) else { continue }
      compare(member.shape, target.string, at: "\(shape.name).\(name)")
    }
  }

  private func type(_ shape: Shape) -> String {
    switch shape.kind {
    case .string: "string"
    case .boolean: "boolean"
    case .integer: "integer"
    case .long: "long"
    case .timestamp: "timestamp"
    case .list: "list"
    case .structure: "structure"
    }
  }
}
