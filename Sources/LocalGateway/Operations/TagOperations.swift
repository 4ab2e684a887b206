// TagOperations: the AWS tags of gateways, hypervisors and virtual machines. TagResource and UntagResource spell the
// member `ResourceARN`, ListTagsForResource `ResourceArn`, as AWS does.
import AWSCore
import BackupGateway

extension Operations {
  @Sendable static func listTagsForResource(_ call: Call) throws -> Value.Object {
    let (arn, systemTags) = try taggable("ResourceArn", call)
    let tags = try systemTags + call.store.tags(of: arn)
    return ["ResourceArn": .string(arn), "Tags": .array(tags.map(\.members))]
  }

  @Sendable static func tagResource(_ call: Call) throws -> Value.Object {
    let tags = try call.tags()
    let arn = try taggable("ResourceARN", call).arn
    try Rules.checkCount(of: try call.store.tags(of: arn), with: tags)
    for tag in tags { try call.store.save(tag, of: arn) }
    return ["ResourceARN": .string(arn)]
  }

  /// Keys that are not there are no error.
  @Sendable static func untagResource(_ call: Call) throws -> Value.Object {
    let keys = (call.input["TagKeys"]?.array ?? []).compactMap(\.string)
    try Rules.check(keys: keys)
    let arn = try taggable("ResourceARN", call).arn
    for key in keys { try call.store.removeTag(key, of: arn) }
    return ["ResourceARN": .string(arn)]
  }

  /// The resource that a call names, and the tags that the service itself gave it.
  private static func taggable(_ member: String, _ call: Call) throws -> (arn: String, systemTags: [Tag]) {
    let store = call.store
    return try call.resource(member) { arn in
      switch try call.arn(member).kind {
      case .gateway: try store.gateway(arn).map { ($0.arn, []) }
      case .hypervisor: try store.hypervisor(arn).map { ($0.arn, []) }
      case .virtualMachine: try store.virtualMachine(arn).map { ($0.arn, Rules.systemTags(of: $0)) }
      }
    }
  }
}
