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

/// What may stand at a place of a text, best first. Whoever gives them need not choose by what is typed: that is done for
/// all of them alike.
public struct Completions: Equatable, Sendable {
  /// The bytes of the source that a completion replaces.
  public var range: Range<Int>
  public var items: [Completion]
  /// What the user should know of the list, as that it may be out of date.
  public var note: String?
  /// True for what is looked for by any part of its text or its label.
  public var areFoundAnywhere = false
  /// True where they are only what a statement may begin with: at the start of a row Tab indents instead.
  public var takeAnything = false

  public init(replacing range: Range<Int>, _ items: [Completion], note: String? = nil) {
    self.range = range
    self.items = items
    self.note = note
  }

  /// Nothing fits.
  public static let none = Completions(replacing: 0..<0, [])
}
