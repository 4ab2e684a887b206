// Completions: what may be put into the text when Tab is pressed.

/// One thing that may stand at the cursor.
public struct Completion: Equatable, Sendable {
  /// What is put into the text.
  public var text: String
  /// What the list shows for it: the text itself, or a name that people know it by.
  public var label: String
  /// What the list shows beside it, as a type or a state.
  public var detail: String

  public init(_ text: String, label: String? = nil, detail: String = "") {
    self.text = text
    self.label = label ?? text
    self.detail = detail
  }
}

/// What may stand at a place of a text, best first.
public struct Completions: Equatable, Sendable {
  /// The bytes of the source that a completion replaces.
  public var range: Range<Int>
  public var items: [Completion]
  /// What the user should know of the list, as that it may be out of date.
  public var note: String?

  public init(replacing range: Range<Int>, _ items: [Completion], note: String? = nil) {
    self.range = range
    self.items = items
    self.note = note
  }

  public static let none = Completions(replacing: 0..<0, [])
}
