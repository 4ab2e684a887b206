// Signatures in SSH's format: what is good, and that nothing else is.
import AWSCore
import Testing

@testable import Scripts

@Suite struct SSHSignatureTests {
  /// What `file` is worth for a text.
  private func failure(of file: [UInt8], over text: [UInt8] = TrustVector.text) -> TrustFailure? {
    do throws(TrustFailure) {
      return try SSHSignature(file).failure(over: text, namespace: Trust.namespace)
    } catch {
      return error
    }
  }

  @Test(arguments: TrustVector.good) func everyTypeOfKeyIsVerified(_ vector: TrustVector) throws {
    let signature = try SSHSignature(vector.file)
    #expect(signature.failure(over: TrustVector.text, namespace: Trust.namespace) == nil)
    #expect(signature.key == (try SSHPublicKey(text: vector.key)))
  }

  @Test(arguments: TrustVector.good) func aFlippedBitAnywhereInTheSignatureRefuses(_ vector: TrustVector) {
    let file = vector.file
    for place in file.indices {
      var changed = file
      changed[place] ^= 1 << UInt8(place % 8)
      #expect(failure(of: changed) != nil, "byte \(place)")
    }
  }

  @Test(arguments: TrustVector.good) func aFlippedBitAnywhereInWhatItHoldsRefuses(_ vector: TrustVector)
    throws
  {
    let blob = vector.blob
    let own = try SSHPublicKey(text: vector.key)
    for place in blob.indices {
      var changed = blob
      changed[place] ^= 1
      let file = armored(Array(Base64.encode(changed).utf8))
      // A change of the key that is one again is another key's signature, which is none.
      #expect(failure(of: file) != nil, "byte \(place)")
      if let signature = try? SSHSignature(file), place >= 14, place < 14 + own.blob.count {
        #expect(signature.key != own)
      }
    }
  }

  @Test(arguments: TrustVector.good) func aFlippedBitInTheFileRefuses(_ vector: TrustVector) {
    for place in TrustVector.text.indices {
      var changed = TrustVector.text
      changed[place] ^= 1
      #expect(failure(of: vector.file, over: changed) == .otherBytes)
    }
    #expect(failure(of: vector.file, over: []) == .otherBytes)
    #expect(failure(of: vector.file, over: TrustVector.text + [0x0A]) == .otherBytes)
  }

  @Test func whatIsCutOffRefuses() {
    for vector in TrustVector.good {
      // The newline at the end may be missing.
      for count in stride(from: 0, to: vector.file.count - 1, by: 5) {
        #expect(failure(of: Array(vector.file.prefix(count))) != nil)
      }
      for count in stride(from: 0, to: vector.blob.count, by: 3) {
        let file = armored(Array(Base64.encode(Array(vector.blob.prefix(count))).utf8))
        #expect(failure(of: file) != nil)
      }
    }
  }

  @Test func theNewlineAtTheEndMayBeMissing() {
    #expect(failure(of: Array(TrustVector.good[0].file.dropLast())) == nil)
  }

  @Test func whatStandsAroundItRefuses() {
    let file = TrustVector.good[0].file
    let armor = Array("-----BEGIN SSH SIGNATURE-----\n".utf8)
    for other in [
      file + file, file + [0x0A], file + Array("x".utf8), [0x0A] + file, [0xEF, 0xBB, 0xBF] + file,
      armor + file,
      Array(String(decoding: file, as: UTF8.self).replacing("\n", with: "\r\n").utf8),
      Array(String(decoding: file, as: UTF8.self).replacing("\n", with: "\n\n").utf8),
    ] {
      guard case .notASignature? = failure(of: other) else {
        Issue.record("\(String(decoding: other, as: UTF8.self))")
        continue
      }
    }
  }

  @Test(
    arguments: zip(
      TrustVector.bad,
      [
        TrustFailure.weakKey("an RSA key of 1024 bits is not strong enough; 2048 are the least"),
        .weakKey("signatures of RSA with SHA-1 (ssh-rsa) are not believed; sign with rsa-sha2-512"),
        .untouched, .wrongNamespace("git"), .otherBytes,
      ])) func whatIsWellMadeButNotGoodSaysWhy(_ vector: TrustVector, _ expected: TrustFailure)
  {
    #expect(failure(of: vector.file) == expected)
  }

  /// A blob whose fields are the given ones.
  private func file(
    magic: String = "SSHSIG", version: UInt8 = 1, key: [UInt8]? = nil, namespace: String = Trust.namespace,
    reserved: String = "", hash: String = "sha512", signature: [UInt8]? = nil, behind: [UInt8] = []
  ) throws -> [UInt8] {
    let own = try SSHPublicKey(text: TrustVector.good[0].key).blob
    let strings = [
      key ?? own, Array(namespace.utf8), Array(reserved.utf8), Array(hash.utf8),
      signature ?? Array(TrustVector.good[0].blob.suffix(83)),
    ]
    let blob = Array(magic.utf8) + [0, 0, 0, version] + strings.flatMap(SSHReader.encoded) + behind
    return armored(Array(Base64.encode(blob).utf8))
  }

  @Test func fieldsThatAreNotAsTheFormatSaysRefuse() throws {
    #expect(failure(of: try file()) == nil)
    let (ed25519, rsa) = (TrustVector.good[0], TrustVector.good[4])
    let rsaKey = try SSHPublicKey(text: rsa.key).blob
    let algorithm = { (name: String) in SSHReader.encoded(Array(name.utf8)) + ed25519.blob.suffix(68) }
    let wrong: [([UInt8], String)] = [
      (try file(magic: "SSHSIX"), "SSHSIG"), (try file(version: 0), "version is 0"),
      (try file(version: 2), "version is 2"), (try file(reserved: "x"), "reserved"),
      (try file(hash: "sha1"), "hash is 'sha1'"), (try file(hash: "SHA512"), "hash is 'SHA512'"),
      (try file(namespace: ""), "namespace"), (try file(behind: [0]), "more behind"),
      (try file(key: []), "name of a type"), (try file(key: rsaKey + [0]), "more behind the ssh-rsa key"),
      (try file(signature: algorithm("ssh-ed25519") + [0]), "more behind its end"),
      (try file(signature: algorithm("ssh-rsa")), "SHA-1"),
      (try file(signature: algorithm("rsa-sha2-512")), "'rsa-sha2-512' by ssh-ed25519 keys"),
      (try file(signature: SSHReader.encoded(Array("ssh-ed25519".utf8))), "too early"),
      (
        try file(signature: SSHReader.encoded(Array("ssh-ed25519".utf8)) + SSHReader.encoded([1])),
        "malformed"
      ),
      (try file(key: rsaKey), "'ssh-ed25519' by ssh-rsa keys"),
    ]
    for (file, words) in wrong {
      let message = failure(of: file)?.message
      #expect(message?.contains(words) == true, "\(message ?? "believed")")
    }
  }

  @Test(arguments: [
    ("ssh-dss", "DSA"), ("ssh-ed25519-cert-v01@openssh.com", "certificates"),
    ("ssh-mldsa-87", "'ssh-mldsa-87'"),
    ("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "'webauthn"),
  ]) func typesThatAreNotVerifiedAreNamed(_ type: String, _ words: String) throws {
    let key = SSHReader.encoded(Array(type.utf8)) + [1, 2, 3]
    #expect(failure(of: try file(key: key))?.message.contains(words) == true)
  }

  @Test func keysThatAreNoneRefuse() throws {
    let name = { (name: String) in SSHReader.encoded(Array(name.utf8)) }
    let curve = name("ecdsa-sha2-nistp256") + name("nistp256")
    let large = [UInt8](repeating: 0x7F, count: 260)
    for blob in [
      name("ssh-ed25519") + SSHReader.encoded(Array(large.prefix(31))),
      // No point of the curve, a compressed one, and another curve's name.
      curve + SSHReader.encoded([2] + large.prefix(32)), curve + SSHReader.encoded([4] + large.prefix(63)),
      name("ecdsa-sha2-nistp256") + name("nistp384") + SSHReader.encoded([4] + large.prefix(96)),
      // Negative, zero, and with a needless zero in front.
      name("ssh-rsa") + SSHReader.encoded([3]) + SSHReader.encoded([0x80] + large),
      name("ssh-rsa") + SSHReader.encoded([3]) + SSHReader.encoded([]),
      name("ssh-rsa") + SSHReader.encoded([3]) + SSHReader.encoded([0] + large),
    ] { #expect(throws: SSHPublicKey.Problem.self) { try SSHPublicKey(blob: blob) } }
    let offCurve = try SSHPublicKey(blob: curve + SSHReader.encoded([4] + large.prefix(64)))
    let algorithm = SSHReader.encoded(Array("ecdsa-sha2-nistp256".utf8))
    let one = SSHReader.encoded(SSHReader.encoded([1]) + SSHReader.encoded([1]))
    #expect(offCurve.failure(of: algorithm + one, over: [])?.message.contains("is no key") == true)
    for exponent: [UInt8] in [[1], [2], [0x7F, 0xFE], Array(large.prefix(9))] {
      let key = try SSHPublicKey(
        blob: name("ssh-rsa") + SSHReader.encoded(exponent) + SSHReader.encoded(large))
      #expect(key.refusal?.message.contains("exponent") == true)
    }
    let huge = [UInt8](repeating: 0x7F, count: 2_049)
    let key = try SSHPublicKey(blob: name("ssh-rsa") + SSHReader.encoded([3]) + SSHReader.encoded(huge))
    #expect(key.refusal?.message.contains("more than 16384 bits") == true)
  }

  @Test func whatIsTooLargeIsRefusedUnread() {
    let megabytes = [UInt8](repeating: UInt8(ascii: "A"), count: 10 << 20)
    #expect(
      failure(of: megabytes) == .notASignature("it is larger than the 16 KiB that a signature can have"))
    #expect(failure(of: armored(megabytes)) == failure(of: megabytes))
    #expect(failure(of: []) == .notASignature("the file is empty"))
  }

  @Test func randomBytesNeverTrapAndAreNeverBelieved() {
    var random = SystemRandomNumberGenerator()
    for round in 0..<1_000 {
      let vector = TrustVector.good[round % TrustVector.good.count]
      var blob = vector.blob
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<blob.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: blob[place] = .random(in: 0...255, using: &random)
        case 1: blob.removeSubrange(place...)
        case 2: blob.insert(.random(in: 0...255, using: &random), at: place)
        default: blob.replaceSubrange(place..., with: blob[place...].prefix(4) + [0xFF, 0xFF, 0xFF, 0xFF])
        }
        if blob.isEmpty { blob = [0] }
      }
      guard blob != vector.blob else { continue }
      let file = armored(Array(Base64.encode(blob).utf8))
      #expect(failure(of: file) != nil, "\(blob)")
      #expect(failure(of: Array(blob)) != nil)
      _ = try? SSHPublicKey(blob: Array(blob.dropFirst(10)))
    }
  }

  @Test func base64HasOneSpelling() {
    for bytes: [UInt8] in [[], [0], [0, 1], [0, 1, 2], [255, 254, 253, 252]] {
      #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
    }
    for text in [
      "A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA=A", "AA==AAAA", "AAAA\n", "AA-_", " AAA",
    ] {
      #expect(Base64.decode(text.utf8) == nil, "\(text)")
    }
  }
}
