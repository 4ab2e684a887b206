// FileArgument: the bytes of a file that a command line names, as the script gets them.
import AWSCore
import Host

enum FileArgument {
  /// - Throws: a problem in words that follow the file's name.
  static func item(
    _ content: [UInt8], _ form: ScriptArgument.FileForm
  ) throws(ArgumentProblem) -> GivenArguments.Item {
    var content = content[...]
    if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
    switch form {
    case .json:
      do throws(JSONError) {
        _ = try JSON.decode(Array(content))
      } catch {
        let line = content.prefix(error.offset).reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
        throw ArgumentProblem("is not JSON: \(error.problem), in line \(line)")
      }
      return .document(Array(content))
    case .lines: return .list(try text(content).split(lines: ()).map { .string($0) })
    case .csv: return try csv(text(content))
    }
  }

  private static func text(_ content: ArraySlice<UInt8>) throws(ArgumentProblem) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ArgumentProblem("is not UTF-8 text")
    }
    return text
  }

  /// An array of tables by the names of the first record.
  private static func csv(_ text: String) throws(ArgumentProblem) -> GivenArguments.Item {
    var records = try CSVRecords.read(text)
    guard !records.isEmpty else { throw ArgumentProblem("is empty; its first line names the columns") }
    let names = records.removeFirst().cells
    guard Set(names).count == names.count, !names.contains("") else {
      throw ArgumentProblem("has a column without a name, or two of one name, in its first line")
    }
    if let long = records.first(where: { $0.cells.count > names.count }) {
      throw ArgumentProblem(
        "has \(long.cells.count) cells in line \(long.line), and its first line names \(names.count)")
    }
    return .rows(names: names, records: records.map(\.cells))
  }
}

/// Reads RFC 4180: cells in quotes may hold commas, quotes (doubled) and line ends.
enum CSVRecords {
  struct Record {
    let line: Int
    var cells: [String]
  }

  static func read(_ text: String) throws(ArgumentProblem) -> [Record] {
    let comma = UInt8(ascii: ","), quote = UInt8(ascii: "\"")
    let newline = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")
    let bytes = Array(text.utf8)
    var records: [Record] = []
    var record = Record(line: 1, cells: [])
    var cell: [UInt8] = []
    var place = 0
    var line = 1
    func end() {
      record.cells.append(String(decoding: cell, as: UTF8.self))
      cell = []
    }
    while place < bytes.count {
      switch bytes[place] {
      case quote where cell.isEmpty:
        let begun = line
        place += 1
        while true {
          guard place < bytes.count else {
            throw ArgumentProblem("has a quote in line \(begun) that is not closed")
          }
          if bytes[place] == quote {
            guard place + 1 < bytes.count, bytes[place + 1] == quote else { break }
            place += 1
          }
          if bytes[place] == newline { line += 1 }
          cell.append(bytes[place])
          place += 1
        }
        place += 1
        guard place == bytes.count || [comma, newline, carriageReturn].contains(bytes[place]) else {
          throw ArgumentProblem("has something behind a closing quote in line \(line)")
        }
      case comma:
        end()
        place += 1
      case newline, carriageReturn:
        let isPair = bytes[place] == carriageReturn && place + 1 < bytes.count && bytes[place + 1] == newline
        place += isPair ? 2 : 1
        end()
        // A blank line is no record.
        if record.cells != [""] { records.append(record) }
        line += 1
        record = Record(line: line, cells: [])
      default:
        cell.append(bytes[place])
        place += 1
      }
    }
    if !cell.isEmpty || !record.cells.isEmpty {
      end()
      records.append(record)
    }
    return records
  }
}

extension String {
  /// Lines without their ends; a text that ends with one has no empty line behind it.
  fileprivate func split(lines: Void) -> [String] {
    var parts = utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts.map { part in
      String(decoding: part.last == UInt8(ascii: "\r") ? part.dropLast() : part, as: UTF8.self)
    }
  }
}
