// INI: the syntax of ~/.aws/config and ~/.aws/credentials, as the AWS SDKs agree on it.
//
//   # comment                        a line that begins with # or ;
//   [profile dev]                    a section; its name is interpreted by SharedConfig
//   region = eu-west-1 ; comment     a property; a comment after white space is not part of the value
//   role_arn = arn:aws:iam::1
//     :role/x                        an indented line continues the value
//   services =                       … or, under an empty value, is a sub-property
//     endpoint_url = http://…
//
// Property names are lower-cased and the last one wins; names with other characters than a word's are
// ignored.

/// Why a configuration file cannot be read as one, with file and line.
struct INIError: Error, Equatable {
  var message: String
}

/// One file, in the order it was written. Sections of the same name are separate here.
struct INI {
  struct Property: Equatable {
    var value: String
    var line: Int
    /// What stands indented under an empty value.
    var nested: [String: String] = [:]
  }

  struct Section: Equatable {
    /// Between the brackets, without white space around it.
    var name: String
    var line: Int
    var properties: [String: Property] = [:]
  }

  private(set) var sections: [Section] = []
  private let file: String
  private var line = 0
  /// The property that an indented line belongs to: nil when there is none, "" when it is an ignored one.
  private var current: String?

  /// Parses the text of a file; `file` is its name in errors.
  init(_ bytes: [UInt8], file: String) throws(INIError) {
    self.file = file
    // A UTF-8 byte order mark is what some Windows editors put in front (aws-cli issue 3419).
    let text = String(
      decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self)
    for content in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      line += 1
      try parse(content)
    }
  }

  private mutating func parse(_ text: Substring) throws(INIError) {
    guard let first = text.first, !"#;".contains(first), !trimmed(text).isEmpty else { return }
    if isSpace(first) && current != nil { return try continueProperty(text) }
    if trimmed(text).hasPrefix("[") { return try beginSection(text) }
    guard !isSpace(first) else { throw error("Expected a property definition") }
    guard !sections.isEmpty else { throw error("Expected a section definition") }
    try addProperty(text)
  }

  private mutating func beginSection(_ text: Substring) throws(INIError) {
    let content = trimmed(text).dropFirst()
    guard let close = content.firstIndex(of: "]") else { throw error("Section definition must end with ']'") }
    let rest = trimmed(content[content.index(after: close)...])
    guard rest.isEmpty || "#;".contains(rest.prefix(1)) else {
      throw error("Section definition must end with ']'")
    }
    sections.append(Section(name: trimmed(content[..<close]), line: line))
    current = nil
  }

  private mutating func addProperty(_ text: Substring) throws(INIError) {
    let (name, value) = try definition(text, "")
    current = Self.isWord(name) ? name : ""
    if Self.isWord(name) {
      sections[sections.count - 1].properties[name] = Property(value: Self.withoutComment(value), line: line)
    }
  }

  private mutating func continueProperty(_ text: Substring) throws(INIError) {
    guard let current, !current.isEmpty else { return }
    let section = sections.count - 1
    guard var property = sections[section].properties[current] else { return }
    if property.value.isEmpty {
      let (name, value) = try definition(text, " in sub-property")
      if Self.isWord(name) { property.nested[name] = value }
    } else {
      // A comment after a continuation belongs to the value; the SDKs' shared cases say so.
      property.value += "\n" + trimmed(text)
    }
    sections[section].properties[current] = property
  }

  private func definition(_ text: Substring, _ place: String) throws(INIError) -> (
    name: String, value: String
  ) {
    guard let equals = text.firstIndex(of: "=") else {
      throw error("Expected an '=' sign defining a property\(place)")
    }
    let name = trimmed(text[..<equals]).lowercased()
    guard !name.isEmpty else { throw error("Property did not have a name\(place)") }
    return (name, trimmed(text[text.index(after: equals)...]))
  }

  private func error(_ problem: String) -> INIError { INIError(message: "\(file):\(line): \(problem).") }

  /// Cut where `#` or `;` follows white space.
  private static func withoutComment(_ value: String) -> String {
    var previous: Character = " "
    for index in value.indices {
      if "#;".contains(value[index]), previous == " " || previous == "\t" { return trimmed(value[..<index]) }
      previous = value[index]
    }
    return value
  }

  /// The characters that names of sections and properties may have.
  static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "_-/.%@:+".utf8.contains(byte)
        }
      }
  }

  private func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
}
