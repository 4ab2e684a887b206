// TableFrame: what a report says around its table, so that it can be pasted as it is: what it is about above it, what it comes
// to below it. The forms that programs read leave it out.

struct TableFrame {
  var title: String?
  /// Lines.
  var summary: [String] = []

  var isEmpty: Bool { title == nil && summary.isEmpty }

  /// The table between the two, each apart by an empty line. A table without a row is left out.
  func around(_ table: String) -> String {
    let above = title.map { Visible.line($0) + "\n" } ?? ""
    let below = summary.map { Visible.line($0) + "\n" }.joined()
    return [above, table, below].filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
