// YAML: documents as block YAML that readers of 1.1 and 1.2 take for the same data. A text is left without quotes only where
// no reader can take it for anything else; every other one is double-quoted, as JSON would.
import AWSCore
import LuaRuntime

struct YAML {
  private var out = ""

  /// The document, each line with its newline.
  static func text(_ value: Value) -> String {
    var yaml = YAML()
    yaml.block(value, indent: 0, isAfterDash: true)
    return yaml.out
  }

  /// One item of a list at the outermost level, so that a list can be written item by item.
  static func item(_ value: Value) -> String { text(.array([value])) }

  // MARK: Blocks

  /// - Parameter isAfterDash: the line is begun already, at the right column.
  private mutating func block(_ value: Value, indent: Int, isAfterDash: Bool) {
    switch value {
    case .array(let items) where !items.isEmpty:
      for (index, item) in items.enumerated() {
        begin(indent, isBegun: isAfterDash && index == 0)
        out += "- "
        block(item, indent: indent + 2, isAfterDash: true)
      }
    case .object(let object) where !object.isEmpty:
      for (index, member) in object.members.enumerated() {
        begin(indent, isBegun: isAfterDash && index == 0)
        key(member.name, indent)
        if isBlock(member.value) {
          out += "\n"
          block(member.value, indent: indent + 2, isAfterDash: false)
        } else {
          out += " " + Self.scalar(member.value) + "\n"
        }
      }
    default: out += Self.scalar(value) + "\n"
    }
  }

  private mutating func begin(_ indent: Int, isBegun: Bool) {
    if !isBegun { out += String(repeating: " ", count: indent) }
  }

  /// A key of more than 1,024 characters must say that it is one (YAML 1.2.2, 7.4.2).
  private mutating func key(_ name: String, _ indent: Int) {
    let text = Self.string(name)
    out += text.utf8.count < 1_000 ? text + ":" : "? \(text)\n\(String(repeating: " ", count: indent)):"
  }

  private func isBlock(_ value: Value) -> Bool {
    switch value {
    case .array(let items): !items.isEmpty
    case .object(let object): !object.isEmpty
    default: false
    }
  }

  // MARK: Scalars

  private static func scalar(_ value: Value) -> String {
    switch value {
    case .null: "null"
    case .bool(let flag): String(flag)
    case .integer(let number): String(number)
    case .number(let number): Self.number(number)
    case .string(let text): string(text)
    case .timestamp(let time): string(time.iso8601)
    case .array: "[]"
    case .object: "{}"
    }
  }

  /// YAML 1.1 takes `1e+16` for a text: its floats have a point.
  private static func number(_ number: Double) -> String {
    if number.isNaN { return ".nan" }
    if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
    let text = "\(number)"
    guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  /// Words that one version or the other takes for something else.
  private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

  static func string(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// Begins with a letter, so it is no number and no date; holds nothing that means something.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count < 200,
      !reserved.contains(text.lowercased())
    else { return false }
    var before = first
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "@"):
        break
      case UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: " "): break
      default: guard isLetter(byte) || (0x30...0x39).contains(byte) else { return false }
      }
      // "a: b" is a member, and spaces at the end are lost.
      if before == UInt8(ascii: ":"), byte == UInt8(ascii: " ") { return false }
      before = byte
    }
    return before != UInt8(ascii: ":") && before != UInt8(ascii: " ")
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) && byte < 0x80 }

  private static func quoted(_ text: String) -> String {
    DoubleQuotes.around(text) { mustEscape($0) ? escape($0.value) : String($0) }
  }

  /// What is no printable character of YAML, or ends a line there, or turns the direction of text.
  private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
    LuaVM.drivesTerminal(scalar) || [0x2028, 0x2029, 0xFEFF].contains(scalar.value)
      || scalar.value & 0xFFFE == 0xFFFE
  }

  private static func escape(_ code: UInt32) -> String {
    let digits = String(code, radix: 16, uppercase: true)
    let (letter, width) = code < 0x100 ? ("x", 2) : code < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\\(letter)" + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
