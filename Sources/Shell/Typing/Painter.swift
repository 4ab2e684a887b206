// Painter: draws colours and a ghost over the text that libedit has drawn.
//
// libedit has no colours for what is typed, and never looks at the screen. So the same characters are written once more in
// their places, with their looks, and the cursor is put back; libedit's own idea of the screen stays true. What it draws
// later overwrites the colours, so the painter knows which rows that can have been:
//
//   - a row whose text has changed; and the first character of the next one, which libedit writes to make the terminal wrap
//   - the rows that the cursor was and is in: it goes a few columns to the right by writing what stands there

struct Painter {
  /// What stands in a row of the screen.
  private struct Row: Equatable {
    var scalars: ArraySlice<Unicode.Scalar>
    var looks: ArraySlice<Look>
    /// Where its first character is.
    var column: Int

    static func == (one: Row, other: Row) -> Bool {
      one.column == other.column && one.looks.elementsEqual(other.looks)
        && one.scalars.elementsEqual(other.scalars)
    }
  }

  /// How many rows a ghost may add below the text.
  private static let ghostRows = 2

  /// False where no look may be drawn, as with NO_COLOR. Then only what libedit got wrong is drawn again: moving to the
  /// right out of the middle of a wide character, it writes what follows a column too far left.
  let isColoured: Bool

  /// The rows as they were painted last.
  private var rows: [Row] = []
  private var cursorRow = 0
  /// True when libedit may have drawn anything since.
  private var isStale = true
  /// True while a ghost is on the screen.
  private(set) var hasGhost = false

  init(isColoured: Bool) { self.isColoured = isColoured }

  /// Everything was drawn again without the painter's knowing.
  mutating func forget() { isStale = true }

  /// What takes the ghost from the screen. The cursor is where it begins.
  mutating func erasingGhost() -> String {
    defer { hasGhost = false }
    return hasGhost ? "\u{1B}[J" : ""
  }

  /// What paints a text over the one that stands on the screen, with the cursor in its place before and after.
  /// - Parameter looks: of each character; empty without colours.
  /// - Parameter ghost: what is drawn behind the text, as far as there is room.
  mutating func painting(_ text: TextBuffer, _ looks: [Look], ghost: [Unicode.Scalar], in layout: Layout)
    -> String
  {
    let looks = isColoured ? looks : [Look](repeating: .plain, count: text.scalars.count)
    let painted = rows(of: text, looks, layout)
    let cursor = layout.cursor(in: text)
    let end = layout.end(of: text.scalars)
    var pen = Pen(at: cursor, lowest: max(cursor.row, end.row), columns: layout.columns)
    var isChangedAbove = false
    for (index, row) in painted.enumerated() {
      let old = rows.indices.contains(index) ? rows[index] : nil
      let isChanged = isStale || old != row
      let isTouched = isChanged || isChangedAbove || index == cursorRow || index == cursor.row
      isChangedAbove = isChanged
      let continuation =
        painted.indices.contains(index + 1) ? continuation(of: row, in: painted[index + 1]) : nil
      guard isTouched,
        needsPainting(row) || continuation != nil
          || (isColoured && (isStale || old.map(needsPainting) == true))
      else { continue }
      var place = Layout.Position(row: index, column: row.column)
      for (scalar, look) in zip(row.scalars, row.looks) {
        let start = layout.place(scalar, at: &place)
        pen.draw(scalar, look, from: start, to: place)
      }
      if let continuation {
        let start = layout.place(continuation.scalar, at: &place)
        pen.draw(continuation.scalar, continuation.look, from: start, to: place)
      }
    }
    draw(ghost: ghost, from: end, with: &pen, layout)
    rows = painted
    cursorRow = cursor.row
    isStale = false
    return pen.finish(at: cursor)
  }

  private func needsPainting(_ row: Row) -> Bool {
    row.looks.contains { $0 != .plain }
      || row.scalars.contains { $0.value >= 0x80 && Layout.width(of: $0) == 2 }
  }

  /// The character that must be written right behind a row that ends in a space. libedit leaves that space out and goes
  /// to the next row by itself; to the terminal these are two rows then, which it does not join when it becomes wider.
  private func continuation(of row: Row, in next: Row) -> (scalar: Unicode.Scalar, look: Look)? {
    guard row.scalars.last == " ", row.scalars.endIndex == next.scalars.startIndex,
      let scalar = next.scalars.first, let look = next.looks.first
    else { return nil }
    return (scalar, look)
  }

  private func rows(of text: TextBuffer, _ looks: [Look], _ layout: Layout) -> [Row] {
    var rows: [Row] = []
    var start = 0
    var place = layout.start
    var first = place
    func end(_ index: Int) {
      rows.append(
        Row(scalars: text.scalars[start..<index], looks: looks[start..<index], column: first.column))
    }
    for (index, scalar) in text.scalars.enumerated() {
      let position = layout.place(scalar, at: &place)
      if position.row > first.row {
        end(index)
        (start, first) = (index, position)
      }
      // A row's line feed is no part of what is drawn, and the next row begins behind it, even an empty one.
      if scalar == "\n" {
        end(index)
        (start, first) = (index + 1, place)
      }
    }
    end(text.scalars.count)
    return rows
  }

  /// Draws as much of the ghost as there is room for; where that is not all of it, its last character says so.
  private mutating func draw(
    ghost: [Unicode.Scalar], from start: Layout.Position, with pen: inout Pen, _ layout: Layout
  ) {
    let lastRow = min(start.row + Painter.ghostRows, layout.limit - 1)
    var place = start
    for (index, scalar) in ghost.enumerated() {
      var next = place
      let position = layout.place(scalar, at: &next)
      let endsInLastColumn = index == ghost.count - 1 && scalar != "\n" && position.row <= lastRow
      guard next.row <= lastRow || endsInLastColumn else {
        if place.row <= lastRow {
          pen.draw("…", .ghost, from: place, to: Layout.Position(row: place.row, column: place.column + 1))
        }
        break
      }
      if scalar != "\n" { pen.draw(scalar, .ghost, from: position, to: next) }
      place = next
    }
    hasGhost = !ghost.isEmpty
  }
}

/// Writes characters in places of the screen, and knows where it is.
private struct Pen {
  private var text = ""
  private var position: Layout.Position
  /// False behind the last column, where terminals differ in what they call it.
  private var knowsColumn = true
  private var look = Look.plain
  /// The lowest row that is there. Below it one comes by line feeds, which make the window scroll.
  private var lowest: Int
  private let columns: Int

  init(at position: Layout.Position, lowest: Int, columns: Int) {
    self.position = position
    self.lowest = lowest
    self.columns = columns
  }

  /// Draws a character that takes the columns from `start` until `end`, a tab as spaces.
  mutating func draw(
    _ scalar: Unicode.Scalar, _ look: Look, from start: Layout.Position, to end: Layout.Position
  ) {
    // Drawn at once, by terminals that can (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036).
    if text.isEmpty { text = "\u{1B}[?2026h\u{1B}[?25l" }
    if !wraps(to: start) { move(to: start) }
    set(look)
    let staysInRow = end.row == start.row
    if scalar == "\t" {
      text += String(repeating: " ", count: (staysInRow ? end.column : columns) - start.column)
    } else {
      text.unicodeScalars.append(scalar)
    }
    position = staysInRow ? end : start
    knowsColumn = staysInRow
  }

  /// What was drawn, with the cursor and the looks as they were before; nothing for nothing.
  mutating func finish(at cursor: Layout.Position) -> String {
    guard !text.isEmpty else { return "" }
    set(.plain)
    move(to: cursor)
    return text + "\u{1B}[?25h\u{1B}[?2026l"
  }

  /// True when what is written next behind a full row stands there anyway. The terminal must do the wrapping to know that
  /// the rows belong together.
  private func wraps(to place: Layout.Position) -> Bool {
    !knowsColumn && place == Layout.Position(row: position.row + 1, column: 0) && place.row <= lowest
  }

  private mutating func set(_ look: Look) {
    guard look != self.look else { return }
    text += look == .plain ? "\u{1B}[0m" : "\u{1B}[0;\(look.parameters)m"
    self.look = look
  }

  private mutating func move(to place: Layout.Position) {
    guard place != position || !knowsColumn else { return }
    if place.row > lowest {
      descend(to: lowest)
      text += String(repeating: "\r\n", count: place.row - lowest)
      lowest = place.row
    } else {
      descend(to: place.row)
    }
    text += "\u{1B}[\(place.column + 1)G"
    position = place
    knowsColumn = true
  }

  private mutating func descend(to row: Int) {
    let by = row - position.row
    if by != 0 { text += "\u{1B}[\(abs(by))\(by > 0 ? "B" : "A")" }
  }
}
