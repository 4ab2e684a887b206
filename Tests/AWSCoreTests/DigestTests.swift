// Digests by the examples of their standards, and names that are made at random.
import Testing

@testable import AWSCore

@Suite struct DigestTests {
  /// FIPS 180-4's example, the empty message, and one of a block and more.
  @Test(arguments: [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func hashes(_ text: String, _ digest: String) {
    #expect(Digest.hex(Digest.sha256(Array(text.utf8))) == digest)
  }

  /// RFC 4231, test cases 1, 2 and 6, whose key is longer than SHA-256's block. A state that is kept serves again.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func authenticates(_ key: [UInt8], _ text: String, _ code: String) {
    let state = HMACState(key: key)
    _ = state.code(of: Array("another message".utf8))
    #expect(Digest.hex(state.code(of: Array(text.utf8))) == code)
    #expect(Digest.hex(Digest.hmac(key: key, Array(text.utf8))) == code)
  }

  /// RFC 9562 5.4: the version is 4, the variant's two bits are 10.
  @Test func everyUUIDIsAnother() throws {
    let form = try RegularExpression(
      "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", options: 0)
    let names = (0..<1_000).map { _ in UUID.random() }
    #expect(names.allSatisfy(form.matches))
    #expect(Set(names).count == names.count)
  }
}
