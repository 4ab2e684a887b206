// RequestTargets: the ARNs that a request names, wherever they stand in it. Permissions go by them.
import AWSCore

extension Request {
  /// Every ARN in a member that takes one, of this service or of another, in the model's order. A tag's value that
  /// looks like an ARN names nothing.
  public var arns: [(member: String, arn: String)] {
    Self.arns(in: .object(parameters), operation.input, at: "")
  }

  private static func arns(in value: Value, _ shape: Shape, at path: String) -> [(
    member: String, arn: String
  )] {
    switch (shape.kind, value) {
    // An empty text ends something, as UpdateHypervisor's LogGroupArn does, and names nothing.
    case (.string, .string(let text)) where shape.isARN && !text.isEmpty: [(path, text)]
    case (.list(let item), .array(let values)):
      values.enumerated().flatMap { arns(in: $1, item, at: "\(path)[\($0 + 1)]") }
    case (.structure(let members), .object(let object)):
      members.flatMap { member in
        object[member.name].map {
          arns(in: $0, member.shape, at: path.isEmpty ? member.name : "\(path).\(member.name)")
        } ?? []
      }
    default: []
    }
  }
}

extension Operation {
  /// True when a request can name an ARN at all.
  public var takesARNs: Bool { input.holdsARN }
}

extension Shape {
  /// True for the shape of an ARN, of this service or of another.
  var isARN: Bool { !resources.isEmpty || name.hasSuffix("Arn") }

  fileprivate var holdsARN: Bool { isARN || item?.holdsARN == true || members.contains { $0.shape.holdsARN } }
}
