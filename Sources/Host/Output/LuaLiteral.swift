// LuaLiteral: values as Lua reads them back, in one order whatever order Lua keeps them in.
import AWSCore
import LuaRuntime

struct LuaLiteral {
  var order: MemberOrder
  /// Spaces a level; nil for all in one line.
  var indent: Int?

  /// - Throws: where something is no data: a function, an object, a key that is a table.
  func text(_ value: LuaValue, at path: String = "", margin: Int = 0) throws(NotData) -> String {
    switch value {
    case .nil: return "nil"
    case .boolean(let flag): return String(flag)
    case .integer(let number): return Self.integer(number)
    case .number(let number): return Self.number(number)
    case .string(let text): return Self.quoted(text)
    case .bytes(let bytes): return Self.quoted(bytes)
    case .timestamp(let time): return "timestamp(\"\(Timestamp(microseconds: time).iso8601)\")"
    // As in the other forms: there is a secret, and nobody is told more.
    case .secret: return Self.quoted(Secrets.shown)
    case .opaque(let type): throw NotData(path: path, problem: "\(PlainData.article(type)) is no data")
    case .table(let table): return try self.table(table, at: path, margin: margin)
    }
  }

  private func table(_ table: LuaTable, at path: String, margin: Int) throws(NotData) -> String {
    if table.shape == nil, let name = table.metatableName {
      if name == PlainData.null { return name }
      if table.items.isEmpty, table.fields.isEmpty {
        throw NotData(path: path, problem: "\(PlainData.article(name)) is no data")
      }
    }
    return try self.record(
      order.fields(of: table), items: table.items, otherKeys: table.otherKeys, at: path, margin: margin)
  }

  /// A table of items and members, in the order they are in.
  func record(
    _ fields: [(name: String, value: LuaValue)], items: [LuaValue] = [], otherKeys: Set<String> = [],
    at path: String = "", margin: Int
  ) throws(NotData) -> String {
    let inner = margin + (indent ?? 0)
    var parts: [String] = []
    for (index, item) in items.enumerated() {
      parts.append(try text(item, at: "\(path)[\(index + 1)]", margin: inner))
    }
    for field in fields {
      let place = path.isEmpty ? field.name : "\(path).\(field.name)"
      let isOther = otherKeys.contains(field.name)
      guard !isOther || !Self.keysOfNoText.contains(field.name) else {
        throw NotData(path: path, problem: "the key \(field.name) cannot be written down")
      }
      let key = Self.key(field.name, isOther: isOther)
      parts.append("\(key) = \(try text(field.value, at: place, margin: inner))")
    }
    guard !parts.isEmpty else { return "{}" }
    guard indent != nil else { return "{ \(parts.joined(separator: ", ")) }" }
    let spaces = String(repeating: " ", count: inner)
    return "{\n" + parts.map { "\(spaces)\($0),\n" }.joined() + String(repeating: " ", count: margin) + "}"
  }

  /// Keys that a copy names by their type.
  private static let keysOfNoText: Set<String> = [
    "[bytes]", "[timestamp]", "[table]", "[function]", "[object]",
  ]

  // MARK: Words

  /// A member's name as it stands before `=`.
  /// - Parameter isOther: it stands for a key that is no text.
  static func key(_ name: String, isOther: Bool) -> String {
    if isOther {
      // As numbers are written as values: `[inf]` would be a name.
      guard let number = Double(name.dropFirst().dropLast()), !number.isFinite else { return name }
      return "[\(Self.number(number))]"
    }
    return isName(name) ? name : "[\(quoted(name))]"
  }

  /// True for what can be written behind a dot.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !LuaTokens.keywords.contains(text) else { return false }
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_") }
    return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
  }

  /// Lua reads the digits of the least integer as a float.
  private static func integer(_ number: Int64) -> String { number == .min ? "math.mininteger" : "\(number)" }

  private static func number(_ number: Double) -> String {
    if number.isNaN { return "0/0" }
    if number.isInfinite { return number < 0 ? "-math.huge" : "math.huge" }
    return "\(number)"
  }

  /// A text in double quotes, without anything that would drive a terminal or turn its direction.
  /// - Parameter isVisible: controls by their pictures, as a terminal shows them, not as Lua reads them.
  static func quoted(_ text: String, isVisible: Bool = false) -> String {
    DoubleQuotes.around(text) { scalar in
      guard LuaVM.drivesTerminal(scalar) else { return String(scalar) }
      return isVisible
        ? Visible.line(String(scalar)) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
  }

  static func quoted(_ bytes: [UInt8]) -> String {
    let text = bytes.map { byte in
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
      case 0x20..<0x7F: String(Unicode.Scalar(byte))
      default: "\\x" + Digest.hex([byte])
      }
    }
    return "\"\(text.joined())\""
  }
}
