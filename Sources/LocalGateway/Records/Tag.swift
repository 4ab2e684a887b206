// Tag: an AWS tag.
import AWSCore

struct Tag: Equatable {
  var key: String
  var value: String
  /// A metadata sync made it from a VMware tag.
  var isMapped = false

  var members: Value { ["Key": .string(key), "Value": .string(value)] }
}

/// A key as the service compares them: by code units. Swift takes `é` and `e` with an accent for the same text.
struct TagKey: Hashable {
  private let bytes: [UInt8]
  init(_ key: String) { bytes = Array(key.utf8) }
}
