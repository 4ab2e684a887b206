// HistoryList: entries of the history as `.history` prints them, one a row.
//
//     12  2026-11-27 11:20  prod/eu-west-1  ok      0.213 s  for g in list_gateways() do ↵ print(g) ↵ end
import Glibc

enum HistoryList {
  /// The rows, cut to the window's width.
  static func text(_ rows: [(number: Int, entry: HistoryEntry)], columns: Int) -> String {
    let cells = rows.map { number, entry in
      [
        String(number), time(entry.time), Layout.shown(entry.label), entry.succeeded ? "ok" : "failed",
        entry.seconds.map { Elapsed.text($0) } ?? "",
      ]
    }
    let widths = (0..<5).map { column in cells.map { Layout.columns(of: $0[column]) }.max() ?? 0 }
    return zip(cells, rows).map { cells, row in
      let head = zip(cells, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - Layout.columns(of: cell.0))
        // Numbers end together.
        return column == 0 || column == 4 ? space + cell.0 : cell.0 + space
      }.joined(separator: "  ")
      // A narrow window shows the number, with which the entry can be fetched, and the text.
      let isNarrow = Layout.columns(of: head) > columns / 2 + 20
      let start = isNarrow ? cells[0] : head
      return Layout.cut("\(start)  \(line(row.entry.text))", to: columns) + "\n"
    }.joined()
  }

  /// A block in one line.
  private static func line(_ text: String) -> String {
    text.replacing("\t", with: " ").split(separator: "\n")
      .map { Layout.shown(String($0.drop(while: \.isWhitespace))) }.joined(separator: " ↵ ")
  }

  /// The local time, to the minute.
  private static func time(_ seconds: Int64) -> String {
    guard let whole = time_t(exactly: seconds) else { return "" }
    var moment = whole
    var parts = unsafe tm()
    guard unsafe localtime_r(&moment, &parts) != nil else { return "" }
    var text = [CChar](repeating: 0, count: 32)
    let count = unsafe strftime(&text, text.count, "%Y-%m-%d %H:%M", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
