// What is sealed opens again, and nothing else does.
import AWSCore
import Testing

struct AES256GCMTests {
  private let cipher = AES256GCM()

  @Test(arguments: [0, 1, 15, 16, 17, 1_000])
  func aMessageComesBack(length: Int) throws {
    let message = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
    let sealed = try #require(cipher.seal(message, for: "context"))
    #expect(sealed.count == length + 28, "nonce and tag")
    #expect(cipher.open(sealed, for: "context") == message)
    #expect(cipher.seal(message, for: "context") != sealed, "every nonce is new")
  }

  @Test func whatWasChangedDoesNotOpen() throws {
    let sealed = try #require(cipher.seal(Array("a secret".utf8), for: "context"))
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(cipher.open(changed, for: "context") == nil)
    }
    for length in 0..<sealed.count {
      #expect(cipher.open(Array(sealed.prefix(length)), for: "context") == nil)
    }
    #expect(cipher.open(sealed, for: "another") == nil)
    #expect(AES256GCM().open(sealed, for: "context") == nil)
  }

  /// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", test case 14: a key and a block of zeros.
  @Test func itIsTheCipherThatOthersUse() throws {
    let cipher = try #require(AES256GCM(key: [UInt8](repeating: 0, count: 32)))
    let text =
      "000000000000000000000000" + "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"
    #expect(cipher.open(try #require(Digest.bytes(hex: text)), for: "") == [UInt8](repeating: 0, count: 16))
  }

  @Test(arguments: [0, 16, 31, 33]) func aKeyHas32Bytes(length: Int) {
    #expect(AES256GCM(key: [UInt8](repeating: 1, count: length)) == nil)
  }

  @Test func hexadecimalHasOneSpelling() {
    #expect(Digest.bytes(hex: "00ff1a") == [0, 255, 26])
    for text in ["0", "0g", "FF", " 00", "é"] { #expect(Digest.bytes(hex: text) == nil) }
  }
}
