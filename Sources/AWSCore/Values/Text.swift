// Text: the few string helpers that Foundation would bring.

/// Without leading and trailing white space: C's, which is what AWS's tools and HTTP mean by it.
public func trimmed(_ text: some StringProtocol) -> String {
  String(Substring(trimmed(bytes: Substring(text).utf8)))
}

/// The same of bytes.
func trimmed<Bytes: BidirectionalCollection<UInt8>>(bytes: Bytes) -> Bytes.SubSequence {
  let first = bytes.firstIndex { !isWhiteSpace($0) } ?? bytes.endIndex
  let last = bytes[first...].lastIndex { !isWhiteSpace($0) }
  return last.map { bytes[first...$0] } ?? bytes[first..<first]
}

/// Words from outside (a library's, a server's) as a message may quote them: one line without control
/// characters, of at most `limit` Unicode scalars.
func oneLine(_ text: some StringProtocol, limit: Int = 200) -> String {
  // What AWS writes into identifiers is of this kind, and every answer has one.
  let bytes = text.utf8
  if bytes.count <= limit, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) { return String(text) }
  var line = String.UnicodeScalarView()
  for (index, scalar) in text.unicodeScalars.enumerated() {
    guard index < limit else {
      line.append("…")
      break
    }
    line.append(scalar.isHidden ? " " : scalar)
  }
  return String(line)
}

extension [UInt8] {
  /// Adds the text's UTF-8 by one copy: half the instructions of `+= text.utf8`, which a request does fifty times.
  mutating func append(text: String) {
    var text = text
    text.withUTF8 { unsafe append(contentsOf: $0) }
  }

  /// Adds a number, with zeros before it when it has fewer digits than `width`.
  mutating func append(digits number: Int, width: Int) {
    guard number >= 0 else {
      append(UInt8(ascii: "-"))
      return append(digits: -number, width: width - 1)
    }
    guard number < 10, width <= 1 else {
      append(digits: number / 10, width: width - 1)
      return append(UInt8(ascii: "0") + UInt8(number % 10))
    }
    append(UInt8(ascii: "0") + UInt8(number))
  }
}

extension Unicode.Scalar {
  /// True for what does something to text instead of being seen in it: controls, separators of lines, and marks (Cf)
  /// that hide or that turn the direction of what follows.
  public var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// The character, or `\u{202E}` for one that is hidden.
  public var shown: String {
    isHidden ? "\\u{\(String(value, radix: 16, uppercase: true))}" : String(self)
  }
}

/// Space, tab, line feed, vertical tab, form feed and carriage return.
public func isWhiteSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte) }

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

/// An ASCII letter of either case.
func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

/// True for two ASCII letters that differ in case at most.
func isSameLetter(_ a: UInt8, _ b: UInt8) -> Bool { a | 0x20 == b | 0x20 && isLetter(a) && isLetter(b) }

extension String {
  /// Without any of `characters` at both ends.
  func trimming(_ characters: String) -> String {
    guard let first = firstIndex(where: { !characters.contains($0) }),
      let last = lastIndex(where: { !characters.contains($0) })
    else { return "" }
    return String(self[first...last])
  }
}
