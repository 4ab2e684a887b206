// KeyDecoder: the bytes of the terminal as keys.
//
// libedit knows sequences such as ESC [ A only as bindings, and pays for it: in vi mode a bound ESC sequence
// makes a lone ESC wait, an unbound one types `00~` into the line. So they are read here, in every mode.

struct KeyDecoder {
  enum Key: Equatable {
    /// A character or control character, for libedit to look up. ESC is one when nothing follows it at once.
    case character(Unicode.Scalar)
    case command(KeyCommand)
    /// What stood between the marks of a bracketed paste, as it arrived.
    case paste([UInt8])
  }

  /// How long the rest of a sequence may take after its ESC, in milliseconds: longer than a terminal needs
  /// and shorter than a person.
  static let sequenceTimeout: Int32 = 50
  /// How long a paste may pause before it counts as over, in milliseconds.
  static let pasteTimeout: Int32 = 2000

  /// Bytes that were read ahead and belong to the next key.
  private var readAhead: [UInt8] = []

  /// The key that begins with the byte `first`; nil when the bytes mean nothing. `more` reads one byte within
  /// some milliseconds, or gives nil.
  mutating func key(startingWith first: UInt8, more: (Int32) -> UInt8?) -> Key? {
    if first == 0x1B { return sequence(more) }
    // Ctrl-Space: to libedit a zero is no key at all, and ends the line.
    if first == 0 { return .command(.refuse) }
    guard first >= 0x80 else { return .character(Unicode.Scalar(first)) }
    return character(first, more).map(Key.character)
  }

  /// A byte that was read ahead, to be used before any other.
  mutating func takeReadAhead() -> UInt8? { readAhead.isEmpty ? nil : readAhead.removeFirst() }

  /// A character of two to four bytes of UTF-8. C1 controls are dropped: their codes are our commands.
  private func character(_ first: UInt8, _ more: (Int32) -> UInt8?) -> Unicode.Scalar? {
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    var bytes = [first]
    while bytes.count < length, let byte = more(KeyDecoder.sequenceTimeout) { bytes.append(byte) }
    let text = String(validating: bytes, as: UTF8.self)
    guard let scalar = text?.unicodeScalars.first, scalar.value >= 0xA0 else { return nil }
    return scalar
  }

  private mutating func sequence(_ more: (Int32) -> UInt8?) -> Key? {
    guard let second = more(KeyDecoder.sequenceTimeout) else { return .character("\u{1B}") }
    switch second {
    case UInt8(ascii: "["): return controlSequence(more)
    case UInt8(ascii: "O"): return more(KeyDecoder.sequenceTimeout).flatMap { named("", final: $0) }
    case 0x0A, 0x0D: return .command(.newline)  // Alt-Enter
    default:
      readAhead.append(second)
      return .character("\u{1B}")
    }
  }

  /// ESC [ parameters final, as ECMA-48 5.4 has it.
  private mutating func controlSequence(_ more: (Int32) -> UInt8?) -> Key? {
    var parameters: [UInt8] = []
    while let byte = more(KeyDecoder.sequenceTimeout) {
      switch byte {
      case 0x20...0x3F: parameters.append(byte)
      case UInt8(ascii: "[") where parameters.isEmpty:
        _ = more(KeyDecoder.sequenceTimeout)  // the Linux console's function keys: ESC [ [ A
        return nil
      case UInt8(ascii: "~") where parameters == Array("200".utf8): return .paste(pasted(more))
      case 0x40...0x7E: return named(String(decoding: parameters, as: UTF8.self), final: byte)
      default: return nil
      }
    }
    return nil
  }

  /// The keys as xterm, and with it nearly every terminal, sends them.
  private func named(_ parameters: String, final: UInt8) -> Key? {
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false)
    // 3 is Alt, 5 Ctrl, 7 both.
    let isModified = numbers.count == 2 && ["3", "5", "7"].contains(numbers[1])
    switch (Unicode.Scalar(final), numbers.first ?? "") {
    case ("A", _): return .command(.up)
    case ("B", _): return .command(.down)
    case ("C", _): return .command(isModified ? .wordRight : .right)
    case ("D", _): return .command(isModified ? .wordLeft : .left)
    case ("H", _), ("~", "1"), ("~", "7"): return .command(.home)
    case ("F", _), ("~", "4"), ("~", "8"): return .command(.end)
    case ("~", "3"): return .command(isModified ? .killWord : .delete)
    case ("~", "5"): return .command(.searchBack)
    case ("~", "6"): return .command(.searchForward)
    // Enter with a modifier, where the terminal reports it.
    case ("u", "13"): return .command(.newline)
    case ("~", "27") where numbers.last == "13": return .command(.newline)
    default: return nil
    }
  }

  private func pasted(_ more: (Int32) -> UInt8?) -> [UInt8] {
    let mark = Array("\u{1B}[201~".utf8)
    var bytes: [UInt8] = []
    while let byte = more(KeyDecoder.pasteTimeout) {
      bytes.append(byte)
      if byte == mark.last, bytes.suffix(mark.count).elementsEqual(mark) {
        bytes.removeLast(mark.count)
        break
      }
    }
    return bytes
  }
}
