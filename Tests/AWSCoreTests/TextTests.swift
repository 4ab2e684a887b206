// Words from outside, as messages quote them.
import Testing

@testable import AWSCore

@Suite struct TextTests {
  @Test(arguments: [
    ("plain words", "plain words"), ("", ""), ("a\r\nb\u{1B}[31m\u{0}", "a  b [31m "),
    ("a\u{202E}b\u{2028}c\u{85}d", "a b c d"), ("Łódź 🙂", "Łódź 🙂"),
  ])
  func aQuotedLineHasNoControlCharacters(_ text: String, _ line: String) {
    #expect(oneLine(text) == line)
  }

  @Test func aQuotedLineIsCutAndSaysSo() {
    #expect(oneLine("abcd", limit: 4) == "abcd")
    #expect(oneLine("abcde", limit: 4) == "abcd…")
    // One letter with a million accents is one Character.
    #expect(oneLine("e" + String(repeating: "\u{301}", count: 1_000_000)).unicodeScalars.count == 201)
  }
}
