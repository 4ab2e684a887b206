// JSON, written: bytes from Value. What a text needs is found and copied by CJSON, sixteen bytes at a time.
import CJSON

extension JSON {
  /// On one line, without spaces.
  public static func encode(_ value: Value) -> [UInt8] { encode(value, indent: nil) }

  /// - Parameter indent: spaces a level, each item and member on a line of its own; nil for one line without spaces.
  public static func encode(_ value: Value, indent: Int?) -> [UInt8] {
    var writer = JSONWriter(indent: indent)
    writer.write(value)
    return writer.bytes
  }

  /// What a request or an answer holds, without the members that are null, at any depth: in Smithy's protocols a member
  /// without a value is one that is not sent.
  public static func encode(document members: Value.Object) -> [UInt8] {
    var writer = JSONWriter(indent: nil, omitsNulls: true)
    writer.write(.object(members))
    return writer.bytes
  }
}

/// JSON on its way, for whoever has it piece by piece. Room is made before something is written, once for all of its
/// bytes: an array that asks at each of them took most of the local gateway's time on a page of 1,000.
@safe public struct JSONWriter: ~Copyable {
  private let indent: Int?
  private let omitsNulls: Bool
  private var depth = 0
  private var start: UnsafeMutablePointer<CChar>
  private var count = 0
  private var capacity = 512

  /// - Parameters:
  ///   - indent: see `JSON.encode`.
  ///   - omitsNulls: of objects, the members that are null.
  public init(indent: Int? = nil, omitsNulls: Bool = false) {
    (self.indent, self.omitsNulls) = (indent, omitsNulls)
    unsafe start = .allocate(capacity: capacity)
  }

  deinit { unsafe start.deallocate() }

  /// What was written so far.
  public var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: start, count: count)) }

  /// A value with all that is in it.
  public mutating func write(_ value: Value) {
    switch value {
    case .null: write(plain: "null")
    case .bool(let flag): write(plain: flag ? "true" : "false")
    case .integer(let number): write(number)
    // The shortest text that reads back as the same double. JSON has no infinities and no NaN: they become null.
    case .number(let number): write(plain: number.isFinite ? "\(number)" : "null")
    case .timestamp(let time): write(time)
    case .string(let text): write(text)
    case .array(let items):
      put("[")
      depth += 1
      for (index, item) in items.enumerated() {
        if index > 0 { put(",") }
        breakLine()
        write(item)
      }
      depth -= 1
      if !items.isEmpty { breakLine() }
      put("]")
    case .object(let object):
      put("{")
      depth += 1
      var isFirst = true
      for (name, value) in object.members {
        if omitsNulls, case .null = value { continue }
        if !isFirst { put(",") }
        isFirst = false
        breakLine()
        write(name)
        put(":")
        if indent != nil { put(" ") }
        write(value)
      }
      depth -= 1
      if !object.isEmpty { breakLine() }
      put("}")
    }
  }

  /// awsJson: epoch seconds, exact, with a fraction only when there is one (Smithy, "awsJson1_0", Timestamp).
  public mutating func write(_ time: Timestamp) {
    let (seconds, rest) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if time.microseconds < 0 { put("-") }
    write(seconds.magnitude)
    guard rest != 0 else { return }
    put(".")
    var (digits, width) = (rest.magnitude, 6)
    while digits.isMultiple(of: 10) { (digits, width) = (digits / 10, width - 1) }
    write(digits, width: width)
  }

  private mutating func write(_ number: Int64) {
    if number < 0 { put("-") }
    write(number.magnitude)
  }

  /// - Parameter width: digits at least, filled up with zeros.
  private mutating func write(_ number: UInt64, width: Int = 1) {
    var (length, bound) = (1, number)
    while bound >= 10 { (length, bound) = (length + 1, bound / 10) }
    length = max(length, width)
    var rest = number
    let place = unsafe room(for: length)
    for index in stride(from: length - 1, through: 0, by: -1) {
      unsafe place[index] = CChar(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    count += length
  }

  /// A text in quotes, or the name of a member.
  public mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { unsafe write($0) }
  }

  /// A text of UTF-8.
  public mutating func write(_ text: UnsafeBufferPointer<UInt8>) {
    put("\"")
    unsafe text.withMemoryRebound(to: CChar.self) { text in
      // In pieces: room for six times a whole text of 300 MB may be more memory than there is.
      for start in stride(from: 0, to: text.count, by: Self.piece) {
        let length = min(Self.piece, text.count - start)
        let place = unsafe room(for: cjson_escaped_size(length))
        count += unsafe cjson_escape(text.baseAddress.map { unsafe $0 + start }, length, place)
      }
    }
    put("\"")
  }

  /// Bytes of a text that are escaped at once.
  private static let piece = 4096

  /// A text that is JSON as it is.
  private mutating func write(plain text: String) {
    var text = text
    text.withUTF8 { unsafe write(plain: $0) }
  }

  /// The same of bytes in UTF-8.
  public mutating func write(plain json: UnsafeBufferPointer<UInt8>) {
    let place = unsafe UnsafeMutableRawBufferPointer(start: room(for: json.count), count: json.count)
    unsafe place.copyMemory(from: UnsafeRawBufferPointer(json))
    count += json.count
  }

  /// A sign of JSON's own, one byte.
  public mutating func put(_ mark: Unicode.Scalar) {
    unsafe room(for: 1).pointee = CChar(truncatingIfNeeded: mark.value)
    count += 1
  }

  private mutating func breakLine() {
    guard let indent else { return }
    put("\n")
    for _ in 0..<indent * depth { put(" ") }
  }

  /// Where so many bytes can be written next.
  private mutating func room(for more: Int) -> UnsafeMutablePointer<CChar> {
    if count + more > capacity {
      capacity = max(2 * capacity, count + more)
      let larger = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
      unsafe larger.moveInitialize(from: start, count: count)
      unsafe start.deallocate()
      unsafe start = larger
    }
    return unsafe start + count
  }
}
