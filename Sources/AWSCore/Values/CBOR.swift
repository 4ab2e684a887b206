// CBOR: Value from bytes and bytes from Value (RFC 8949), as far as Smithy's RPC v2 CBOR protocol uses it.
//
//   first byte: major type (3 bits) and additional information (5 bits)
//   0 unsigned  1 negative  2 bytes  3 text  4 array  5 map  6 tag  7 simple or float
//   0…23 the argument itself   24, 25, 26, 27 it follows in 1, 2, 4, 8 bytes   31 the length is not known ahead
//
// Read strictly: what Value cannot hold (byte strings, map keys that are no text, integers beyond 64 bits, tags
// but 1) is refused, and so is a name that occurs twice.

/// Why a document is not CBOR, or not CBOR that a Value can hold.
public struct CBORError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in words.
  public var problem: String
  /// Where, in bytes from the start.
  public var offset: Int

  public var description: String { "\(problem) at byte \(offset)" }
}

public enum CBOR {
  /// How deeply arrays, maps and tags may be nested, as in JSON.
  static let depth = 128

  /// Parses one document. `undefined` is null; tag 1 over a number is a timestamp.
  public static func decode(_ bytes: [UInt8]) throws(CBORError) -> Value {
    var reader = Reader(bytes)
    let value = try reader.item(depth: 0)
    guard reader.isAtEnd else { throw reader.error("something follows the document") }
    return value
  }

  /// The shortest integers and lengths; floats in 32 bits where that is exact and never in 16, which not all
  /// read; timestamps in milliseconds (Smithy, "Smithy RPC v2 CBOR protocol", Shape serialization).
  public static func encode(_ value: Value) -> [UInt8] {
    var out: [UInt8] = []
    write(value, to: &out)
    return out
  }
}

/// The major types of RFC 8949, section 3.1.
private enum Major: UInt8 {
  case unsigned, negative, bytes, text, array, map, tag, simple
}

private struct Reader {
  /// The first byte of an item with its argument; nil when the length is not known ahead.
  private struct Head {
    var major: Major
    var information: UInt8
    var argument: UInt64?
  }

  private static let stop: UInt8 = 0xFF

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  func error(_ problem: String, at offset: Int? = nil) -> CBORError {
    CBORError(problem: problem, offset: offset ?? position)
  }

  mutating func item(depth: Int) throws(CBORError) -> Value {
    let start = position
    guard depth <= CBOR.depth else { throw error("nested too deeply") }
    let head = try head()
    switch head.major {
    case .unsigned, .negative: return try integer(head, start)
    case .bytes: throw error("a byte string, which no value here is", at: start)
    case .text: return .string(try text(head, start))
    case .array: return try array(head, depth + 1)
    case .map: return try map(head, depth + 1)
    case .tag: return try tagged(head, depth + 1, start)
    case .simple: return try simple(head, start)
    }
  }

  private mutating func byte() throws(CBORError) -> UInt8 {
    guard position < bytes.count else { throw error("unfinished document") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func head() throws(CBORError) -> Head {
    let start = position
    let first = try byte()
    // Three bits have eight values, and so has Major.
    guard let major = Major(rawValue: first >> 5) else { throw error("no major type", at: start) }
    let information = first & 0x1F
    switch information {
    case 0...23: return Head(major: major, information: information, argument: UInt64(information))
    case 24...27:
      var argument: UInt64 = 0
      for _ in 0..<(1 << (information - 24)) { argument = argument << 8 | UInt64(try byte()) }
      return Head(major: major, information: information, argument: argument)
    case 31: return Head(major: major, information: information, argument: nil)
    default: throw error("additional information \(information), which is reserved", at: start)
    }
  }

  private func integer(_ head: Head, _ start: Int) throws(CBORError) -> Value {
    guard let argument = head.argument else { throw error("an integer without a value", at: start) }
    guard let number = Int64(exactly: argument) else {
      throw error("an integer beyond 64 bits", at: start)
    }
    return .integer(head.major == .negative ? -1 - number : number)
  }

  private mutating func text(_ head: Head, _ start: Int) throws(CBORError) -> String {
    guard head.argument == nil else { return try chunk(head, start) }
    var text = ""
    while try !isStopped() {
      let start = position
      let head = try self.head()
      guard head.major == .text, head.argument != nil else {
        throw error("a piece of a text that is none", at: start)
      }
      text += try chunk(head, start)
    }
    return text
  }

  /// A text whose length is known. Each piece of a longer one must be UTF-8 by itself (RFC 8949, 3.2.3).
  private mutating func chunk(_ head: Head, _ start: Int) throws(CBORError) -> String {
    let length = try count(head, eachAtLeast: 1)
    guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
      throw error("a text that is not UTF-8", at: start)
    }
    position += length
    return text
  }

  /// A declared length, which must be there in full: what is not there is never made room for.
  private func count(_ head: Head, eachAtLeast size: Int) throws(CBORError) -> Int {
    guard let argument = head.argument, let count = Int(exactly: argument),
      count <= (bytes.count - position) / size
    else { throw error("unfinished document", at: bytes.count) }
    return count
  }

  /// True, and past it, at the byte that ends an item of unknown length.
  private mutating func isStopped() throws(CBORError) -> Bool {
    guard position < bytes.count else { throw error("unfinished document") }
    guard bytes[position] == Self.stop else { return false }
    position += 1
    return true
  }

  private mutating func array(_ head: Head, _ depth: Int) throws(CBORError) -> Value {
    var items: [Value] = []
    if head.argument != nil {
      for _ in 0..<(try count(head, eachAtLeast: 1)) { items.append(try item(depth: depth)) }
    } else {
      while try !isStopped() { items.append(try item(depth: depth)) }
    }
    return .array(items)
  }

  private mutating func map(_ head: Head, _ depth: Int) throws(CBORError) -> Value {
    var object = Value.Object()
    var names: Set<Value.Object.Name> = []
    if head.argument != nil {
      for _ in 0..<(try count(head, eachAtLeast: 2)) { try member(of: &object, &names, depth) }
    } else {
      while try !isStopped() { try member(of: &object, &names, depth) }
    }
    return .object(object)
  }

  private mutating func member(
    of object: inout Value.Object, _ names: inout Set<Value.Object.Name>, _ depth: Int
  ) throws(CBORError) {
    let start = position
    let head = try head()
    guard head.major == .text else { throw error("a member whose name is no text", at: start) }
    let name = try text(head, start)
    guard names.insert(Value.Object.Name(name)).inserted else {
      throw error("duplicate member '\(name)'", at: start)
    }
    object.append(name, try item(depth: depth))
  }

  private mutating func tagged(_ head: Head, _ depth: Int, _ start: Int) throws(CBORError) -> Value {
    guard head.argument == 1 else {
      throw error("tag \(head.argument.map(String.init) ?? "without a number"), which is not read", at: start)
    }
    let seconds: Double? =
      switch try item(depth: depth) {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    guard let time = seconds.flatMap(Timestamp.init(epochSeconds:)) else {
      throw error("a timestamp that is no number of seconds in the years 1 to 9999", at: start)
    }
    return .timestamp(time)
  }

  private func simple(_ head: Head, _ start: Int) throws(CBORError) -> Value {
    guard let argument = head.argument else { throw error("an end of nothing", at: start) }
    switch head.information {
    case 20: return .bool(false)
    case 21: return .bool(true)
    case 22, 23: return .null
    case 25: return .number(Double(Float16(bitPattern: UInt16(truncatingIfNeeded: argument))))
    case 26: return .number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: argument))))
    case 27: return .number(Double(bitPattern: argument))
    default: throw error("simple value \(argument), which is not read", at: start)
    }
  }
}

private func write(_ value: Value, to out: inout [UInt8]) {
  switch value {
  case .null: out.append(0xF6)
  case .bool(let flag): out.append(flag ? 0xF5 : 0xF4)
  case .integer(let number): write(number, to: &out)
  case .number(let number): write(number, to: &out)
  case .timestamp(let time): write(time, to: &out)
  case .string(let text): write(text, to: &out)
  case .array(let items):
    writeHead(.array, UInt64(items.count), to: &out)
    for item in items { write(item, to: &out) }
  case .object(let object):
    writeHead(.map, UInt64(object.members.count), to: &out)
    for member in object.members {
      write(member.name, to: &out)
      write(member.value, to: &out)
    }
  }
}

private func writeHead(_ major: Major, _ argument: UInt64, to out: inout [UInt8]) {
  func put(_ information: UInt8, _ length: Int) {
    out.append(major.rawValue << 5 | information)
    for byte in (0..<length).reversed() { out.append(UInt8(truncatingIfNeeded: argument >> (8 * byte))) }
  }
  switch argument {
  case 0...23: put(UInt8(argument), 0)
  case 24...0xFF: put(24, 1)
  case 0x100...0xFFFF: put(25, 2)
  case 0x1_0000...0xFFFF_FFFF: put(26, 4)
  default: put(27, 8)
  }
}

private func write(_ number: Int64, to out: inout [UInt8]) {
  // -1 - n of a negative n is from 0 to Int64.max: it cannot overflow.
  number >= 0
    ? writeHead(.unsigned, UInt64(number), to: &out) : writeHead(.negative, UInt64(-1 - number), to: &out)
}

private func write(_ number: Double, to out: inout [UInt8]) {
  let short = Float(number)
  let isShort = number.isNaN || Double(short) == number
  let bits = isShort ? UInt64(short.bitPattern) : number.bitPattern
  out.append(isShort ? 0xFA : 0xFB)
  for byte in (0..<(isShort ? 4 : 8)).reversed() { out.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
}

private func write(_ time: Timestamp, to out: inout [UInt8]) {
  let milliseconds = (Double(time.microseconds) / 1_000).rounded()
  writeHead(.tag, 1, to: &out)
  // A double holds the milliseconds of the years 1 to 9999 exactly: they need 48 bits.
  if let seconds = Int64(exactly: milliseconds / 1_000) {
    write(seconds, to: &out)
  } else {
    write(milliseconds / 1_000, to: &out)
  }
}

private func write(_ text: String, to out: inout [UInt8]) {
  let bytes = text.utf8
  writeHead(.text, UInt64(bytes.count), to: &out)
  out += bytes
}
