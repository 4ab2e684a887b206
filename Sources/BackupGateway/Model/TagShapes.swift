// TagShapes: the rows of the model that describe AWS tags.

extension Shape {
  static let tagKey = Shape(
    "TagKey", .string, min: 1, max: 128, pattern: #"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"#)
  static let tagKeys = Shape("TagKeys", .list(of: .tagKey))
  static let tagValue = Shape("TagValue", .string, min: 0, max: 256, pattern: #"[^\x00]*"#)
  static let tag = Shape(
    "Tag",
    .structure([
      Member("Key", .tagKey, required: true, "The key, which must not begin with aws:."),
      Member("Value", .tagValue, required: true, "The value; it may be empty."),
    ]))
  static let tags = Shape("Tags", .list(of: .tag))
}
