// Display: values as people read them: records a member a line, lists of records as tables that fit the screen,
// other tables as Lua would write them. Reads copies only, so showing a value runs no code of a script.
import AWSCore
import BackupGateway
import LuaRuntime

struct Display {
  /// The shapes of records, by the number that a record carries.
  let shapes: [Int32: Shape]
  /// Columns of the screen; nil for no bound.
  let width: Int?

  /// Deepest nesting, and most items, that are written out.
  private static let deepest = 8
  private static let mostItems = 200

  /// Narrowest column of a table that is still worth reading.
  private static let narrowest = 8

  /// The lines of a value, each with its newline.
  func text(_ value: LuaValue) -> String {
    guard case .table(let table) = value else { return inline(value, quoted: false) + "\n" }
    if let rows = rows(of: table) { return self.table(rows) }
    if table.shape != nil, table.items.isEmpty, !table.fields.isEmpty { return record(table) }
    return literal(value, indent: "", depth: 0) + "\n"
  }

  // MARK: Tables

  /// The rows, when every item is a table with names.
  private func rows(of table: LuaTable) -> [LuaTable]? {
    guard !table.items.isEmpty, table.fields.isEmpty else { return nil }
    var rows: [LuaTable] = []
    for item in table.items {
      guard case .table(let row) = item, row.items.isEmpty, !row.fields.isEmpty else { return nil }
      rows.append(row)
    }
    return rows
  }

  private func table(_ rows: [LuaTable]) -> String {
    let names = columnNames(rows)
    let cells = rows.map { row in names.map { row[$0].map(cell) ?? "" } }
    var widths = names.indices.map { column in
      max(Terminal.columns(names[column]), cells.map { Terminal.columns($0[column]) }.max() ?? 0)
    }
    guard shrink(&widths) else { return rows.map(record).joined(separator: "\n") }
    let lines = ([names] + cells).map { line($0, widths) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whole seconds are enough in a table; a record shows them exactly.
  private func cell(_ value: LuaValue) -> String {
    guard case .timestamp(let microseconds) = value else { return oneLine(inline(value, quoted: false)) }
    return Timestamp(microseconds: microseconds - microseconds % 1_000_000).iso8601
  }

  /// A name with a newline in it must not look like two rows.
  private func oneLine(_ text: String) -> String {
    text.replacing("\n", with: "\\n").replacing("\t", with: "\\t")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = zip(cells, widths).map { Terminal.padded(Terminal.cut($0, to: $1), to: $1) }.joined(
      separator: "  ")
    while text.last == " " { text.removeLast() }
    return text
  }

  /// Takes from the widest column until the line fits; false when it cannot.
  private func shrink(_ widths: inout [Int]) -> Bool {
    guard let width else { return true }
    let available = width - 2 * (widths.count - 1)
    while widths.reduce(0, +) > available {
      guard let widest = widths.max(), widest > Self.narrowest, let column = widths.firstIndex(of: widest)
      else {
        return false
      }
      // Straight down to the next widest, or to what is needed: one column at a time would take long.
      let excess = widths.reduce(0, +) - available
      let next = widths.filter { $0 < widest }.max() ?? Self.narrowest
      widths[column] = max(Self.narrowest, min(widest - 1, max(next, widest - excess)))
    }
    return true
  }

  /// The members of the rows' shape in the model's order, as far as one of the rows has them, then the script's own.
  private func columnNames(_ rows: [LuaTable]) -> [String] {
    let present = Set(rows.flatMap { $0.fields.map(\.name) })
    let modelled = memberNames(of: rows[0]).filter(present.contains)
    return modelled + present.subtracting(modelled).sorted()
  }

  private func memberNames(of table: LuaTable) -> [String] {
    table.shape.flatMap { shapes[$0] }?.members.map(\.name) ?? []
  }

  // MARK: Records

  private func record(_ table: LuaTable) -> String {
    let names = columnNames([table])
    let widest = names.map(Terminal.columns).max() ?? 0
    return names.map { name in
      let value = table[name] ?? .nil
      let cell = oneLine(inline(value, quoted: false))
      let room = width.map { max(Self.narrowest, $0 - widest - 2) }
      return "\(Terminal.padded(name, to: widest))  \(room.map { Terminal.cut(cell, to: $0) } ?? cell)\n"
    }.joined()
  }

  // MARK: Values in a line

  private func inline(_ value: LuaValue, quoted: Bool) -> String {
    switch value {
    case .nil: return "nil"
    case .boolean(let flag): return String(flag)
    case .integer(let number): return String(number)
    case .number(let number): return Self.number(number)
    case .string(let text): return quoted ? Self.quoted(text) : text
    case .bytes(let bytes):
      let text = bytes.map {
        (0x20..<0x7F).contains($0) ? String(Unicode.Scalar($0)) : "\\x" + Digest.hex([$0])
      }
      return "\"\(text.joined())\""
    case .timestamp(let microseconds): return Timestamp(microseconds: microseconds).iso8601
    case .secret: return Secrets.shown
    case .opaque(let type): return "(\(type))"
    case .table(let table):
      let parts =
        table.items.map { inline($0, quoted: true) }
        + orderedFields(table).map { "\($0.name) = \(inline($0.value, quoted: true))" }
      return parts.isEmpty ? "{}" : "{ \(parts.joined(separator: ", ")) }"
    }
  }

  /// The shortest text that reads back as the same number; one with a whole value keeps its `.0`, as in Lua.
  private static func number(_ number: Double) -> String {
    if number.isNaN { return "nan" }
    if number.isInfinite { return number < 0 ? "-inf" : "inf" }
    return "\(number)"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
      + "\""
  }

  private func orderedFields(_ table: LuaTable) -> [(name: String, value: LuaValue)] {
    let modelled = memberNames(of: table)
    return table.fields.sorted { a, b in
      let x = modelled.firstIndex(of: a.name) ?? .max
      let y = modelled.firstIndex(of: b.name) ?? .max
      return x == y ? a.name < b.name : x < y
    }
  }

  // MARK: Other tables

  /// A table over several lines when one does not hold it.
  private func literal(_ value: LuaValue, indent: String, depth: Int) -> String {
    let short = inline(value, quoted: true)
    guard case .table(let table) = value, Terminal.columns(short) + indent.count > (width ?? 100) else {
      return short
    }
    guard depth < Self.deepest else { return "{ … }" }
    let inner = indent + "  "
    var lines = table.items.prefix(Self.mostItems).map { literal($0, indent: inner, depth: depth + 1) }
    lines += orderedFields(table).prefix(Self.mostItems).map {
      "\($0.name) = \(literal($0.value, indent: inner, depth: depth + 1))"
    }
    let left = table.items.count + table.fields.count - lines.count
    if left > 0 { lines.append("… \(left) more") }
    return "{\n" + lines.map { "\(inner)\($0),\n" }.joined() + indent + "}"
  }
}
