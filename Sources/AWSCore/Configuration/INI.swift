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
// ignored. Lines end at LF or CRLF only. Where that is silent, what the AWS CLI reads is read: comments may be
// indented, and so may properties, as long as they do not stand deeper than the one before.

/// Why a configuration file cannot be read as one, with file and line.
public struct INIError: Error, Equatable {
  public var message: String
}

/// One file, in the order it was written. Sections of the same name are separate here.
public struct INI {
  public struct Property: Equatable {
    public var value: String
    public var line: Int
    /// What stands indented under an empty value.
    public var nested: [String: String] = [:]
  }

  /// What stands below a line in brackets.
  public struct Section: Equatable {
    /// Between the brackets, without white space around it.
    public var name: String
    public var line: Int
    public var properties: [String: Property] = [:]
    /// Names with characters that none has, and their lines: AWS's tools pass over them.
    public var ignored: [String: Int] = [:]
  }

  /// In the order of the file.
  public private(set) var sections: [Section] = []
  private let file: String
  private var line = 0
  /// The property that deeper lines belong to.
  private var current: Current?

  private struct Current {
    /// Nil for a property that is ignored.
    var name: String?
    var indentation: Int
    /// True for an empty value: what follows are sub-properties.
    var isNested: Bool
  }

  /// Parses the text of a file; `file` is its name in errors.
  public init(_ bytes: [UInt8], file: String) throws(INIError) {
    self.file = file
    // A UTF-8 byte order mark is what some Windows editors put in front (aws-cli issue 3419).
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    for content in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      line += 1
      try parse(content)
    }
  }

  private mutating func parse(_ bytes: ArraySlice<UInt8>) throws(INIError) {
    guard let start = bytes.firstIndex(where: { !isWhiteSpace($0) }), !Self.isComment(bytes[start]) else {
      return
    }
    let indentation = start - bytes.startIndex
    if let current, indentation > current.indentation { return try continueProperty(current, bytes) }
    if bytes[start] == UInt8(ascii: "[") { return try beginSection(bytes[(start + 1)...]) }
    guard !sections.isEmpty else { throw error("Expected a section definition, as in [default]") }
    guard indentation == 0 || bytes.contains(UInt8(ascii: "=")) else {
      throw error("Expected a property definition, as in name = value")
    }
    try addProperty(bytes, indentation)
  }

  private mutating func beginSection(_ bytes: ArraySlice<UInt8>) throws(INIError) {
    guard let close = bytes.firstIndex(of: UInt8(ascii: "]")),
      bytes[(close + 1)...].first(where: { !isWhiteSpace($0) }).map(Self.isComment) != false
    else { throw error("Section definition must end with ']'") }
    sections.append(Section(name: Self.text(bytes[..<close]), line: line))
    current = nil
  }

  private mutating func addProperty(_ bytes: ArraySlice<UInt8>, _ indentation: Int) throws(INIError) {
    let (name, rest) = try definition(bytes, "")
    let value = Self.text(Self.withoutComment(rest))
    current = Current(
      name: Self.isWord(name) ? name : nil, indentation: indentation, isNested: value.isEmpty)
    guard Self.isWord(name) else {
      sections[sections.count - 1].ignored[name] = line
      return
    }
    sections[sections.count - 1].properties[name] = Property(value: value, line: line)
  }

  private mutating func continueProperty(_ current: Current, _ bytes: ArraySlice<UInt8>) throws(INIError) {
    guard let name = current.name else { return }
    // In place: a copy of the value for each of its lines would make long values quadratic.
    if current.isNested {
      let (inner, value) = try definition(bytes, " in sub-property")
      guard Self.isWord(inner) else { return }
      sections[sections.count - 1].properties[name]?.nested[inner] = Self.text(value)
    } else {
      // A comment after a continuation belongs to the value; the SDKs' shared cases say so.
      sections[sections.count - 1].properties[name]?.value += "\n" + Self.text(bytes)
    }
  }

  private func definition(_ bytes: ArraySlice<UInt8>, _ place: String) throws(INIError) -> (
    name: String, value: ArraySlice<UInt8>
  ) {
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
      throw error("Expected an '=' sign defining a property\(place), as in name = value")
    }
    let name = Self.text(bytes[..<equals]).lowercased()
    guard !name.isEmpty else { throw error("Property did not have a name\(place)") }
    return (name, bytes[(equals + 1)...])
  }

  private func error(_ problem: String) -> INIError { INIError(message: "\(file):\(line): \(problem).") }

  /// Without white space at both ends, the CR of a line's end included.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    trimmed(String(decoding: bytes, as: UTF8.self))
  }

  private static func isComment(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";")
  }

  /// Cut where `#` or `;` follows white space.
  private static func withoutComment(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    for index in value.indices.dropFirst() where isComment(value[index]) && isWhiteSpace(value[index - 1]) {
      return value[..<index]
    }
    return value
  }

  /// The characters that names of sections and properties may have.
  static func isWord(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_-/.%@:+".utf8.contains($0) }
  }
}
