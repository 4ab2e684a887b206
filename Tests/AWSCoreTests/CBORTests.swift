// What the CBOR reader accepts and refuses, and what the writer makes of values.
import Testing

@testable import AWSCore

/// `83 01 02 03` as bytes.
private func bytes(_ hex: String) -> [UInt8] {
  let digits = Array(hex.utf8.filter { $0 != UInt8(ascii: " ") })
  return stride(from: 0, to: digits.count, by: 2).compactMap {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
  }
}

private func decode(_ hex: String) -> Value? { try? CBOR.decode(bytes(hex)) }

private func problem(_ hex: String) -> String? {
  do throws(CBORError) {
    _ = try CBOR.decode(bytes(hex))
    return nil
  } catch {
    return error.description
  }
}

@Suite struct CBORTests {
  /// RFC 8949, Appendix A, "Examples of Encoded CBOR Data Items": every row of its table that a Value can hold.
  static let examples: [(String, Value)] = [
    ("00", 0), ("01", 1), ("0a", 10), ("17", 23), ("1818", 24), ("1819", 25), ("1864", 100),
    ("1903e8", 1000), ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 1_000_000_000_000),
    ("20", -1), ("29", -10), ("3863", -100), ("3903e7", -1000),
    ("f90000", .number(0)), ("f98000", .number(-0.0)), ("f93c00", .number(1)),
    ("fb3ff199999999999a", .number(1.1)), ("f93e00", .number(1.5)), ("f97bff", .number(65_504)),
    ("fa47c35000", .number(100_000)), ("fa7f7fffff", .number(3.4028234663852886e38)),
    ("fb7e37e43c8800759c", .number(1e300)), ("f90001", .number(5.960464477539063e-8)),
    ("f90400", .number(0.00006103515625)), ("f9c400", .number(-4)), ("fbc010666666666666", .number(-4.1)),
    ("f97c00", .number(.infinity)), ("f9fc00", .number(-.infinity)),
    ("fa7f800000", .number(.infinity)), ("faff800000", .number(-.infinity)),
    ("fb7ff0000000000000", .number(.infinity)), ("fbfff0000000000000", .number(-.infinity)),
    ("f4", false), ("f5", true), ("f6", .null), ("f7", .null),
    ("c11a514b67b0", .timestamp(Timestamp(year: 2013, month: 3, day: 21, hour: 20, minute: 4))),
    ("c1fb41d452d9ec200000", .timestamp(Timestamp(microseconds: 1_363_896_240_500_000))),
    ("60", ""), ("6161", "a"), ("6449455446", "IETF"), ("62225c", "\"\\"), ("62c3bc", "\u{fc}"),
    ("63e6b0b4", "\u{6c34}"), ("64f0908591", "\u{10151}"),
    ("80", []), ("83010203", [1, 2, 3]), ("8301820203820405", [1, [2, 3], [4, 5]]),
    (
      "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
      .array((1...25).map { .integer($0) })
    ),
    ("a0", [:]), ("a26161016162820203", ["a": 1, "b": [2, 3]]), ("826161a161626163", ["a", ["b": "c"]]),
    (
      "a56161614161626142616361436164614461656145", ["a": "A", "b": "B", "c": "C", "d": "D", "e": "E"]
    ),
    ("7f657374726561646d696e67ff", "streaming"), ("9fff", []),
    ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]), ("9f01820203820405ff", [1, [2, 3], [4, 5]]),
    ("83018202039f0405ff", [1, [2, 3], [4, 5]]), ("83019f0203ff820405", [1, [2, 3], [4, 5]]),
    (
      "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
      .array((1...25).map { .integer($0) })
    ),
    ("bf61610161629f0203ffff", ["a": 1, "b": [2, 3]]), ("826161bf61626163ff", ["a", ["b": "c"]]),
    ("bf6346756ef563416d7421ff", ["Fun": true, "Amt": -2]),
  ]

  @Test(arguments: examples) func theExamplesOfTheStandardAreRead(hex: String, expected: Value) {
    #expect(decode(hex) == expected)
  }

  /// The rest of that table: well-formed, and yet nothing that this service sends or takes.
  @Test(arguments: [
    ("1bffffffffffffffff", "an integer beyond 64 bits"), ("3bffffffffffffffff", "an integer beyond 64 bits"),
    ("c249010000000000000000", "tag 2"), ("c349010000000000000000", "tag 3"),
    ("f0", "simple value 16"), ("f8ff", "simple value 255"),
    ("c074323031332d30332d32315432303a30343a30305a", "tag 0"), ("d74401020304", "tag 23"),
    ("d818456449455446", "tag 24"), ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", "tag 32"),
    ("40", "a byte string"), ("4401020304", "a byte string"), ("5f42010243030405ff", "a byte string"),
    ("a201020304", "a member whose name is no text"),
  ])
  func theExamplesThatAValueCannotHoldAreRefused(hex: String, words: String) {
    #expect(problem(hex)?.hasPrefix(words) == true, "\(problem(hex) ?? "accepted")")
  }

  @Test(arguments: ["f97e00", "fa7fc00000", "fb7ff8000000000000"])
  func notANumberIsRead(hex: String) throws {
    guard case .number(let number)? = decode(hex) else { throw CBORError(problem: "no number", offset: 0) }
    #expect(number.isNaN)
  }

  @Test func integersReachFromEndToEndOf64Bits() {
    #expect(decode("1b7fffffffffffffff") == .integer(.max))
    #expect(decode("3b7fffffffffffffff") == .integer(.min))
    #expect(problem("1b8000000000000000") == "an integer beyond 64 bits at byte 0")
    #expect(problem("3b8000000000000000") == "an integer beyond 64 bits at byte 0")
    #expect(decode("1b0000000000000001") == 1, "longer than needed is still that number")
  }

  /// RFC 8949, Appendix F, "Well-Formedness Errors and Examples": each kind of error it lists.
  @Test(arguments: [
    // The end comes too early: in a head, in a text, between the items of something.
    "", "18", "19", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8", "d8",
    "f8",
    "f900", "fa0000", "fb000000", "41", "61", "6261", "5affffffff00", "5bffffffffffffffff010203",
    "7affffffff00",
    "7b7fffffffffffffff010203", "81", "818181818181818181", "8200", "a1", "a2010200", "a100", "a16161", "c0",
    "c1",
    "5f4100", "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff",
    "bf616101",
    // Reserved additional information.
    "1c", "1d", "1e", "3c", "5c", "7c", "9c", "bc", "dc", "fc", "fe",
    // Reserved two-byte simple values.
    "f800", "f801", "f818", "f81f",
    // Pieces of the wrong kind in a text of unknown length, and such a text within another.
    "7f00ff", "7f21ff", "7f4100ff", "7f80ff", "7fa0ff", "7fc000ff", "7fe0ff", "7f7f6100ffff",
    // An end where nothing is open, and one in the middle of a pair.
    "ff", "81ff", "8200ff", "a1ff", "a16161ff", "bf6161ff", "9f81ff", "c1ff",
    // No length where one is needed.
    "1f", "3f", "df",
    // More than one document.
    "0000", "f6f6", "a000",
  ])
  func whatIsNotWellFormedIsRefused(hex: String) { #expect(problem(hex) != nil) }

  @Test func duplicateNamesAreRefused() {
    #expect(problem("a2616101616102") == "duplicate member 'a' at byte 4")
    #expect(problem("bf6161017f6161ff02ff") == "duplicate member 'a' at byte 4")
    #expect(problem("a26161a16161016162a1616102") == nil, "each map has names of its own")
  }

  @Test(arguments: [
    "61ff", "62c328", "63eda080", "64f4908080", "62c080", "7f61c361bcff", "a161ff01",
  ])
  func textThatIsNotUTF8IsRefused(hex: String) {
    #expect(problem(hex)?.contains("a text that is not UTF-8") == true)
  }

  /// Nine bytes that announce exabytes: had room been made for them, this test would not end.
  @Test(arguments: ["9b", "bb", "7b"]) func whatIsAnnouncedIsNotMadeRoomFor(major: String) {
    #expect(problem("\(major)0fffffffffffffff") == "unfinished document at byte 9")
    #expect(problem("\(major)ffffffffffffffff") == "unfinished document at byte 9")
  }

  @Test func depthIsBounded() throws {
    func nested(_ opening: UInt8, _ depth: Int) -> [UInt8] {
      [UInt8](repeating: opening, count: depth) + [0x00]
    }
    #expect(throws: Never.self) { try CBOR.decode(nested(0x81, 128)) }
    for opening: UInt8 in [0x81, 0x9F, 0xC1] {
      #expect(throws: CBORError.self) { try CBOR.decode(nested(opening, 1_000_000)) }
    }
    let error = #expect(throws: CBORError.self) { try CBOR.decode(nested(0x81, 129)) }
    #expect(error?.problem == "nested too deeply")
  }

  @Test func timestampsAreSecondsInAnyNumericForm() {
    let time = Value.timestamp(Timestamp(microseconds: 1_024_000_000))
    for form in ["c1190400", "c1f96400", "c1fa44800000", "c1fb4090000000000000", "c11b0000000000000400"] {
      #expect(decode(form) == time, "\(form)")
    }
    #expect(decode("c120") == .timestamp(Timestamp(microseconds: -1_000_000)))
    for nonsense in ["c1f97e00", "c1f97c00", "c11b7fffffffffffffff", "c16161", "c1c100", "c180", "c1f6"] {
      #expect(problem(nonsense)?.contains("a timestamp that is no number of seconds") == true, "\(nonsense)")
    }
  }

  // MARK: Writing

  @Test(
    arguments: [
      (0, "00"), (23, "17"), (24, "1818"), (255, "18ff"), (256, "190100"), (65_535, "19ffff"),
      (65_536, "1a00010000"), (.integer(4_294_967_295), "1affffffff"),
      (.integer(4_294_967_296), "1b0000000100000000"), (.integer(.max), "1b7fffffffffffffff"), (-1, "20"),
      (-24, "37"), (-25, "3818"), (-256, "38ff"), (-257, "390100"), (.integer(.min), "3b7fffffffffffffff"),
      (.number(1.5), "fa3fc00000"), (.number(1.1), "fb3ff199999999999a"), (.number(.nan), "fa7fc00000"),
      (.number(-.infinity), "faff800000"), (.number(1e300), "fb7e37e43c8800759c"),
      (true, "f5"), (false, "f4"), (.null, "f6"), ("\u{6c34}", "63e6b0b4"), ([], "80"), ([:], "a0"),
      (["MaxResults": 5], "a16a4d6178526573756c747305"),
      // Milliseconds: whole seconds as an integer, everything else as the nearest double.
      (.timestamp(Timestamp(microseconds: 1_363_896_240_000_000)), "c11a514b67b0"),
      (.timestamp(Timestamp(microseconds: 1_363_896_240_500_000)), "c1fb41d452d9ec200000"),
      (.timestamp(Timestamp(microseconds: 1_363_896_240_000_400)), "c11a514b67b0"),
      (.timestamp(Timestamp(microseconds: -1_000_000)), "c120"),
    ] as [(Value, String)])
  func valuesAreWrittenInTheirShortestForm(value: Value, hex: String) {
    #expect(Digest.hex(CBOR.encode(value)) == hex)
  }

  @Test func whatIsWrittenIsRead() throws {
    let value: Value = [
      "text": .string(String(repeating: "x", count: 70_000)), "empty": "", "flag": true, "nothing": .null,
      "list": .array((0..<300).map { .integer($0 * $0) }), "number": .number(0.1),
      "time": .timestamp(Timestamp(microseconds: 1_700_000_000_123_000)), "nested": ["a": ["b": [[]]]],
    ]
    #expect(try CBOR.decode(CBOR.encode(value)) == value)
  }

  /// Random bytes, and good documents with some bytes changed: whatever they are, the reader comes back, and
  /// what it accepts it can write and read again.
  @Test func noBytesAreTooMuch() throws {
    var chance = SystemRandomNumberGenerator()
    let seeds = Self.examples.map { bytes($0.0) } + [CBOR.encode(["MaxResults": 5, "NextToken": "x"])]
    var accepted = 0
    for round in 0..<40_000 {
      var document = seeds[round % seeds.count]
      if round % 4 == 0 {
        document = (0..<Int.random(in: 0...40, using: &chance)).map { _ in
          UInt8.random(in: 0...255, using: &chance)
        }
      }
      for _ in 0..<Int.random(in: 0...3, using: &chance) {
        let place = Int.random(in: 0...document.count, using: &chance)
        let byte = UInt8.random(in: 0...255, using: &chance)
        if Bool.random(using: &chance) || place == document.count {
          document.insert(byte, at: place)
        } else {
          document[place] = byte
        }
      }
      guard let value = try? CBOR.decode(document) else { continue }
      accepted += 1
      let written = CBOR.encode(value)
      #expect(try CBOR.encode(CBOR.decode(written)) == written, "\(Digest.hex(document))")
    }
    #expect(accepted > 1_000)
  }
}
