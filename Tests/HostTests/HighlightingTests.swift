// What the parts of Lua source are, for colours.
import Testing

@testable import Host

@Suite struct HighlightingTests {
  /// The parts of a source, as `kind:text`.
  private func parts(_ source: String) -> [String] {
    let bytes = Array(source.utf8)
    return Highlighting.highlights(of: source).map {
      "\($0.kind):\(String(decoding: bytes[$0.range], as: UTF8.self))"
    }
  }

  @Test func keywordsStringsNumbersAndComments() {
    #expect(
      parts("local x = 'a' .. 12 -- why") == ["keyword:local", "string:'a'", "number:12", "comment:-- why"])
    #expect(parts("x = [==[ a ]] \n ]==]") == ["string:[==[ a ]] \n ]==]"])
    #expect(parts("--[[ a\nb ]] x") == ["comment:--[[ a\nb ]]"])
  }

  @Test(arguments: ["3", "0xff", "0xA.8p-3", "1e+5", ".5", "5.", "3e10", "0x.1"])
  func numbers(_ number: String) { #expect(parts(number) == ["number:" + number]) }

  @Test(arguments: ["3x", "0x", "1e", "1e+", "1.2.3", "0xp1", "1..2", "$", "@", "!", "\\", "`"])
  func whatTheCompilerWillRefuse(_ word: String) { #expect(parts(word) == ["mistake:" + word]) }

  @Test func aCharacterOutsideASCIIIsAMistakeByEachOfItsBytes() {
    #expect(Highlighting.highlights(of: "x = é").map(\.range) == [4..<5, 5..<6])
    #expect(parts("'é' -- é") == ["string:'é'", "comment:-- é"])
  }

  @Test func anUnfinishedTextIsStillBeingTypedUntilSomethingFollows() {
    #expect(parts("x = 'a b") == ["string:'a b"])
    #expect(parts("x = 'a b\n") == ["mistake:'a b"])
    #expect(parts("x = 'a\ny = 'b'") == ["mistake:'a", "string:'b'"])
    #expect(parts("x = [[a\nb") == ["string:[[a\nb"])
  }

  @Test func aBackslashCarriesATextOverItsLineEnd() {
    #expect(parts("'a\\\nb'") == ["string:'a\\\nb'"])
    #expect(parts("'a\\\r\nb'") == ["string:'a\\\r\nb'"])
    #expect(parts("'a\\z \n  b'") == ["string:'a\\z \n  b'"])
    #expect(parts("'a\\'b'") == ["string:'a\\'b'"])
    #expect(parts("'a\\") == ["string:'a\\"])
    #expect(parts("'a\\z") == ["string:'a\\z"])
  }

  @Test func namesOfTheHostStandOut() {
    #expect(parts("get_gateway(x)") == ["host:get_gateway"])
    #expect(parts("t.get_gateway t:get_gateway") == [])
    #expect(parts("x..get_gateway()") == ["host:get_gateway"])
    #expect(parts("get_gateway?") == ["host:get_gateway"])
    #expect(parts("get_gateway? x") == ["host:get_gateway", "mistake:?"])
  }
}
