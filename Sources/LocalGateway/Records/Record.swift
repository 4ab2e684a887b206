// Record: a resource as the store keeps it. A member that has no value is left out of the answer.
import AWSCore

/// What listings need to know of a record.
protocol Record {
  var arn: String { get }
  /// The members that a listing shows.
  func summary(at now: Timestamp) -> Value.Object
}

/// Lists are JSON in the store, as the API has them.
enum JSONColumn {
  static func text(_ items: [Value]) -> String? {
    items.isEmpty ? nil : String(decoding: JSON.encode(.array(items)), as: UTF8.self)
  }

  static func items(_ text: String?) -> [Value] {
    guard let text, let value = try? JSON.decode(Array(text.utf8)) else { return [] }
    return value.array ?? []
  }
}

extension Statement {
  func timestamp(_ column: Int32) -> Timestamp? { integer(column).map(Timestamp.init(microseconds:)) }
}
