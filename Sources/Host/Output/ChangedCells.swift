// ChangedCells: what is different in the rows of a table, or of any text in columns, since they were last on the screen.

struct ChangedCells {
  /// How a changed cell is marked.
  enum Mark {
    /// In reverse video.
    case reversed
    /// With a star before it, where there is a space for one.
    case star
  }

  /// A row: cells, each with the spaces before it. Two spaces or more part them.
  struct Row: Equatable {
    var cells: [(gap: String, text: String)]

    init(_ text: String) {
      cells = []
      var gap = ""
      var cell = ""
      var spaces = ""
      for character in text {
        if character == " " {
          spaces.append(character)
          continue
        }
        if spaces.count > 1 || cell.isEmpty {
          if !cell.isEmpty { cells.append((gap: gap, text: cell)) }
          gap = cell.isEmpty ? gap + spaces : spaces
          cell = ""
        } else {
          cell += spaces
        }
        spaces = ""
        cell.append(character)
      }
      if !cell.isEmpty { cells.append((gap: gap, text: cell)) }
    }

    static func == (a: Row, b: Row) -> Bool { a.texts == b.texts }
    var texts: [String] { cells.map(\.text) }
  }

  private let earlier: [Row]

  init(since rows: [String]) { earlier = rows.map { Row($0) } }

  /// The rows with the cells marked that were not there, or were others. A row is compared with the one that begins with
  /// the same cell, for rows come and go between the others.
  func marked(_ rows: [String], _ mark: Mark) -> [String] {
    var byName: [String: [Row]] = [:]
    for row in earlier.reversed() { byName[row.texts.first ?? "", default: []].append(row) }
    return rows.enumerated().map { index, text in
      let row = Row(text)
      let inPlace = earlier.count == rows.count ? earlier[index] : nil
      let before = byName[row.texts.first ?? ""]?.popLast() ?? inPlace
      guard before != row else { return text }
      return Self.write(row, before?.texts ?? [], mark)
    }
  }

  private static func write(_ row: Row, _ before: [String], _ mark: Mark) -> String {
    row.cells.enumerated().map { index, cell in
      guard !before.indices.contains(index) || before[index] != cell.text else { return cell.gap + cell.text }
      switch mark {
      case .reversed: return cell.gap + "\u{1B}[7m\(cell.text)\u{1B}[27m"
      case .star:
        return cell.gap.isEmpty ? "*" + cell.text : cell.gap.dropLast() + "*" + cell.text
      }
    }.joined()
  }
}
