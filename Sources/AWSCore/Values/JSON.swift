// JSON: Value from bytes, through the project's one scanner, and bytes from Value.
import CJSON

/// Why a document is not JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in words.
  public var problem: String
  /// Where, in bytes from the start.
  public var offset: Int

  public var description: String { "\(problem) at byte \(offset)" }
}

public enum JSON {
  /// Parses one document (RFC 8259). Duplicate member names are refused.
  public static func decode(_ bytes: [UInt8]) throws(JSONError) -> Value {
    // `withUnsafeBytes` does not carry typed errors, hence the Result.
    let result: Result<Value, JSONError> = unsafe bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else {
        return .failure(JSONError(problem: "unfinished document", offset: 0))
      }
      var builder = Builder()
      return Result { () throws(JSONError) in
        try unsafe builder.build(base.assumingMemoryBound(to: CChar.self), raw.count)
      }
    }
    return try result.get()
  }

  /// What `transform` makes of the first text that it takes, among the values of these members at any depth. Builds
  /// nothing and reads no further: a page of 1,000 rows has its first ARN in the first of them.
  public static func first<Found>(
    _ members: Set<String>, in bytes: [UInt8], _ transform: (String) -> Found?
  ) -> Found? {
    unsafe bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return nil }
      var scanner = unsafe cjson_begin(base.assumingMemoryBound(to: CChar.self), raw.count)
      var isWanted = false
      while true {
        switch unsafe cjson_next(&scanner) {
        case CJSON_END, CJSON_ERROR: return nil
        case CJSON_KEY: isWanted = members.contains(unsafe text(of: scanner))
        case CJSON_STRING where isWanted:
          if let found = transform(unsafe text(of: scanner)) { return found }
          isWanted = false
        default: isWanted = false
        }
      }
    }
  }

  /// The text of a key or string token. The scanner has checked that it is UTF-8.
  fileprivate static func text(of scanner: cjson_scanner) -> String {
    guard let start = unsafe scanner.text else { return "" }
    let length = unsafe scanner.length
    guard unsafe scanner.escaped else {
      return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
    return unsafe String(unsafeUninitializedCapacity: length) { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return unsafe base.withMemoryRebound(to: CChar.self, capacity: length) {
        unsafe cjson_unescape(start, length, $0)
      }
    }
  }

  /// On one line, without spaces.
  public static func encode(_ value: Value) -> [UInt8] { encode(value, indent: nil) }

  /// - Parameter indent: spaces a level, each item and member on a line of its own; nil for one line without spaces.
  public static func encode(_ value: Value, indent: Int?) -> [UInt8] {
    var out: [UInt8] = []
    write(value, Layout(indent: indent), to: &out)
    return out
  }
}

/// Where lines are broken.
private struct Layout {
  var indent: Int?
  var depth = 0

  var deeper: Layout { Layout(indent: indent, depth: depth + 1) }

  func breakLine(_ out: inout [UInt8]) {
    guard let indent else { return }
    out.append(UInt8(ascii: "\n"))
    out += repeatElement(UInt8(ascii: " "), count: indent * depth)
  }
}

/// Builds a Value from the scanner's tokens with a stack of its own, so that depth costs no Swift stack.
private struct Builder {
  private struct Level {
    var object: Value.Object?
    var array: [Value] = []
    var key = ""
    /// The names seen, to refuse the second of a pair.
    var names: Set<Value.Object.Name> = []
  }

  private var levels: [Level] = []
  private var result: Value?

  mutating func build(_ bytes: UnsafePointer<CChar>, _ count: Int) throws(JSONError) -> Value {
    var scanner = unsafe cjson_begin(bytes, count)
    while true {
      let kind = unsafe cjson_next(&scanner)
      switch kind {
      case CJSON_OBJECT_BEGIN: levels.append(Level(object: Value.Object()))
      case CJSON_ARRAY_BEGIN: levels.append(Level())
      case CJSON_OBJECT_END, CJSON_ARRAY_END:
        let level = levels.removeLast()
        add(level.object.map(Value.object) ?? .array(level.array))
      case CJSON_KEY:
        let key = unsafe JSON.text(of: scanner)
        guard levels[levels.count - 1].names.insert(Value.Object.Name(key)).inserted else {
          throw unsafe JSONError(problem: "duplicate member '\(key)'", offset: scanner.cursor - scanner.start)
        }
        levels[levels.count - 1].key = key
      case CJSON_STRING: add(.string(unsafe JSON.text(of: scanner)))
      case CJSON_INTEGER: add(.integer(unsafe scanner.integer))
      case CJSON_NUMBER: add(.number(unsafe scanner.number))
      case CJSON_TRUE: add(.bool(true))
      case CJSON_FALSE: add(.bool(false))
      case CJSON_NULL: add(.null)
      case CJSON_END:
        guard let result else { throw JSONError(problem: "unfinished document", offset: 0) }
        return result
      default:
        let problem = unsafe scanner.problem.map { unsafe String(cString: $0) } ?? "not JSON"
        throw unsafe JSONError(problem: problem, offset: scanner.cursor - scanner.start)
      }
    }
  }

  private mutating func add(_ value: Value) {
    guard !levels.isEmpty else {
      result = value
      return
    }
    let top = levels.count - 1
    let key = levels[top].key
    if levels[top].object != nil {
      levels[top].object?.append(key, value)
    } else {
      levels[top].array.append(value)
    }
  }
}

private func write(_ value: Value, _ layout: Layout, to out: inout [UInt8]) {
  switch value {
  case .null: out += "null".utf8
  case .bool(let flag): out += (flag ? "true" : "false").utf8
  case .integer(let number): out += String(number).utf8
  case .number(let number): write(number, to: &out)
  // awsJson: epoch seconds, fractional when they must be (Smithy, "awsJson1_0", Timestamp).
  case .timestamp(let time): out += time.epochText.utf8
  case .string(let text): write(text, to: &out)
  case .array(let items):
    out.append(UInt8(ascii: "["))
    for (index, item) in items.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      layout.deeper.breakLine(&out)
      write(item, layout.deeper, to: &out)
    }
    if !items.isEmpty { layout.breakLine(&out) }
    out.append(UInt8(ascii: "]"))
  case .object(let object):
    out.append(UInt8(ascii: "{"))
    for (index, member) in object.members.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      layout.deeper.breakLine(&out)
      write(member.name, to: &out)
      out.append(UInt8(ascii: ":"))
      if layout.indent != nil { out.append(UInt8(ascii: " ")) }
      write(member.value, layout.deeper, to: &out)
    }
    if !object.isEmpty { layout.breakLine(&out) }
    out.append(UInt8(ascii: "}"))
  }
}

/// The shortest text that reads back as the same double. JSON has no infinities and no NaN: they become null.
private func write(_ number: Double, to out: inout [UInt8]) {
  out += (number.isFinite ? "\(number)" : "null").utf8
}

private func write(_ text: String, to out: inout [UInt8]) {
  out.append(UInt8(ascii: "\""))
  var text = text
  text.withUTF8 { bytes in
    // Whole runs at once: a byte at a time took 41 % of the local gateway's time on a page of 1,000.
    var rest = unsafe bytes[...]
    while let stop = unsafe rest.firstIndex(where: isEscaped) {
      unsafe out.append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<stop]))
      unsafe escape(rest[stop], to: &out)
      unsafe rest = rest[(stop + 1)...]
    }
    unsafe out.append(contentsOf: UnsafeBufferPointer(rebasing: rest))
  }
  out.append(UInt8(ascii: "\""))
}

private func isEscaped(_ byte: UInt8) -> Bool {
  byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
}

private func escape(_ byte: UInt8, to out: inout [UInt8]) {
  switch byte {
  case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
  case UInt8(ascii: "\n"): out += "\\n".utf8
  case UInt8(ascii: "\r"): out += "\\r".utf8
  case UInt8(ascii: "\t"): out += "\\t".utf8
  default:
    let digits = Array("0123456789abcdef".utf8)
    out += "\\u00".utf8
    out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
