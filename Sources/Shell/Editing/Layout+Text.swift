// Texts for the screen that are not being edited: only what takes room on it, and no wider than it.

extension Layout {
  /// The text without what could drive the terminal, takes no room or leaves the row.
  static func shown(_ text: String) -> String {
    TextBuffer.string(text.unicodeScalars.filter { isShown($0) && $0 != "\n" && $0 != "\t" })
  }

  /// The columns of a text on one row.
  static func columns(of text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + width(of: $1) } }

  /// The text cut to so many columns, with a mark where it was cut.
  static func cut(_ text: String, to columns: Int) -> String {
    guard self.columns(of: text) > columns else { return text }
    var kept = String.UnicodeScalarView()
    var used = 1
    for scalar in text.unicodeScalars {
      used += width(of: scalar)
      if used > columns { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }
}
