// The terminal's bytes as keys.
import Testing

@testable import Shell

/// All keys in some bytes that arrive at once.
private func keys(_ bytes: [UInt8]) -> [KeyDecoder.Key] {
  var decoder = KeyDecoder()
  var rest = bytes[...]
  var keys: [KeyDecoder.Key] = []
  while let first = decoder.takeReadAhead() ?? rest.popFirst() {
    if let key = decoder.key(startingWith: first, more: { _ in rest.popFirst() }) { keys.append(key) }
  }
  return keys
}

private func keys(_ text: String) -> [KeyDecoder.Key] { keys(Array(text.utf8)) }

@Suite struct KeyDecoderTests {
  @Test func charactersAreUTF8() {
    #expect(
      keys("aé漢🙂\r") == [
        .character("a"), .character("é"), .character("漢"), .character("🙂"), .character("\r"),
      ])
  }

  @Test(arguments: [[0xFF], [0x80], [0xC3], [0xC2, 0x9B], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func whatIsNoCharacterIsDropped(_ bytes: [UInt8]) { #expect(keys(bytes).isEmpty) }

  @Test(arguments: [
    ("\u{1B}[A", KeyCommand.up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}[D", .left),
    ("\u{1B}[1;5C", .wordRight), ("\u{1B}[1;3D", .wordLeft), ("\u{1B}[1;2C", .right),
    ("\u{1B}[H", .home), ("\u{1B}[4~", .end), ("\u{1B}[3~", .delete), ("\u{1B}[3;5~", .killWord),
    ("\u{1B}[5~", .searchBack), ("\u{1B}[6~", .searchForward),
    ("\u{1B}\r", .newline), ("\u{1B}\n", .newline), ("\u{1B}[13;2u", .newline), ("\u{1B}[27;2;13~", .newline),
  ])
  func aSequenceIsACommand(_ sequence: String, _ command: KeyCommand) {
    #expect(keys(sequence + "x") == [.command(command), .character("x")])
  }

  @Test(arguments: ["\u{1B}[15~", "\u{1B}[[A", "\u{1B}[1;2S", "\u{1B}OP", "\u{1B}[", "\u{1B}[200"])
  func anUnknownSequenceTypesNothing(_ sequence: String) { #expect(keys(sequence).isEmpty) }

  @Test func escapeIsAKeyOfItsOwn() {
    #expect(keys("\u{1B}") == [.character("\u{1B}")])
    #expect(keys("\u{1B}d") == [.character("\u{1B}"), .character("d")])
    #expect(keys("\u{1B}\u{1B}[A") == [.character("\u{1B}"), .command(.up)])
  }

  @Test func aPasteIsOneKey() {
    #expect(
      keys("\u{1B}[200~a\tb\u{1B}[A\rc\u{1B}[201~x") == [
        .paste(Array("a\tb\u{1B}[A\rc".utf8)), .character("x"),
      ])
    #expect(keys("\u{1B}[200~unfinished") == [.paste(Array("unfinished".utf8))])
  }

  @Test func everyCommandHasItsOwnCode() {
    for command in KeyCommand.allCases {
      #expect((0x80...0x9F).contains(command.rawValue))
      #expect(KeyCommand(key: command.rawValue) == command)
    }
    #expect(KeyCommand(key: 0x18) == .refuse)
  }
}

@Suite struct PastedTextTests {
  init() { Terminal.useLocale() }

  private func text(_ paste: String) -> String { TextBuffer.string(PastedText(Array(paste.utf8)).scalars) }

  @Test(arguments: ["a\nb", "a\rb", "a\n\rb", "a\nb\n\n"])
  func lineEndsBecomeRowsAndTheLastOneIsLeftOut(_ paste: String) { #expect(text(paste) == "a\nb") }

  @Test func tabsStayAndControlCharactersDoNot() { #expect(text("\tx\u{1B}[31m\u{7}") == "\tx[31m") }

  @Test func whatTakesNoRoomIsCounted() {
    let paste = PastedText(Array("cafe\u{301}\u{200D}".utf8))
    #expect(TextBuffer.string(paste.scalars) == "cafe")
    #expect(paste.dropped == 2)
  }
}
