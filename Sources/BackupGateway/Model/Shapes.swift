// Shapes: the shapes that more than one kind of resource uses. Constraints are the service's own.

extension Shape {
  // ARNs. One pattern serves every kind of resource; `Arn` tells them apart.
  private static let arnPattern =
    #"arn:(aws|aws-cn|aws-us-gov):backup-gateway(:[a-zA-Z-0-9]+){3}\/[a-zA-Z-0-9]+"#
  static let gatewayArn = Shape(
    "GatewayArn", .string, min: 50, max: 180, pattern: arnPattern, of: [.gateway])
  static let serverArn = Shape(
    "ServerArn", .string, min: 50, max: 500, pattern: arnPattern, of: [.hypervisor])
  static let virtualMachineArn = Shape(
    "ResourceArn", .string, min: 50, max: 500, pattern: arnPattern, of: [.virtualMachine])
  static let taggableArn = Shape(
    "ResourceArn", .string, min: 50, max: 500, pattern: arnPattern, of: ResourceKind.allCases)

  static let name = Shape("Name", .string, min: 1, max: 100, pattern: "[a-zA-Z0-9-]*")
  static let hypervisorId = Shape("HypervisorId", .string, min: 1, max: 100)
  static let vmwareCategory = Shape("VmwareCategory", .string, min: 1, max: 80)
  static let vmwareTagName = Shape("VmwareTagName", .string, min: 1, max: 80)
  static let string = Shape("string", .string)
  static let time = Shape("Time", .timestamp)

  static let maxResults = Shape("MaxResults", .integer, min: 1)
  static let nextToken = Shape("NextToken", .string, min: 1, max: 1000, pattern: ".+")
}

extension Member {
  /// The input of every listing.
  static let paging = [
    Member("MaxResults", .maxResults, "The size of a page, never a total."),
    Member("NextToken", .nextToken, "Where to go on: the token of an earlier page."),
  ]
  static let nextPage = Member(
    "NextToken", .nextToken, "Where the next page begins; absent on the last.")
}
