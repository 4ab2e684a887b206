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
  /// True where any expression or statement may begin.
  public var takeAnything = false

  static let none = Candidates(range: 0..<0, items: [])
}

/// What is to be known of each of several candidates, in columns that stand below each other.
struct Details {
  private var rows: [[String]]

  init(_ rows: [[String]]) { self.rows = rows }

  /// A text for each row. A column that is empty in all rows takes no room, and none is padded at the end.
  var texts: [String] {
    let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var text = ""
      var column = 0
      for (cell, width) in zip(row, widths) where width > 0 {
        if !cell.isEmpty { text += String(repeating: " ", count: max(0, column - text.count)) + cell }
        column += width + 2
      }
      return text
    }
  }
}
