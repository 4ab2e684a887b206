// SnippetTable: what the commands of snippets list: aligned columns for people, and with --output json an array of objects.
import AWSCore
import Host

struct SnippetTable {
  /// The names of the columns, as JSON has them.
  let columns: [String]
  var rows: [[String]] = []
  /// On a terminal the last column is cut where the row ends.
  var isCut = false

  init(_ columns: String...) { self.columns = columns }

  /// - Throws: a report for a form that these lists have not.
  func text(_ form: OutputForm?) throws(Report) -> String {
    switch form {
    case nil, .table: return aligned
    case .json:
      let objects = rows.map { row in
        Value.object(Value.Object(members: zip(columns, row).map { ($0, .string($1)) }))
      }
      return String(decoding: JSON.encode(.array(objects), indent: 2), as: UTF8.self) + "\n"
    default:
      throw Report(message: "this list is written as table or json only", exitCode: ExitCode.usage)
    }
  }

  /// The last column may be of any width.
  private var aligned: String {
    guard !rows.isEmpty else { return "" }
    let all = [columns.map { $0.uppercased() }] + rows.map { $0.map(Console.visible) }
    let widths = columns.indices.map { index in all.map { Terminal.columns($0[index]) }.max() ?? 0 }
    let lines = all.map { row in
      let cells = zip(row, widths).map { Terminal.padded($0, to: $1) }
      let line = trimmedEnd(cells.joined(separator: "  "))
      return (isCut ? Terminal.width.map { Terminal.cut(line, to: $0) } ?? line : line) + "\n"
    }
    return lines.joined()
  }

  private func trimmedEnd(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }
}
