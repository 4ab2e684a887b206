// JSONPage: an answer in JSON whose rows are written while they are read. A page of 1,000 virtual machines had been made of
// 13,000 texts and values before; now its bytes go from SQLite's memory into the answer.
import AWSCore

/// A member of what an answer shows of a row, and the column that has it.
struct ListedColumn {
  enum Kind { case text, timestamp, vmwareTags }

  let name: String
  let index: Int32
  let kind: Kind

  init(_ name: String, _ index: Int32, _ kind: Kind = .text) {
    (self.name, self.index, self.kind) = (name, index, kind)
  }
}

/// One row of an answer or a list of them, and then its other members.
final class JSONPage {
  private var writer = JSONWriter(omitsNulls: true)
  private var isBegun = false
  private var isList = false
  private var isEmpty = true

  /// The current row is the member of this name; what is NULL in it is left out.
  func write(_ member: String, _ row: Statement, _ columns: [ListedColumn]) {
    isBegun = true
    writer.put("{")
    writer.write(member)
    writer.put(":")
    writer.write(row, columns)
  }

  /// Begins the list that is the member of this name.
  func begin(_ member: String) {
    (isBegun, isList) = (true, true)
    writer.put("{")
    writer.write(member)
    writer.put(":")
    writer.put("[")
  }

  /// Adds the current row; what is NULL in it is left out.
  func add(_ row: Statement, _ columns: [ListedColumn]) {
    if !isEmpty { writer.put(",") }
    isEmpty = false
    writer.write(row, columns)
  }

  /// The whole answer.
  func document(with others: Value.Object) -> [UInt8] {
    guard isBegun else { return JSON.encode(document: others) }
    if isList { writer.put("]") }
    for (name, value) in others.members {
      writer.put(",")
      writer.write(name)
      writer.put(":")
      writer.write(value)
    }
    writer.put("}")
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ row: Statement, _ columns: [ListedColumn]) {
    var mark: Unicode.Scalar = "{"
    for column in columns {
      switch column.kind {
      case .text:
        guard let text = unsafe row.bytes(column.index) else { continue }
        begin(column.name, after: mark)
        unsafe write(text)
      case .timestamp:
        guard let time = row.timestamp(column.index) else { continue }
        begin(column.name, after: mark)
        write(time)
      case .vmwareTags:
        // They are kept as they are shown.
        guard let tags = unsafe row.bytes(column.index) else { continue }
        begin(column.name, after: mark)
        unsafe write(plain: tags)
      }
      mark = ","
    }
    if mark == "{" { put(mark) }
    put("}")
  }

  private mutating func begin(_ member: String, after mark: Unicode.Scalar) {
    put(mark)
    write(member)
    put(":")
  }
}

extension Value.Object {
  /// The same of a row for other protocols.
  init(_ row: Statement, _ columns: [ListedColumn]) {
    self.init()
    for column in columns {
      switch column.kind {
      case .text: append(column.name, row.text(column.index))
      case .timestamp: if let time = row.timestamp(column.index) { append(column.name, .timestamp(time)) }
      case .vmwareTags:
        let tags = JSONColumn.items(row.text(column.index))
        if !tags.isEmpty { append(column.name, .array(tags)) }
      }
    }
  }
}
