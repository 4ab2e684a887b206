// ResourceName: how the name that people gave a resource is read, as the model tells it.

/// The operation that describes a resource, and where its name is in the answer: GetGateway, Gateway,
/// GatewayDisplayName.
public struct ResourceName: Sendable {
  public let operation: Operation
  /// Members, from the response inwards.
  public let path: [String]

  /// Nil for a kind that no operation describes.
  public init?(_ kind: ResourceKind) {
    for operation in Service.operations where operation.isReading {
      guard case .member(let record) = operation.result,
        operation.resource?.shape.resources.contains(kind) == true,
        let name = operation.output.member(record)?.shape.members.first(where: { $0.shape === Shape.name })
      else { continue }
      self.operation = operation
      path = [record, name.name]
      return
    }
    return nil
  }
}
