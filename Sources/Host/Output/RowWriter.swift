// RowWriter: rows in one of the forms, each written as it comes where the form allows it.
import AWSCore
import BackupGateway
import LuaRuntime

struct RowWriter {
  private let form: OutputForm
  /// Nil where each row says itself what it has.
  private let columns: [OutputColumn]?
  /// One record, which is no list of one.
  private let isSingle: Bool
  /// The shapes that are known by now: the first page of a listing brings its own.
  var order: MemberOrder
  /// Columns of the screen, for a table.
  private let width: Int?
  /// What stands around a table.
  private let frame: TableFrame
  /// Spaces a level, for JSON.
  private let indent: Int?
  /// What ends a line of CSV.
  private let lineEnd: String
  private var count = 0
  private var header: [String] = []
  private var held: [[LuaValue]] = []

  /// Rows that CSV looks at before it decides on its columns, where none were asked for.
  static let lookAhead = 1_000

  init(
    _ form: OutputForm, columns: [OutputColumn]?, isSingle: Bool, order: MemberOrder, width: Int? = nil,
    frame: TableFrame = TableFrame(), indent: Int? = 2, isForTerminal: Bool = false
  ) {
    self.form = form
    self.columns = columns
    self.isSingle = isSingle
    self.order = order
    self.width = width
    self.frame = frame
    self.indent = indent
    // RFC 4180 has CRLF; on a screen the CR would be one more thing to see.
    lineEnd = isForTerminal ? "\n" : "\r\n"
  }

  /// What is to be written now that this row has come: a value for each column, or the row itself.
  mutating func row(_ values: [LuaValue]) throws(NotData) -> [UInt8] {
    count += 1
    switch form {
    case .table:
      held.append(values)
      return []
    case .csv: return try csv(values)
    case .json:
      let text = JSON.encode(try document(values), indent: indent)
      if isSingle { return text + "\n".utf8 }
      let lines = indent.map { Self.indented(text, by: $0) } ?? text
      return (count == 1 ? "[" : ",").utf8 + lines
    case .jsonl: return JSON.encode(try document(values)) + "\n".utf8
    case .lua: return Array(try lua(values).utf8)
    case .yaml:
      let document = try document(values, allowsNonFinite: true)
      return Array((isSingle ? YAML.text(document) : YAML.item(document)).utf8)
    }
  }

  /// What remains to be written.
  mutating func end() throws(NotData) -> [UInt8] {
    switch form {
    case .table: return Array(frame.around(count == 0 && !frame.isEmpty ? "" : table()).utf8)
    case .csv: return try heldRecords()
    case .json:
      if isSingle { return [] }
      return Array((count == 0 ? "[]\n" : indent == nil ? "]\n" : "\n]\n").utf8)
    case .jsonl: return []
    case .lua: return Array((isSingle ? "" : count == 0 ? "{}\n" : "}\n").utf8)
    case .yaml: return Array((count == 0 && !isSingle ? "[]\n" : "").utf8)
    }
  }

  /// One literal in a list of literals.
  private func lua(_ values: [LuaValue]) throws(NotData) -> String {
    let literal = LuaLiteral(order: order, indent: indent)
    let margin = isSingle ? 0 : indent ?? 0
    let text: String
    if let columns {
      let cells = zip(columns, values).map { (name: $0.title, value: $1) }.filter {
        if case .nil = $0.value { false } else { true }
      }
      text = try literal.record(cells, margin: margin)
    } else {
      text = try literal.text(values.first ?? .nil, margin: margin)
    }
    if isSingle { return text + "\n" }
    return (count == 1 ? "{\n" : "") + String(repeating: " ", count: indent ?? 0) + text + ",\n"
  }

  private func document(_ values: [LuaValue], allowsNonFinite: Bool = false) throws(NotData) -> Value {
    let data = PlainData(order: order, allowsNonFinite: allowsNonFinite)
    guard let columns else { return try data.document(values.first ?? .nil) }
    var members: [(name: String, value: Value)] = []
    for (column, value) in zip(columns, values) {
      if case .nil = value { continue }
      members.append((column.title, try data.document(value, at: column.title)))
    }
    return .object(Value.Object(members: members))
  }

  /// The lines of an item, moved in by one level.
  private static func indented(_ text: [UInt8], by indent: Int) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    let spaces = repeatElement(UInt8(ascii: " "), count: indent)
    var out = [newline] + spaces
    for byte in text {
      out.append(byte)
      if byte == newline { out += spaces }
    }
    return out
  }

  // MARK: CSV

  private mutating func csv(_ values: [LuaValue]) throws(NotData) -> [UInt8] {
    let csv = CSV(data: PlainData(order: order), lineEnd: lineEnd)
    if let columns {
      let first = count == 1 ? try csv.record(columns.map { .string($0.title) }) : []
      return first + (try csv.record(values))
    }
    guard header.isEmpty else { return try csv.record(cells(values)) }
    held.append(values)
    return held.count < Self.lookAhead ? [] : try heldRecords()
  }

  /// What can be written before there are more rows. The columns of CSV are known where all rows are the service's own.
  mutating func flush() throws(NotData) -> [UInt8] {
    guard form == .csv, columns == nil, !held.isEmpty else { return [] }
    let isSure = held.allSatisfy { values in
      guard case .table(let table)? = values.first, table.shape != nil else { return false }
      let modelled = order.modelled(table)
      return table.fields.allSatisfy { modelled.contains($0.name) }
    }
    return isSure ? try heldRecords() : []
  }

  /// The header and the rows that waited for it.
  private mutating func heldRecords() throws(NotData) -> [UInt8] {
    let csv = CSV(data: PlainData(order: order), lineEnd: lineEnd)
    if let columns { return count == 0 ? try csv.record(columns.map { .string($0.title) }) : [] }
    guard !held.isEmpty else { return [] }
    header = names(of: held, withAbsent: true)
    var out = try csv.record(header.map(LuaValue.string))
    for (index, values) in held.enumerated() {
      do throws(NotData) {
        out += try csv.record(cells(values))
      } catch {
        throw NotData(path: error.path, problem: error.problem, row: index + 1)
      }
    }
    held = []
    return out
  }

  /// Cells under the header. What has no column there is not dropped in silence.
  private func cells(_ values: [LuaValue]) throws(NotData) -> [LuaValue] {
    guard case .table(let table)? = values.first, !order.isList(table) else {
      guard header == [Self.onlyColumn] else {
        throw NotData(path: "", problem: "this is no record, and the rows before it are")
      }
      return [values.first ?? .nil]
    }
    if let other = table.fields.first(where: { !header.contains($0.name) }) {
      throw NotData(
        path: other.name, problem: "the first \(Self.lookAhead) rows have no such member; name the columns")
    }
    return header.map { table[$0] ?? .nil }
  }

  /// The column of rows that are no records.
  private static let onlyColumn = "value"

  /// The members of the rows: in the model's order those of their shape, then the scripts' own by name.
  /// - Parameter withAbsent: those of the shape too that no row has, so that a report's columns stay the same.
  private func names(of rows: [[LuaValue]], withAbsent: Bool) -> [String] {
    var present: Set<String> = []
    var modelled: [String] = []
    var known: Set<Int32> = []
    for case .table(let table)? in rows.map(\.first) where !order.isList(table) {
      for field in table.fields { present.insert(field.name) }
      if let shape = table.shape, known.insert(shape).inserted {
        for name in order.modelled(table) where !modelled.contains(name) { modelled.append(name) }
      }
    }
    guard !present.isEmpty || !modelled.isEmpty else { return [Self.onlyColumn] }
    return modelled.filter { withAbsent || present.contains($0) } + present.subtracting(modelled).sorted()
  }

  // MARK: Tables

  private func table() -> String {
    let display = Display(order: order, width: width)
    if let columns {
      let rows = held.map { $0.map(display.cell) }
      let table = Table(
        columns.map { Table.Column(title: $0.title, alignment: $0.alignment) }, rows, showsEmpty: true)
      return isSingle ? table.records(width: width) : table.text(width: width)
    }
    if isSingle { return display.text(held.first?.first ?? .nil) }
    return display.text(.table(LuaTable(items: held.map { $0.first ?? .nil })))
  }
}
