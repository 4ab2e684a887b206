// JSON: Value from bytes, through the project's one scanner. Bytes from Value: JSON+Writing.swift.
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
}

/// Builds a Value from the scanner's tokens with a stack of its own, so that depth costs no Swift stack.
private struct Builder {
  private struct Level {
    var object: Value.Object?
    var array: [Value] = []
    var key = ""
    /// The names seen, once they are too many to be compared one by one.
    var names: Set<Value.Object.Name> = []

    /// False for the second of a pair.
    mutating func isNew(_ name: String) -> Bool {
      let members = object?.members ?? []
      let name = Value.Object.Name(name)
      guard members.count >= 16 else { return !members.contains { Value.Object.Name($0.name) == name } }
      if names.isEmpty { names = Set(members.map { Value.Object.Name($0.name) }) }
      return names.insert(name).inserted
    }
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
        guard levels[levels.count - 1].isNew(key) else {
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
