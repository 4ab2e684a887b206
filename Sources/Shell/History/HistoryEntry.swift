// HistoryEntry: what the history keeps of a line, and how that is written down: one JSON object a line.
//
//   {"time":1700000000,"label":"prod/eu-west-1","ok":true,"seconds":0.213,"text":"list_gateways()"}
import AWSCore

/// A line or block that ran, and how it went.
struct HistoryEntry: Equatable {
  /// When it was typed, in seconds since 1970.
  var time: Int64
  /// The session it ran in, as the prompt showed it.
  var label: String
  var succeeded: Bool
  /// How long it took; nil where that is not known.
  var seconds: Double?
  var text: String

  init(time: Int64, label: String, succeeded: Bool, seconds: Double? = nil, text: String) {
    self.time = time
    self.label = label
    self.succeeded = succeeded
    self.seconds = seconds
    self.text = text
  }

  /// Reads a line of the file, without its line end; nil for what is no entry.
  init?(line: ArraySlice<UInt8>) {
    var scanner = EntryScanner(line)
    if let entry = scanner.entry() {
      self = entry
      return
    }
    guard let value = try? JSON.decode(Array(line)), let text = value["text"]?.string else { return nil }
    let seconds: Double? =
      switch value["seconds"] {
      case .number(let number)?: number
      case .integer(let number)?: Double(number)
      default: nil
      }
    self.init(
      time: value["time"]?.integer ?? 0, label: value["label"]?.string ?? "",
      succeeded: value["ok"] != .bool(false), seconds: seconds, text: text)
  }

  /// The line of the file, with its line end.
  var line: [UInt8] {
    var object: Value.Object = [:]
    object["time"] = .integer(time)
    object["label"] = .string(label)
    object["ok"] = .bool(succeeded)
    // Milliseconds are as much as anybody compares.
    if let seconds { object["seconds"] = .number((seconds * 1_000).rounded() / 1_000) }
    object["text"] = .string(text)
    return JSON.encode(.object(object)) + [UInt8(ascii: "\n")]
  }
}

/// Reads a line that is written exactly as `HistoryEntry.line` writes it, which nearly all are. A JSON document for
/// each of 50,000 lines would take longer than the 100 ms that Up may.
private struct EntryScanner {
  private var rest: ArraySlice<UInt8>

  init(_ line: ArraySlice<UInt8>) { rest = line }

  /// Nil for a line that only a JSON reader can tell.
  mutating func entry() -> HistoryEntry? {
    guard take(#"{"time":"#), let time = number().flatMap({ Int64($0) }), take(#","label":""#),
      let label = string(), take(#","ok":"#)
    else { return nil }
    let succeeded = take("true")
    guard succeeded || take("false") else { return nil }
    var seconds: Double?
    if take(#","seconds":"#) {
      guard let text = number(), let value = Double(text) else { return nil }
      seconds = value
    }
    guard take(#","text":""#), let text = string(), take("}"), rest.isEmpty else { return nil }
    return HistoryEntry(time: time, label: label, succeeded: succeeded, seconds: seconds, text: text)
  }

  private mutating func take(_ literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    guard rest.count >= count else { return false }
    let start = unsafe literal.utf8Start
    for index in 0..<count where unsafe rest[rest.startIndex + index] != start[index] { return false }
    rest = rest.dropFirst(count)
    return true
  }

  private mutating func number() -> String? {
    let end = rest.firstIndex { !(0x30...0x39).contains($0) && $0 != UInt8(ascii: ".") } ?? rest.endIndex
    defer { rest = rest[end...] }
    return end > rest.startIndex ? String(decoding: rest[..<end], as: UTF8.self) : nil
  }

  /// The rest of a string whose quote was taken; nil when it holds an escape other than those of a block of Lua.
  private mutating func string() -> String? {
    guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
      return nil
    }
    if rest[end] == UInt8(ascii: "\"") {
      defer { rest = rest[(end + 1)...] }
      return String(decoding: rest[..<end], as: UTF8.self)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rest.count)
    while let first = rest.popFirst() {
      switch first {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        switch rest.popFirst() {
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case let same? where same == UInt8(ascii: "\"") || same == UInt8(ascii: "\\"): bytes.append(same)
        default: return nil
        }
      default: bytes.append(first)
      }
    }
    return nil
  }
}
