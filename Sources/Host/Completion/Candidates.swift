// Candidates: what may stand at the cursor of a text that is being typed.

/// What may be put into a text.
public struct Candidates: Equatable, Sendable {
  public struct Item: Equatable, Sendable {
    /// What is put into the text.
    public var text: String
    /// What people know it by.
    public var label: String
    /// What is to be known of it, as a type or a state.
    public var detail: String

    init(_ text: String, label: String? = nil, detail: String = "") {
      self.text = text
      self.label = label ?? text
      self.detail = detail
    }
  }

  /// The bytes of the source that an item takes the place of: what is typed of it.
  public var range: Range<Int>
  /// All that the place allows, best first; what is typed of a name has chosen none of them yet.
  public var items: [Item]
  /// What the operator should know of them, as that they are out of date.
  public var note: String?
  /// True for what is looked for by any part of it, as a resource by its name or its ARN.
  public var areFoundAnywhere = false

  static let none = Candidates(range: 0..<0, items: [])
}
