// ScreenRows: a text as the rows that it takes on a screen, found one by one: how wide the screen is may change between two.
import LuaRuntime

struct ScreenRows {
  struct Row: Equatable {
    /// Tabs as spaces, what would drive the terminal as something to see.
    var text: String
    /// False where the line goes on in the next row.
    var endsLine: Bool
  }

  private var rest: Substring.UnicodeScalarView
  private static let tab = 8

  init(_ text: String) { rest = text[...].unicodeScalars }

  var isEmpty: Bool { rest.isEmpty }

  /// The next row on a screen so wide; nil at the end.
  mutating func next(columns: Int) -> Row? {
    guard !rest.isEmpty else { return nil }
    var text = ""
    var used = 0
    while let scalar = rest.first {
      if scalar == "\n" {
        rest.removeFirst()
        return Row(text: text, endsLine: true)
      }
      let shown =
        scalar == "\t"
        ? String(repeating: " ", count: min(Self.tab - used % Self.tab, max(1, columns - used)))
        : Visible.line(String(scalar))
      let width = Terminal.columns(shown)
      // A row holds something, however narrow the screen.
      if used + width > columns, used > 0 { return Row(text: text, endsLine: false) }
      text += shown
      used += width
      rest.removeFirst()
    }
    return Row(text: text, endsLine: false)
  }
}
