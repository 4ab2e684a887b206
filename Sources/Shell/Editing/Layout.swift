// Layout: which row and column a text reaches on the screen, by libedit's own rules.
//
// libedit 3.1-20221030 writes past its screen image when a text is taller than the window (a crash with
// ordinary keys: paste 3,000 characters into 24 by 80, Ctrl-A, Ctrl-E, type on). So nothing may enter the
// line before it is known to fit, and this must be counted exactly as libedit counts (`re_addc`, `re_putc` in
// refresh.c).
import CEditline

struct Layout: Equatable {
  /// The window as libedit believes it to be.
  var rows: Int
  var columns: Int
  /// The width of the prompt, which stands before the first character.
  var promptWidth: Int

  /// A place on the screen, from the row the prompt begins in.
  struct Position: Equatable {
    var row = 0
    var column = 0
  }

  /// The most rows a text may take. One row stays free: a character in the last column opens the next row.
  var limit: Int { max(1, rows - 1) }

  /// Where the cursor stands after the prompt and these characters.
  func end(of text: some Sequence<Unicode.Scalar>) -> Position {
    var position = start
    for scalar in text { place(scalar, at: &position) }
    return position
  }

  /// Where the first character stands, behind the prompt.
  var start: Position {
    var position = Position()
    advance(&position, by: promptWidth)
    return position
  }

  /// Goes past a character, and tells where it stands itself: a wide one that does not fit at the end of a row
  /// goes whole to the next.
  @discardableResult
  func place(_ scalar: Unicode.Scalar, at position: inout Position) -> Position {
    switch scalar {
    case "\n":
      defer { position = Position(row: position.row + 1, column: 0) }
      return position
    case "\t":
      let place = position
      repeat { advance(&position, by: 1) } while position.column % 8 != 0
      return place
    default:
      let width = Layout.width(of: scalar)
      if width == 2, position.column + 2 > columns { advance(&position, by: columns - position.column) }
      defer { advance(&position, by: width) }
      return position
    }
  }

  /// Where the cursor is shown: in front of the next character, which is one row further down when that is a
  /// wide one that does not fit.
  func cursor(in text: TextBuffer) -> Position {
    let position = end(of: text.beforeCursor)
    guard let next = text.afterCursor.first, next != "\n", next != "\t", Layout.width(of: next) == 2,
      position.column + 2 > columns
    else { return position }
    return Position(row: position.row + 1, column: 0)
  }

  /// The rows that prompt and text take together.
  func rowCount(of text: some Sequence<Unicode.Scalar>) -> Int { end(of: text).row + 1 }

  func fits(_ text: some Sequence<Unicode.Scalar>) -> Bool { rowCount(of: text) <= limit }

  private func advance(_ position: inout Position, by width: Int) {
    position.column += width
    // Reaching the last column is already the next row: libedit wraps at once, not at the next character.
    position.row += position.column / columns
    position.column %= columns
  }

  /// The columns of one printable character: 1 or 2.
  static func width(of scalar: Unicode.Scalar) -> Int {
    if (0x20..<0x7F).contains(scalar.value) { return 1 }
    return max(1, Int(ce_width(scalar.value)))
  }

  /// What may stand in a line: line ends, tabs, and characters that take room. A character of no width (a
  /// combining mark, a joiner) makes libedit overwrite its neighbour; a control character could drive the
  /// terminal.
  static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x20..<0x7F: true
    case 0..<0x20, 0x7F..<0xA0: false
    default: ce_width(scalar.value) > 0
    }
  }
}
