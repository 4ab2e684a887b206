// CSV: records as RFC 4180 has them: lines end with CRLF, and a cell is quoted where it must be. Nothing is altered: a cell
// that begins with = + - or @ is written as it is, and a spreadsheet may take it for a formula.
import AWSCore
import LuaRuntime

struct CSV {
  var data = PlainData()
  var lineEnd = "\r\n"

  /// One record. Absent cells are empty, empty texts are `""`, which readers that care can tell apart.
  func record(_ cells: [LuaValue]) throws(NotData) -> [UInt8] {
    var line: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      guard let text = try text(cell) else { continue }
      Self.append(text, to: &line)
    }
    // A line without anything would be no record.
    if line.isEmpty { line += "\"\"".utf8 }
    return line + lineEnd.utf8
  }

  /// Nil for nothing at all.
  private func text(_ cell: LuaValue) throws(NotData) -> [UInt8]? {
    switch cell {
    case .nil: return nil
    case .boolean(let flag): return Array(String(flag).utf8)
    case .integer(let number): return Array(String(number).utf8)
    case .number(let number): return Array(Numbers.text(number).utf8)
    case .string(let text): return Array(text.utf8)
    case .bytes(let bytes): return bytes
    case .timestamp(let microseconds): return Array(Timestamp(microseconds: microseconds).iso8601.utf8)
    case .table, .opaque, .secret:
      let document = try data.document(cell)
      return document == .null ? nil : JSON.encode(document)
    }
  }

  private static func append(_ text: [UInt8], to line: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let mustQuote = text.contains { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0A || $0 == 0x0D }
    guard mustQuote || text.isEmpty else {
      line += text
      return
    }
    line.append(quote)
    for byte in text {
      if byte == quote { line.append(quote) }
      line.append(byte)
    }
    line.append(quote)
  }
}
