// SensitiveText: what in a text must never be written down or repeated: passwords, keys. Which names carry them the
// model knows; a few words that people use beside it are known here.
import AWSCore
import BackupGateway

enum SensitiveText {
  /// Members that the model calls sensitive, of any operation, in small letters.
  static let members: [String] = {
    var names: Set<String> = []
    func collect(_ shape: Shape) {
      for member in shape.members {
        if member.shape.isSensitive { names.insert(member.name.lowercased()) }
        collect(member.shape)
      }
      if let item = shape.item { collect(item) }
    }
    for operation in Service.operations {
      collect(operation.input)
      collect(operation.output)
    }
    return names.sorted()
  }()

  /// Parts of names that say the same wherever they stand.
  private static let words = ["secret", "passw", "session_token", "sessiontoken"]

  /// The strings that are given to a sensitive name, and what looks like a key of AWS. It is better to find one too
  /// many than a password too few: comparisons, members of tables and misspelt names count too.
  static func secrets(in text: String) -> [String] {
    let bytes = Array(text.utf8)
    var found: [String] = []
    var place = 0
    while place < bytes.count {
      guard isWord(bytes[place]) else {
        place += 1
        continue
      }
      let end = bytes[place...].firstIndex { !isWord($0) } ?? bytes.endIndex
      let word = bytes[place..<end]
      if isAccessKey(word) { found.append(String(decoding: word, as: UTF8.self)) }
      if let value = givenString(bytes, after: end), isSensitive(String(decoding: word, as: UTF8.self)) {
        let strings = strings(bytes, from: value)
        found += strings.found
        // Long brackets may hold all the rest: it is read once.
        if bytes[value] == UInt8(ascii: "[") {
          place = strings.end
          continue
        }
      }
      place = end
    }
    return found + secretKeys(bytes)
  }

  /// True for the name of a password or a key.
  static func isOfSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    return (words + members).contains(where: name.contains)
  }

  private static func isSensitive(_ name: String) -> Bool {
    // `Pasword`: the call will be refused, and its line would be kept.
    isOfSecret(name) || nearest(to: name.lowercased(), in: members) != nil
  }

  // MARK: Keys

  /// `AKIA` (a user's key) or `ASIA` (a session's), and 16 capitals or digits.
  private static func isAccessKey(_ word: ArraySlice<UInt8>) -> Bool {
    word.count >= 20 && (word.starts(with: "AKIA".utf8) || word.starts(with: "ASIA".utf8))
      && word.dropFirst(4).prefix(16).allSatisfy { isCapital($0) || isDigit($0) }
  }

  /// Runs of exactly 40 characters of base64 with capitals, small letters and digits among them: secret access keys. A
  /// commit's id has no capitals, a path no length of its own.
  private static func secretKeys(_ bytes: [UInt8]) -> [String] {
    bytes.split { !isWord($0) && !"/+".utf8.contains($0) || $0 == UInt8(ascii: "_") }
      .filter { run in
        run.count == 40 && run.contains(where: isCapital) && run.contains(where: isDigit)
          && run.contains { isLetter($0) && !isCapital($0) }
      }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Strings that are given to a name

  /// How far ahead is looked, so that a long text costs no more than its length.
  private static let reach = 200

  /// Where a string begins that is given to the name before `end`: `password = "…"`, `["Secret"] = '…'`,
  /// `user, password = "…", "…"`, `"Password": "…"`, `password == "…"`.
  private static func givenString(_ bytes: [UInt8], after end: Int) -> Int? {
    let rest = bytes[end...].prefix(reach)
    let afterNames = rest.drop { isWord($0) || " ,.]\"'\t\r\n".utf8.contains($0) }
    let afterOperator = afterNames.drop { "=:~".utf8.contains($0) }
    guard afterOperator.count < afterNames.count else { return nil }
    let value = afterOperator.drop { " \t\r\n(".utf8.contains($0) }
    return value.first.map("\"'[".utf8.contains) == true ? value.startIndex : nil
  }

  /// What stands in the string that begins here, and in those that follow it as further values or parts.
  private static func strings(_ bytes: [UInt8], from start: Int) -> (found: [String], end: Int) {
    var found: [String] = []
    var place = start
    while place < bytes.count, let range = string(bytes, at: place) {
      if !range.isEmpty { found.append(String(decoding: bytes[range], as: UTF8.self)) }
      let isQuoted = bytes[place] != UInt8(ascii: "[")
      let rest = bytes[range.upperBound...]
      let afterEnd = isQuoted ? rest.dropFirst() : rest.drop { "]=".utf8.contains($0) }
      place = afterEnd.drop { " \t\r\n,.()".utf8.contains($0) }.startIndex
    }
    return (found, place)
  }

  /// The inside of a quoted string or of a `[[…]]`; a quotation that is not closed ends with its row, brackets with
  /// the text.
  private static func string(_ bytes: [UInt8], at start: Int) -> Range<Int>? {
    let quote = bytes[start]
    if quote == UInt8(ascii: "[") {
      let inside = bytes[(start + 1)...].drop { "=[".utf8.contains($0) }
      return inside.startIndex..<(inside.firstIndex(of: UInt8(ascii: "]")) ?? bytes.endIndex)
    }
    guard "\"'".utf8.contains(quote) else { return nil }
    var place = start + 1
    while place < bytes.count, bytes[place] != quote, bytes[place] != UInt8(ascii: "\n") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return start + 1..<min(place, bytes.count)
  }

  /// A text as it is once Lua has read it: a quote or a backslash without the backslash before it.
  static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    var out = ""
    var isEscaped = false
    for character in text {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      if isEscaped, !"\"'\\".contains(character) { out.append("\\") }
      isEscaped = false
      out.append(character)
    }
    return isEscaped ? out + "\\" : out
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
  }
  private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension Console {
  /// Shorter texts stand in too many others.
  private static let shortestSecret = 4

  /// True for a text that must never be written down: it holds a secret, by its look or by what is known here.
  public func isSensitive(_ source: String) -> Bool {
    !SensitiveText.secrets(in: source).isEmpty || masked(source) != source
  }

  /// A text without the secrets that were typed, or given on the command line, or asked for.
  public func masked(_ text: String, besides others: [String] = []) -> String {
    var text = text
    for secret in others + typedSecrets + surroundings.secrets.values + secrets.all {
      for form in [secret, SensitiveText.unescaped(secret)] where form.utf8.count >= Self.shortestSecret {
        text = text.replacing(form, with: Secrets.shown)
      }
    }
    return text
  }
}
