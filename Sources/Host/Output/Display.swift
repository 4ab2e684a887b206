// Display: values as people read them: records a member a line, lists of records as tables that fit the screen,
// other tables as Lua would write them. Reads copies only, so showing a value runs no code of a script.
import AWSCore
import BackupGateway
import LuaRuntime

struct Display {
  let order: MemberOrder
  /// Columns of the screen; nil for no bound.
  let width: Int?

  /// Deepest nesting, and most items, that are written out.
  private static let deepest = 8
  private static let mostItems = 200

  /// The lines of a value, each with its newline.
  func text(_ value: LuaValue) -> String {
    guard case .table(let table) = value else { return inline(value, quoted: false) + "\n" }
    if let rows = rows(of: table) { return self.table(rows).text(width: width) }
    if table.shape != nil, table.items.isEmpty, !table.fields.isEmpty {
      return self.table([table], isExact: true).records(width: width)
    }
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

  /// - Parameter isExact: times to the microsecond; in a table whole seconds are enough.
  private func table(_ rows: [LuaTable], isExact: Bool = false) -> Table {
    let names = columnNames(rows)
    let cells = rows.map { row in
      names.map { name in row[name].map { isExact ? exactCell($0) : cell($0) } ?? .empty }
    }
    return Table(names.map { Table.Column(title: $0) }, cells)
  }

  /// A value in a column.
  func cell(_ value: LuaValue) -> Table.Cell {
    guard case .timestamp(let microseconds) = value else { return exactCell(value) }
    let seconds = microseconds - (microseconds % 1_000_000 + 1_000_000) % 1_000_000
    return Table.Cell(Timestamp(microseconds: seconds).iso8601, isWhole: true)
  }

  private func exactCell(_ value: LuaValue) -> Table.Cell {
    let text = Visible.line(inline(value, quoted: false))
    switch value {
    case .nil: return .empty
    case .integer, .number: return Table.Cell(text, isNumber: true)
    case .timestamp, .boolean: return Table.Cell(text, isWhole: true)
    default: return Table.Cell(text)
    }
  }

  /// The members of the rows' shape in the model's order, as far as one of the rows has them, then the script's own.
  private func columnNames(_ rows: [LuaTable]) -> [String] {
    let present = Set(rows.flatMap { $0.fields.map(\.name) })
    let modelled = order.modelled(rows[0]).filter(present.contains)
    return modelled + present.subtracting(modelled).sorted()
  }

  // MARK: Values in a line

  private func inline(_ value: LuaValue, quoted: Bool) -> String {
    switch value {
    case .nil: return "nil"
    case .boolean(let flag): return String(flag)
    case .integer(let number): return String(number)
    case .number(let number): return Numbers.text(number)
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
      if let name = Self.name(ofObject: table) { return name }
      let parts =
        table.items.map { inline($0, quoted: true) }
        + order.fields(of: table).map { "\($0.name) = \(inline($0.value, quoted: true))" }
      return parts.isEmpty ? "{}" : "{ \(parts.joined(separator: ", ")) }"
    }
  }

  /// An object that is all metatable, as a listing, by its name.
  private static func name(ofObject table: LuaTable) -> String? {
    guard table.shape == nil, table.items.isEmpty, table.fields.isEmpty, let name = table.metatableName
    else { return nil }
    return name == PlainData.null ? "null" : "(\(name))"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
      + "\""
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
    lines += order.fields(of: table).prefix(Self.mostItems).map {
      "\($0.name) = \(literal($0.value, indent: inner, depth: depth + 1))"
    }
    let left = table.items.count + table.fields.count - lines.count
    if left > 0 { lines.append("… \(left) more") }
    return "{\n" + lines.map { "\(inner)\($0),\n" }.joined() + indent + "}"
  }
}
