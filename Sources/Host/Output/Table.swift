// Table: cells in columns that fit the screen. When they cannot, one record below another.
import LuaRuntime

struct Table {
  enum Alignment: String, Sendable, CaseIterable { case left, right, center }

  struct Column {
    var title: String
    /// Nil: numbers to the right, all else to the left.
    var alignment: Alignment?
  }

  struct Cell {
    var text: String
    var isNumber = false
    /// Half a number or half a time would be another one.
    var isWhole = false
    var width: Int

    init(_ text: String, isNumber: Bool = false, isWhole: Bool = false) {
      self.text = text
      self.isNumber = isNumber
      self.isWhole = isWhole || isNumber
      width = Terminal.columns(text)
    }

    static let empty = Cell("")
  }

  /// Narrowest column of texts that is still worth reading.
  private static let narrowest = 8
  /// Room beside a title that is worth having; with less, values stand below their titles.
  private static let leastRoom = 12
  private static let gap = "  "

  private var columns: [Column]
  private var rows: [[Cell]]
  private var glyphs: Glyphs
  /// Whether a record shows a member that it has not.
  private var showsEmpty: Bool

  init(_ columns: [Column], _ rows: [[Cell]], showsEmpty: Bool = false, glyphs: Glyphs = .ofLocale) {
    self.columns = columns.map { Column(title: Visible.line($0.title), alignment: $0.alignment) }
    self.rows = rows
    self.showsEmpty = showsEmpty
    self.glyphs = glyphs
  }

  /// What the part of a table above this one looks like.
  struct Layout: Equatable {
    fileprivate(set) var titles: [String] = []
    /// Nil where records stand one below another.
    fileprivate var widths: [Int]?
    fileprivate var screen: Int?
  }

  /// The lines, each with its newline.
  /// - Parameter width: columns of the screen; nil for no bound.
  func text(width: Int?) -> String {
    var layout: Layout?
    return text(width: width, below: &layout)
  }

  /// The lines of a table that goes on below another part of it: columns are as wide as there, and have their titles there,
  /// unless they must grow.
  func text(width: Int?, below layout: inout Layout?) -> String {
    var places = columns.indices.map { index in Place(columns[index], rows.lazy.map { $0[index] }) }
    let titles = columns.map(\.title)
    let before = layout.flatMap { $0.titles == titles && $0.screen == width ? $0 : nil }
    if let widths = before?.widths {
      for index in places.indices { places[index].natural = max(places[index].natural, widths[index]) }
    }
    let isBelow = layout != nil
    layout = Layout(titles: titles, widths: Self.fitted(places, width), screen: width)
    guard let widths = layout?.widths else { return (isBelow ? "\n" : "") + records(width: width) }
    var out = before?.widths == widths ? "" : line(columns.map { Cell($0.title) }, places, widths)
    for row in rows { out += line(row, places, widths) }
    return out
  }

  /// A record below another, a member a line.
  func records(width: Int?) -> String {
    func cut(_ cell: Cell, _ room: Int) -> String { Terminal.cut(cell.text, to: room, mark: glyphs.ellipsis) }
    let room = roomBesideTitles(width)
    return rows.map { row in
      lines(of: row) { cell in
        guard let width, let room else { return cell.text }
        if room >= Self.leastRoom || cell.width <= room { return cut(cell, room) }
        return "\n" + Self.gap + cut(cell, max(Self.narrowest, width - Self.gap.count))
      }
    }.joined(separator: "\n")
  }

  /// One record, whole: what finds no room beside its title stands below it, in a line that can be copied.
  func record(width: Int?) -> String {
    let room = roomBesideTitles(width)
    return rows.map { row in
      lines(of: row) { cell in
        guard let room, cell.width > room else { return cell.text }
        return "\n" + Self.gap + cell.text
      }
    }.joined(separator: "\n")
  }

  private var widestTitle: Int { columns.map { Terminal.columns($0.title) }.max() ?? 0 }

  private func roomBesideTitles(_ width: Int?) -> Int? {
    width.map { $0 - widestTitle - Self.gap.count }
  }

  private func lines(of row: [Cell], _ text: (Cell) -> String) -> String {
    let widest = widestTitle
    return zip(columns, row).filter { showsEmpty || !$0.1.text.isEmpty }.map { column, cell in
      let text = text(cell)
      let isAlone = text.isEmpty || text.hasPrefix("\n")
      return (isAlone ? column.title : Terminal.padded(column.title, to: widest) + Self.gap) + text + "\n"
    }.joined()
  }

  // MARK: Widths

  /// How many times the room of other columns a name is worth when there is too little: it is what people look for.
  private static let worthOfNames = 3

  /// What a column needs.
  private struct Place {
    var natural: Int
    var least: Int
    var alignment: Alignment
    /// How many times the room of others it gets.
    var worth: Int

    init(_ column: Column, _ cells: some Sequence<Cell>) {
      var isNumbers = true
      var hasAny = false
      let title = Terminal.columns(column.title)
      // AWS's members for what a person has called a thing: Name of hypervisors and machines, GatewayDisplayName.
      worth = column.title == "Name" || column.title.hasSuffix("DisplayName") ? Table.worthOfNames : 1
      (natural, least) = (title, min(title, Table.narrowest))
      for cell in cells where cell.width > 0 {
        hasAny = true
        isNumbers = isNumbers && cell.isNumber
        natural = max(natural, cell.width)
        least = max(least, cell.isWhole ? cell.width : min(cell.width, Table.narrowest))
      }
      alignment = column.alignment ?? (hasAny && isNumbers ? .right : .left)
    }
  }

  /// Lowers the widest columns to one level until the line fits; nil when it cannot.
  private static func fitted(_ places: [Place], _ width: Int?) -> [Int]? {
    let natural = places.map(\.natural)
    guard let width else { return natural }
    let room = width - gap.count * (places.count - 1)
    func lowered(to level: Int) -> [Int] { places.map { min($0.natural, max($0.least, level * $0.worth)) } }
    guard lowered(to: 0).reduce(0, +) <= room else { return nil }
    var (fits, tooWide) = (0, (natural.max() ?? 0) + 1)
    while fits + 1 < tooWide {
      let level = (fits + tooWide) / 2
      if lowered(to: level).reduce(0, +) <= room { fits = level } else { tooWide = level }
    }
    var widths = lowered(to: fits)
    var left = room - widths.reduce(0, +)
    for index in widths.indices where left > 0 && widths[index] < natural[index] {
      widths[index] += 1
      left -= 1
    }
    return widths
  }

  private func line(_ cells: [Cell], _ places: [Place], _ widths: [Int]) -> String {
    var out = ""
    var blanks = 0
    for (index, cell) in cells.enumerated() {
      let text =
        cell.width > widths[index]
        ? Terminal.cut(cell.text, to: widths[index], mark: glyphs.ellipsis) : cell.text
      let used = cell.width > widths[index] ? Terminal.columns(text) : cell.width
      let free = max(0, widths[index] - used)
      let before =
        switch places[index].alignment {
        case .left: 0
        case .right: free
        case .center: free / 2
        }
      if !text.isEmpty {
        out += String(repeating: " ", count: blanks + before) + text
        blanks = free - before
      } else {
        blanks += free
      }
      blanks += Self.gap.count
    }
    return out + "\n"
  }
}
