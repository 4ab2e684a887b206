// MarkedRow: a row of a source with what an error is about underlined.
//
//     1 | get_gatway(_)
//         ^^^^^^^^^^

public struct MarkedRow {
  var number: Int
  var bytes: [UInt8]
  var marked: Range<Int>?

  /// - Parameters:
  ///   - number: of the row, from 1.
  ///   - bytes: the row without its end.
  ///   - marked: bytes of the row, or its end; nil to mark nothing.
  public init(number: Int, bytes: [UInt8], marked: Range<Int>?) {
    self.number = number
    self.bytes = bytes
    self.marked = marked
  }

  /// The row, and what underlines it, cut to so many columns.
  public func lines(width: Int, ink: Ink) -> [String] {
    let gutter = "  \(number) | "
    var cells = RowCells(bytes, marked: marked)
    cells.trim(to: max(10, width - gutter.count - 1))
    var lines = [ink.faint(gutter) + cells.text]
    if marked != nil {
      let blank = String(repeating: " ", count: gutter.count + cells.markStart)
      lines.append(blank + ink.bold(ink.red(String(repeating: "^", count: max(1, cells.markWidth)))))
    }
    return lines
  }
}

/// A row of a text as columns of the screen.
private struct RowCells {
  private var cells: [(text: String, columns: Int, isMarked: Bool)] = []
  /// Columns before the mark, and of it.
  private(set) var markStart = 0
  private(set) var markWidth = 0

  init(_ bytes: [UInt8], marked: Range<Int>?) {
    var offset = 0
    for character in String(decoding: bytes, as: UTF8.self) {
      let text = character == "\t" ? "  " : Visible.line(String(character))
      cells.append((text, Terminal.columns(text), marked?.contains(offset) ?? false))
      if let marked, offset < marked.lowerBound { markStart += Terminal.columns(text) }
      offset += character.utf8.count
    }
    markWidth = cells.reduce(0) { $0 + ($1.isMarked ? $1.columns : 0) }
  }

  var text: String { cells.map(\.text).joined() }

  /// Cuts the row around the mark, when it is wider than so many columns.
  mutating func trim(to width: Int) {
    guard cells.reduce(0, { $0 + $1.columns }) > width else { return }
    // A third of the room is for what leads to the mark.
    let excess = min(markStart, markStart + min(markWidth, width) - width * 2 / 3)
    var skipped = 0
    var first = 0
    while first < cells.count, skipped < excess {
      (skipped, first) = (skipped + cells[first].columns, first + 1)
    }
    var kept = Array(cells[first...])
    if first > 0 {
      kept.insert((Glyphs.ofLocale.ellipsis, 1, false), at: 0)
      markStart += 1 - skipped
    }
    var used = 0
    let fitting = kept.prefix { cell in
      used += cell.columns
      return used < width
    }
    cells = Array(fitting) + (fitting.count < kept.count ? [(Glyphs.ofLocale.ellipsis, 1, false)] : [])
    markWidth = min(markWidth, max(1, width - markStart - 1))
  }
}
