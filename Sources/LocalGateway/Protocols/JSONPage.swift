// JSONPage: an answer in JSON whose list is written while it is read. A page of 1,000 virtual machines had been made of
// 13,000 texts and values before; now its bytes go from SQLite's memory into the answer.
import AWSCore

/// A member of what a listing shows, and the column of the row that has it.
struct ListedColumn {
  enum Kind { case text, timestamp }

  let name: String
  let index: Int32
  let kind: Kind

  init(_ name: String, _ index: Int32, _ kind: Kind = .text) {
    (self.name, self.index, self.kind) = (name, index, kind)
  }
}

/// One list of an answer, and then its other members.
final class JSONPage {
  private var writer = JSONWriter(omitsNulls: true)
  private var isBegun = false
  private var isEmpty = true

  /// Begins the list that is the member of this name.
  func begin(_ member: String) {
    isBegun = true
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
    writer.put("]")
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
      }
    }
  }
}
