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
  private static let mostItems = 1_000
  /// Characters of a table in a cell: more than a screen is wide.
  private static let longestCell = 1_000

  /// The lines of a value, each with its newline.
  func text(_ value: LuaValue) -> String {
    var layout: Table.Layout?
    return text(value, below: &layout)
  }

  /// The lines of a part of a listing, below the part before.
  func text(_ value: LuaValue, below layout: inout Table.Layout?) -> String {
    guard case .table(let table) = value else { return inline(value, quoted: false) + "\n" }
    if let rows = rows(of: table) {
      return self.table(rows, titles: layout?.titles ?? []).text(width: width, below: &layout)
    }
    if isRecord(table) { return record(table) }
    var paths: [UInt: String] = [:]
    return literal(marked(value, at: "", &paths), indent: "", depth: 0) + "\n"
  }

  /// A record, whole.
  func record(_ table: LuaTable) -> String {
    self.table([table], isExact: true).record(width: width)
  }

  private func isRecord(_ table: LuaTable) -> Bool {
    (table.shape != nil || Self.isError(table)) && table.items.isEmpty && !table.fields.isEmpty
  }

  /// A value in one line, as much of it as a screen has room for. A record by its shape, its names before its ARNs.
  func line(_ value: LuaValue) -> String {
    var room = Self.longestCell
    guard case .table(let table) = value, table.items.isEmpty,
      let shape = table.shape.flatMap({ order.shapes[$0] })
    else { return Visible.line(inline(value, quoted: true, room: &room)) }
    let fields = order.fields(of: table)
    func isArn(_ field: (name: String, value: LuaValue)) -> Bool {
      field.value.string?.hasPrefix("arn:") ?? false
    }
    let parts = (fields.filter { !isArn($0) } + fields.filter(isArn)).map { field in
      "\(field.name) = \(inline(field.value, quoted: true, room: &room))"
    }
    return Visible.line("\(shape.name) { \(parts.joined(separator: ", ")) }")
  }

  // MARK: Tables

  /// Rows with more names than that between them are no table: each would have a cell for all names of the others.
  private static let mostColumns = 256

  /// The rows, when every item is a table with names, and they have them in common.
  private func rows(of table: LuaTable) -> [LuaTable]? {
    guard !table.items.isEmpty, table.fields.isEmpty else { return nil }
    var rows: [LuaTable] = []
    var names: Set<String> = []
    for item in table.items {
      guard case .table(let row) = item, row.items.isEmpty, !row.fields.isEmpty else { return nil }
      names.formUnion(row.fields.lazy.map(\.name))
      guard names.count <= Self.mostColumns else { return nil }
      rows.append(row)
    }
    return rows
  }

  /// - Parameters:
  ///   - titles: columns that there are in any case.
  ///   - isExact: times to the microsecond; in a table whole seconds are enough.
  private func table(_ rows: [LuaTable], titles: [String] = [], isExact: Bool = false) -> Table {
    let names = columnNames(rows, titles)
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
    var room = Self.longestCell
    let text = Visible.line(inline(value, quoted: false, room: &room))
    switch value {
    case .nil: return .empty
    case .integer, .number: return Table.Cell(text, isNumber: true)
    case .timestamp, .boolean: return Table.Cell(text, isWhole: true)
    default: return Table.Cell(text)
    }
  }

  /// The members of the rows' shape in the model's order, as far as one of the rows has them, then the script's own.
  private func columnNames(_ rows: [LuaTable], _ titles: [String]) -> [String] {
    let present = Set(rows.flatMap { $0.fields.map(\.name) }).union(titles)
    let known = Self.isError(rows[0]) ? Self.membersOfErrors : order.modelled(rows[0])
    let modelled = known.filter(present.contains)
    let others = present.subtracting(modelled).sorted()
    return modelled + (Self.isError(rows[0]) ? others.filter { $0 != "traceback" } : others)
  }

  private static func isError(_ table: LuaTable) -> Bool {
    table.metatableName == "error" && table["message"] != nil
  }

  /// What a person wants to know of an error, first; not its traceback, which `_.traceback` has.
  private static let membersOfErrors = [
    "message", "code", "operation", "where", "http_status", "request_id", "attempts", "retryable", "host",
  ]

  // MARK: Values in a line

  private func inline(_ value: LuaValue, quoted: Bool) -> String {
    var room = Int.max
    return inline(value, quoted: quoted, room: &room)
  }

  /// - Parameter room: characters that are wanted; what goes beyond is left out.
  private func inline(_ value: LuaValue, quoted: Bool, room: inout Int) -> String {
    let text: String
    switch value {
    case .nil: text = "nil"
    case .boolean(let flag): text = String(flag)
    case .integer(let number): text = String(number)
    case .number(let number): text = Numbers.text(number)
    case .string(let string): text = quoted ? LuaLiteral.quoted(string, isVisible: true) : string
    case .bytes(let bytes): text = LuaLiteral.quoted(bytes)
    case .timestamp(let microseconds): text = Timestamp(microseconds: microseconds).iso8601
    case .secret: text = Secrets.shown
    case .opaque(let type): text = type.hasPrefix("<") ? type : "(\(type))"
    case .table(let table):
      if let name = Self.name(ofObject: table) {
        text = name
        break
      }
      var parts: [String] = []
      for item in table.items where room > 0 { parts.append(inline(item, quoted: true, room: &room)) }
      for field in order.fields(of: table) where room > 0 {
        let key = LuaLiteral.key(field.name, isOther: table.otherKeys.contains(field.name))
        parts.append("\(key) = \(inline(field.value, quoted: true, room: &room))")
      }
      return parts.isEmpty ? "{}" : "{ \(parts.joined(separator: ", ")) }"
    }
    room -= text.utf8.count + 2
    return text
  }

  /// An object that is all metatable, as a listing, by its name.
  private static func name(ofObject table: LuaTable) -> String? {
    guard table.shape == nil, table.items.isEmpty, table.fields.isEmpty, let name = table.metatableName
    else { return nil }
    return name == PlainData.null ? "null" : "(\(name))"
  }

  // MARK: Other tables

  /// The value with what stands in it twice written out once: the second time it says where.
  private func marked(_ value: LuaValue, at path: String, _ paths: inout [UInt: String]) -> LuaValue {
    guard case .table(var table) = value, table.identity != 0, Self.name(ofObject: table) == nil,
      !table.items.isEmpty || !table.fields.isEmpty
    else { return value }
    if let known = paths[table.identity] { return .opaque("<same as \(known)>") }
    paths[table.identity] = path
    for index in table.items.indices {
      table.items[index] = marked(table.items[index], at: "\(path)[\(index + 1)]", &paths)
    }
    table.fields = order.fields(of: table).map { field in
      let key = LuaLiteral.key(field.name, isOther: table.otherKeys.contains(field.name))
      let place = key.hasPrefix("[") ? path + key : path.isEmpty ? key : "\(path).\(key)"
      return (field.name, marked(field.value, at: place, &paths))
    }
    return .table(table)
  }

  /// A table over several lines when one does not hold it.
  private func literal(_ value: LuaValue, indent: String, depth: Int) -> String {
    let columns = width ?? 100
    var room = columns + 1
    let short = inline(value, quoted: true, room: &room)
    guard case .table(let table) = value else { return inline(value, quoted: true) }
    if room >= 0, Terminal.columns(short) + indent.count <= columns { return short }
    guard depth < Self.deepest else { return "{ … }" }
    let inner = indent + "  "
    var lines = table.items.prefix(Self.mostItems).map { literal($0, indent: inner, depth: depth + 1) }
    lines += order.fields(of: table).prefix(Self.mostItems).map { field in
      let key = LuaLiteral.key(field.name, isOther: table.otherKeys.contains(field.name))
      return "\(key) = \(literal(field.value, indent: inner, depth: depth + 1))"
    }
    let left = table.items.count + table.fields.count - lines.count
    let end = left > 0 ? "\(inner)… \(left) more\n" : ""
    return "{\n" + lines.map { "\(inner)\($0),\n" }.joined() + end + indent + "}"
  }
}
