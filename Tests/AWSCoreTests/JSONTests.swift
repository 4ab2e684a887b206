// What the JSON scanner accepts and refuses, and what the builder makes of it.
import AWSCore
import Testing

@Suite struct JSONTests {
  private func decode(_ text: String) -> Value? { try? JSON.decode(Array(text.utf8)) }
  private func problem(_ text: String) -> String? {
    do {
      _ = try JSON.decode(Array(text.utf8))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func readsEachKindOfValue() {
    #expect(decode("null") == .null)
    #expect(decode(" true ") == true)
    #expect(decode("-12") == .integer(-12))
    #expect(decode("1.5e3") == .number(1500))
    #expect(decode("\"hi\"") == "hi")
    #expect(decode("[]") == [])
    #expect(decode("{\"a\":[1,{\"b\":null}]}") == ["a": [1, ["b": .null]]])
  }

  @Test func keepsIntegersExactAndLargerOnesAsDoubles() {
    #expect(decode("9223372036854775807") == .integer(.max))
    #expect(decode("-9223372036854775808") == .integer(.min))
    #expect(decode("9223372036854775808") == .number(9223372036854775808))
    #expect(decode("1.0") == .number(1))
    #expect(decode("1e-400") == .number(0))
    #expect(problem("1e400") == "number out of range at byte 0")
  }

  /// Most numbers are made by one multiplication or division, the rest by strtod: no one can tell by the value.
  @Test func numbersAreTheNearestDoubles() {
    var seed: UInt64 = 42
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    var texts = [
      "1e22", "1e23", "9007199254740992.0", "9007199254740993.0", "-0.0", "0.1", "1.7976931348623157e308",
    ]
    texts += [
      "123456789012345678901234567890.5", "1750580499574e-3", "1.750580499574E9", "5e-324", "1E-22", "1E-23",
    ]
    for _ in 0..<5_000 {
      let whole = (0...random(12)).map { _ in String(random(9) + 1) }.joined()
      let fraction = (0...random(12)).map { _ in String(random(10)) }.joined()
      texts.append("\(whole).\(fraction)e\(random(60) - 30)")
    }
    for text in texts {
      guard case .number(let number) = decode(text), let nearest = Double(text) else {
        Issue.record("\(text) is no number")
        continue
      }
      #expect(number.bitPattern == nearest.bitPattern, "\(text)")
    }
  }

  /// Strings are looked at sixteen bytes at a time: what ends a run is seen wherever it stands in them.
  @Test(arguments: 0..<40) func whatIsSpecialInAStringIsSeenAtEachPlace(_ place: Int) {
    let before = String(repeating: "x", count: place), after = String(repeating: "y", count: 20)
    #expect(decode("\"\(before)\"") == .string(before))
    #expect(decode("\"\(before)\\n\(after)\"") == .string("\(before)\n\(after)"))
    #expect(decode("\"\(before)\u{7f}é😀\(after)\"") == .string("\(before)\u{7f}é😀\(after)"))
    #expect(decode("[\"\(before)\",\"\(after)\"]") == [.string(before), .string(after)])
    for special in ["\u{0}", "\u{1f}", "\n"] {
      let expected = "control character in a string at byte \(place + 1)"
      #expect(problem("\"\(before)\(special)\(after)\"") == expected)
    }
    #expect(problem("\"\(before)") == "unfinished string at byte \(place + 1)")
    let broken = Array("\"\(before)".utf8) + [0xFF] + Array("\(after)\"".utf8)
    let found = #expect(throws: JSONError.self) { try JSON.decode(broken) }
    #expect(found?.description == "invalid UTF-8 at byte \(place + 1)")
  }

  /// And written sixteen bytes at a time, in pieces of 4,096: what must be escaped is, wherever it stands in them, and
  /// nothing else.
  @Test(arguments: Array(0..<40) + Array(4090..<4100)) func whatIsSpecialInATextIsEscapedAtEachPlace(
    _ place: Int
  ) {
    let before = String(repeating: "x", count: place)
    for byte in UInt8(0)..<128 {
      let escaped =
        switch byte {
        case 0x22, 0x5C: "\\\(Unicode.Scalar(byte))"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        case ..<0x20, 0x7F: "\\u00\(Digest.hex([byte]))"
        default: "\(Unicode.Scalar(byte))"
        }
      for after in ["", "é😀", String(repeating: "y", count: 20)] {
        let written = JSON.encode(.string("\(before)\(Unicode.Scalar(byte))\(after)"))
        #expect(String(decoding: written, as: UTF8.self) == "\"\(before)\(escaped)\(after)\"")
      }
    }
  }

  @Test(arguments: [2, 15, 16, 17, 40]) func noNameOccursTwiceAmongFewAndMany(_ count: Int) {
    let members = (0..<count).map { "\"m\($0)\":1" }
    let text = "{\(members.joined(separator: ","))"
    #expect(decode("\(text)}")?.object?.members.count == count)
    for place in 0..<count {
      #expect(problem("\(text),\"m\(place)\":1}")?.hasPrefix("duplicate member 'm\(place)'") == true)
    }
  }

  @Test func aDocumentHasNoNulls() {
    let document: Value.Object = [
      "a": .null, "b": ["c": .null, "d": [["e": .null, "f": 1], .null]], "g": .null,
    ]
    #expect(JSON.encode(document: document) == Array(#"{"b":{"d":[{"f":1},null]}}"#.utf8))
  }

  @Test func findsTheFirstTextOfSomeMembersWithoutBuildingAnything() {
    func first(_ text: String) -> String? {
      JSON.first(["Arn", "Id"], in: Array(text.utf8)) { $0.hasPrefix("a") ? $0 : nil }
    }
    #expect(first(#"{"Name":"a1","List":[{"Arn":"b"},{"Ar\u006e":"\u00612"}],"Id":"a3"}"#) == "a2")
    #expect(first(#"{"Arn":["a1"],"Id":{"Name":"a2"}}"#) == nil)
    #expect(first(#"{"Arn":"a1" and then no JSON"#) == "a1")
    #expect(first(#"{"Name" no JSON,"Arn":"a1"}"#) == nil)
    #expect(first("") == nil)
  }

  @Test func unescapes() {
    #expect(decode(#""\"\\\/\b\f\n\r\t""#) == "\"\\/\u{8}\u{c}\n\r\t")
    #expect(decode(#""\u00e9\u20AC\ud83d\ude00""#) == "é€😀")
    #expect(decode("\"é€😀\"") == "é€😀")
    #expect(decode(#"{"\u0061":1}"#) == ["a": 1])
  }

  @Test(arguments: [
    ("", "unfinished document at byte 0"), ("{", "unfinished document at byte 1"),
    ("[1,]", "unexpected character at byte 3"), ("{\"a\":1,}", "expected a member name at byte 7"),
    ("[1 2]", "expected ',' or ']' at byte 3"), ("{\"a\" 1}", "expected ':' at byte 5"),
    ("01", "leading zero at byte 0"), ("-", "bad number at byte 0"), ("1.", "bad number at byte 0"),
    (".5", "unexpected character at byte 0"), ("+1", "unexpected character at byte 0"),
    ("NaN", "unexpected character at byte 0"), ("tru", "unexpected character at byte 0"),
    ("{} {}", "text after the document at byte 3"), ("\"a", "unfinished string at byte 2"),
    ("\"\\x\"", "bad escape at byte 1"), ("\"\\u12g4\"", "bad \\u escape at byte 1"),
    ("\"\\ud800\"", "lone surrogate at byte 1"), ("\"\\udc00\"", "lone surrogate at byte 1"),
    ("\"a\u{1}\"", "control character in a string at byte 2"),
    ("\u{FEFF}{}", "unexpected character at byte 0"),
    ("{\"a\":1,\"a\":2}", "duplicate member 'a' at byte 11"), ("'a'", "unexpected character at byte 0"),
    ("// x\n1", "unexpected character at byte 0"),
  ])
  func refuses(_ text: String, _ expected: String) { #expect(problem(text) == expected) }

  @Test(
    arguments: [
      [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xFF], [0xC3],
    ] as [[UInt8]])
  func refusesBytesThatAreNotUTF8(_ bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: JSONError.self) { try JSON.decode([quote] + bytes + [quote]) }
  }

  @Test func boundsNesting() {
    let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(decode(deep) != nil)
    #expect(problem("[" + deep + "]") == "nested too deeply at byte 128")
    #expect(problem(String(repeating: "[", count: 200_000)) == "nested too deeply at byte 128")
  }

  @Test func writesWhatItReads() throws {
    let value: Value = [
      "text": "a\"\\\n\u{1}é", "list": [1, .number(0.1), true, .null], "empty": [:],
      "time": .timestamp(
        Timestamp(microseconds: 1_663_835_400_250_000)),
    ]
    let text = String(decoding: JSON.encode(value), as: UTF8.self)
    #expect(
      text
        == #"{"text":"a\"\\\n\u0001é","list":[1,0.1,true,null],"empty":{},"time":1663835400.25}"#)
    #expect(JSON.encode(.number(.infinity)) == Array("null".utf8))
  }

  @Test func checksAnObjectWithoutBuildingIt() {
    func check(_ text: String) -> String? { JSON.problemAsObject(Array(text.utf8))?.description }
    #expect(check(" {\"a\":[1,2]} ") == nil)
    #expect(check("[]") == "not an object at byte 0")
    #expect(check("3") == "not an object at byte 0")
    #expect(check("{\"a\":1") == "unfinished document at byte 6")
    #expect(check("{}{}") == "text after the document at byte 2")
    #expect(check("") == "unfinished document at byte 0")
    #expect(check("<html>") == "unexpected character at byte 0")
  }

  /// What is passed at once behind a text of an object is what its tokens say of it.
  @Test(arguments: [
    "1", "0", "-1", "1.5", "0.5", "10.25e3", "1E5", ".5", "1.", "01", "1.5.5", "-", "+1", "1 ", " 1", "1e400",
    "1.66383540025E9", "1E", "1.5E", "1.5E+9", "1.5E-9", "1E09", "9E99", "1.5E100", "1.5E400", "1E9x", "0E9",
    "\(String(repeating: "9", count: 30))E99",
    "\"", "\"t",
    "\"t\"", "\"\\n\"", "true", "nul", "", ",", "}", "{}", "[1]", String(repeating: "9", count: 31),
    String(repeating: "9", count: 32), String(repeating: "9", count: 33), String(repeating: "9", count: 400),
    "1." + String(repeating: "9", count: 40),
  ])
  func aCheckSaysWhatDecodingSays(_ value: String) {
    for text in [
      "{\"a\":\"t\",\"b\":\(value)}", "{\"a\":\"t\",\"b\":\(value),\"c\":\"t\"}",
      "{\"a\":\"t\",\"b\":\(value)",
      "{\"a\":\"t\",\"b\":\(value)]", "{\"r\":[{\"a\":\"t\",\"b\":\(value)},{\"a\":\"t\"}]}",
      // Rows whose names are known from the row before, and some that are not.
      "{\"r\":[{\"name\":\"é\",\"b\":1},{\"name\":\"t\",\"b\":\(value)},{\"b\":\"t\",\"name\":\"東京\"},{}]}",
      "{\"r\":[{\"name\":\"é\",\"b\":1},{\"name\":\(value),\"b\":2},{\"names\":\"t\",\"a name of 17 or so\":\"t\"}]}",
    ] {
      let checked = JSON.problemAsObject(Array(text.utf8))
      let decoded = Result { () throws(JSONError) in try JSON.decode(Array(text.utf8)) }
      if case .failure(let problem) = decoded { #expect(checked == problem) } else { #expect(checked == nil) }
    }
  }

  /// `é` and `e` with an accent are one text to Swift, and two names to JSON (RFC 8259 8.3).
  @Test func namesAreComparedByCodeUnits() throws {
    let value = try #require(decode("{\"\u{E9}\":1,\"e\u{301}\":2}"))
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSON.encode(value) == Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
  }
}

@Suite struct ValueTests {
  @Test func objectsKeepTheirOrderAndCompareWithoutIt() {
    var object: Value.Object = ["b": 1, "a": 2]
    #expect(object.members.map(\.name) == ["b", "a"])
    #expect(object == ["a": 2, "b": 1])
    object["b"] = nil
    object["c"] = 3
    object["a"] = 4
    #expect(object.members.map(\.name) == ["a", "c"])
    #expect(object["a"] == 4)
  }

  @Test func nullReadsAsAbsent() {
    let value: Value = ["a": .null, "b": 1]
    #expect(value["a"] == nil)
    #expect(value["b"] == 1)
    #expect(Value.string("x")["b"] == nil)
  }
}
