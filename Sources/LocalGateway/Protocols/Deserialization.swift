// Deserialization: a document as a shape. What has the wrong type was not understood, which is another error
// than a constraint that is broken; it is found here, before anything is validated.
import AWSCore
import BackupGateway

enum Deserialization {
  /// The members of `document` that the shape has. A null member is an absent one. Members that the model does
  /// not know are left out, so that a newer client can talk to an older server. Throws SerializationException.
  static func value(_ document: Value, as shape: Shape, at path: String = "") throws(Fault) -> Value {
    switch (shape.kind, document) {
    case (.structure(let members), .object(let object)):
      var known = Value.Object()
      for member in members {
        guard let value = object[member.name], value != .null else { continue }
        let path = path.isEmpty ? member.name : "\(path).\(member.name)"
        known[member.name] = try self.value(value, as: member.shape, at: path)
      }
      return .object(known)
    case (.list(let item), .array(let values)):
      var items: [Value] = []
      for (index, value) in values.enumerated() {
        items.append(try self.value(value, as: item, at: "\(path)[\(index)]"))
      }
      return .array(items)
    case (.string, .string), (.long, .integer), (.timestamp, .timestamp), (.timestamp, .integer),
      (.timestamp, .number):
      return document
    case (.integer, .integer(let number)):
      guard Int32(exactly: number) != nil else {
        throw Rules.unreadable("\(path) must fit in 32 bits, got \(number).")
      }
      return document
    default:
      throw Rules.unreadable("\(path) must be \(shape.typeName), got \(document.typeName).")
    }
  }
}
