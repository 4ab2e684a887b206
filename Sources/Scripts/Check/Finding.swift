// Finding: something in a script that will not do what its author meant, with its place.

/// What `moongate check` has to say of one place in a script.
public struct Finding: Sendable, Equatable {
  public enum Severity: String, Sendable, CaseIterable {
    /// It fails when it is reached.
    case error
    /// It is most likely a slip.
    case warning
    /// Worth knowing; never a reason to refuse a script.
    case info
  }

  /// A place in a source; both count from 1, columns in characters.
  public struct Place: Sendable, Equatable {
    public let line: Int
    public let column: Int
  }

  /// The id of the rule, as `-- check: ignore` names it.
  public let rule: String
  public let severity: Severity
  public let message: String
  /// What to write instead, where there is one word for it.
  public let suggestion: String?
  public let start: Place
  /// Behind the last character.
  public let end: Place
  /// Bytes of the source.
  public let range: Range<Int>
}

/// The lines of a source, for places in it. Lines end where an editor ends them: at LF, CR LF or CR.
struct SourceLines {
  let source: [UInt8]
  private var starts = [0]

  init(_ source: [UInt8]) {
    self.source = source
    var previous: UInt8 = 0
    for (index, byte) in source.enumerated() {
      if byte == 0x0A {
        if previous == 0x0D { starts[starts.count - 1] = index + 1 } else { starts.append(index + 1) }
      } else if byte == 0x0D {
        starts.append(index + 1)
      }
      previous = byte
    }
  }

  /// The line that a byte stands in, from 1.
  func line(of offset: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The place of a byte behind another, whose place is known.
  func place(of offset: Int, after known: Int, _ place: Finding.Place) -> Finding.Place {
    let line = line(of: offset)
    let isSameLine = line == place.line
    let start = isSameLine ? known : starts[line - 1]
    let before = source[start..<min(max(start, offset), source.count)]
    // Characters of UTF-8 have one byte that does not begin with 10.
    return Finding.Place(
      line: line, column: (isSameLine ? place.column : 1) + before.count { $0 & 0xC0 != 0x80 })
  }

  /// The bytes of a line, from 1, without its end.
  func range(of line: Int) -> Range<Int> {
    guard starts.indices.contains(line - 1) else { return source.count..<source.count }
    let start = starts[line - 1]
    var end = starts.indices.contains(line) ? starts[line] : source.count
    while end > start, source[end - 1] == 0x0A || source[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }
}

/// Counts the places of bytes that come in order, so that a source of one long line is gone through once.
struct PlaceCounter {
  private let lines: SourceLines
  private var offset = 0
  private var place = Finding.Place(line: 1, column: 1)

  init(_ lines: SourceLines) { self.lines = lines }

  mutating func place(of offset: Int) -> Finding.Place {
    place = lines.place(of: offset, after: self.offset, place)
    self.offset = offset
    return place
  }
}
