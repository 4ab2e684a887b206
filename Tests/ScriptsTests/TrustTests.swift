// Whom the operator believes: allowed_signers, revoked, and what comes of both.
import AWSCore
import Testing

@testable import Scripts

private let now = Timestamp(year: 2026, month: 7, day: 1)
private let alice = TrustVector.good[0]
private let bob = TrustVector.good[1]

private func signers(_ text: String) throws -> AllowedSigners {
  try AllowedSigners(Array(text.utf8), path: "signers")
}

private func revoked(_ text: String) throws -> RevocationList {
  try RevocationList(Array(text.utf8), path: "revoked")
}

private func verdict(
  _ signersText: String, revoked revokedText: String = "", file: [UInt8] = TrustVector.text,
  signature: [UInt8]? = alice.file, at time: Timestamp = now
) throws -> Verdict {
  let trust = Trust(signers: try signers(signersText), revoked: try revoked(revokedText))
  return trust.verdict(of: file, signature: signature, at: time)
}

private func fingerprint(_ vector: TrustVector) throws -> String {
  try SSHPublicKey(text: vector.key).fingerprint
}

@Suite struct AllowedSignersTests {
  @Test func aLineSaysWhoseKeyItIs() throws {
    let lines = try signers(
      """
      # people
      alice@example.com \(alice.key) laptop, with a comment

        bob,bob@example.com\tnamespaces="git,moongate-*",valid-before="20270101Z" \(bob.key)
      "with space" NAMESPACES="\\"",Cert-Authority \(alice.key)
      """)
    #expect(lines.entries.map(\.principals) == ["alice@example.com", "bob,bob@example.com", "with space"])
    #expect(lines.entries.map(\.line) == [2, 4, 5])
    #expect(lines.entries.map(\.options.namespaces) == [nil, "git,moongate-*", "\""])
    #expect(lines.entries.map(\.options.isAuthority) == [false, false, true])
    #expect(lines.entries[1].options.validBefore == Timestamp(year: 2027, month: 1, day: 1))
  }

  @Test(arguments: [
    ("alice", "PRINCIPALS"), ("alice ", "PRINCIPALS"), ("alice x", "TYPE and BASE64"),
    ("alice ssh-ed25519 AAAA", "name of a type"), ("alice ssh-ed25519 A*AA", "base64"),
    ("alice nonsense=\"x\" KEY", "no option 'nonsense'"),
    ("alice namespace=\"x\" KEY", "did you mean namespaces?"),
    ("alice namespaces=x KEY", "=\"VALUE\""), ("alice namespaces=\"x KEY", "quote is not closed"),
    ("alice namespaces=\"x\"cert-authority KEY", "comma is missing"), ("alice cert-authority, KEY", "comma"),
    ("alice namespaces=\"x\",namespaces=\"y\" KEY", "given twice"), ("\"alice KEY", "quote is not closed"),
    ("alice valid-before=\"20270101\",valid-after=\"20270101\" KEY", "not later"),
    ("alice valid-before=\"tomorrow\" KEY", "YYYYMMDD"), ("alice valid-before=\"20260230\" KEY", "YYYYMMDD"),
    ("al\"ice KEY", "PRINCIPALS"), ("!*,!a KEY", "names nobody"), ("alice ssh-rsa KEYONLY", "base64"),
  ]) func aLineThatCannotBeReadRefusesTheFile(_ line: String, _ words: String) {
    let text = "bob \(bob.key)\n" + line.replacing("KEYONLY", with: "A").replacing("KEY", with: alice.key)
    #expect {
      try signers(text)
    } throws: {
      let message = ($0 as? Trust.Problem)?.message ?? ""
      return message.hasPrefix("signers:2: ") && message.contains(words)
    }
  }

  @Test(arguments: [
    ("20260701Z", 0), ("20260701z", 0), ("202607010000Z", 0), ("20260701000001Z", 1), ("202606302359Z", -60),
  ]) func datesAreReadAsSSHWritesThem(_ text: String, _ seconds: Int) {
    #expect(SignerOptions.time(text)?.epochSeconds == now.epochSeconds + Double(seconds))
  }

  @Test(arguments: [
    "", "Z", "2026", "2026070", "2026070100", "202607010000000", "20261301Z", "20260732Z", "20260229Z",
    "20260701 Z",
    "202607012400Z", "202607010060Z", "20260701000060Z", "00000101Z", "-0260701Z", "２０２６０７０１Z", "20260701ZZ",
  ]) func whatIsNoDateIsNone(_ text: String) { #expect(SignerOptions.time(text) == nil) }

  @Test(arguments: [
    ("*", "a", true), ("a?c", "abc", true), ("a?c", "ac", false), ("*@x,!mallory@x", "alice@x", true),
    ("*@x,!mallory@x", "mallory@x", false), ("!a", "b", false), ("a,b", "b", true), ("A", "a", false),
    ("", "", true),
    ("a*b*c", "aXbXbc", true), ("a*b", "ab*", false), ("a,", "", true), ("**a**", "bab", true),
  ]) func patternsAreThoseOfSSH(_ list: String, _ text: String, _ expected: Bool) {
    #expect(SSHPattern.list(list, matches: text) == expected)
  }

  @Test func aLongPatternIsQuicklyDone() {
    let pattern = String(repeating: "*a", count: 500)
    #expect(!SSHPattern.list(pattern, matches: String(repeating: "a", count: 499) + "b"))
  }

  @Test func theLineThatTrustWritesIsRead() throws {
    let key = try SSHPublicKey(text: alice.key)
    let until = Timestamp(year: 2027, month: 1, day: 1)
    for (principal, end) in [("alice@example.com", until), ("bob", nil)] {
      let line = AllowedSigners.line(for: key, principal: principal, until: end)
      let entry = try #require(try signers(line).entries.first)
      #expect(entry.key == key && entry.principals == principal && entry.options.validBefore == end)
      #expect(entry.options.namespaces == Trust.namespace)
    }
    for name in ["", "*", "a*", "a b", "a,b", "!a", "#a", "a\"", "a\\", "a\n", "a\u{202E}"] {
      #expect(!AllowedSigners.isPrincipal(name))
    }
  }

  @Test func randomLinesNeverTrap() {
    var random = SystemRandomNumberGenerator()
    let words = [
      "alice", "*", " ", "\t", "\"", "\\", ",", "=", "namespaces", "cert-authority", "valid-before",
      "20260101Z",
      "\n", "#", "ssh-ed25519", alice.key, "é", "\u{1F600}", "\r",
    ]
    for _ in 0..<3_000 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        words.randomElement(using: &random) ?? ""
      }
      _ = try? signers(text.joined())
      _ = try? revoked(text.joined())
    }
  }
}

@Suite struct RevocationListTests {
  @Test func aLineIsAKeyOrASnippetAndAReason() throws {
    let hash = Digest.hex(Digest.sha256(TrustVector.text))
    let list = try revoked(
      """
      # lost
      \(try fingerprint(alice))  # her laptop was stolen
      \(bob.key) bob left
      sha256:\(hash.uppercased())
      \(String(repeating: "0", count: 64)) # deletes everything
      """)
    #expect(list.count == 4)
    #expect(list.revocation(ofKey: try SSHPublicKey(text: alice.key))?.reason == "her laptop was stolen")
    #expect(list.revocation(ofKey: try SSHPublicKey(text: bob.key))?.text == "'bob left' (revoked:3)")
    #expect(list.revocation(ofHash: hash)?.text == "no reason given (revoked:4)")
    #expect(list.revocation(ofHash: String(repeating: "0", count: 64))?.reason == "deletes everything")
    #expect(list.revocation(ofKey: try SSHPublicKey(text: TrustVector.good[2].key)) == nil)
  }

  @Test(arguments: [
    "nonsense", "sha256:12", "SHA256:short", "MD5:aa:bb", "ssh-ed25519", "ssh-ed25519 AAAA", "-", "sha256:",
    String(repeating: "g", count: 64),
  ]) func aLineThatSaysNothingRefusesTheFile(_ line: String) {
    #expect {
      try revoked("# first\n\(line)\n")
    } throws: {
      ($0 as? Trust.Problem)?.message.hasPrefix("revoked:2: expected") == true
    }
  }

  @Test func bytesThatAreNoTextRefuseTheFile() {
    for bytes: [UInt8] in [[0xFF], [0x23, 0x0A, 0x61, 0x00]] {
      #expect(throws: Trust.Problem.self) { try RevocationList(bytes, path: "revoked") }
    }
  }
}

@Suite struct VerdictTests {
  @Test func aKnownKeyIsVerified() throws {
    let found = try verdict("bob \(bob.key)\nalice valid-before=\"20270101Z\" \(alice.key)")
    let signer = Signer(
      principal: "alice", keyType: "ssh-ed25519", fingerprint: try fingerprint(alice),
      validUntil: Timestamp(year: 2027, month: 1, day: 1), line: 2)
    #expect(found == .verified(signer))
    #expect(
      found.text == "signed by alice (ssh-ed25519 \(signer.fingerprint), valid until 2027-01-01T00:00:00Z)")
  }

  @Test func onlyWhatHasNoSignatureIsUnsigned() throws {
    #expect(try verdict("alice \(alice.key)", signature: nil) == .unsigned)
    for signature in [
      [], [UInt8](repeating: 0, count: 10 << 20), bob.file.reversed(), Array("unsigned".utf8),
    ] {
      guard case .refused(.notASignature) = try verdict("alice \(alice.key)", signature: signature) else {
        Issue.record("\(signature.prefix(20))")
        continue
      }
    }
  }

  @Test func anUnknownKeyIsNamed() throws {
    let unknown = TrustFailure.unknownKey(type: "ssh-ed25519", fingerprint: try fingerprint(alice))
    #expect(try verdict("bob \(bob.key)") == .refused(unknown))
    // A key that signs certificates signs no files.
    #expect(try verdict("alice cert-authority \(alice.key)") == .refused(unknown))
    #expect(try verdict("") == .refused(unknown))
  }

  @Test func optionsOfTheLineHold() throws {
    let line = { (options: String) in "alice \(options) \(alice.key)" }
    let refusals: [(String, String)] = [
      ("namespaces=\"git\"", "does not let the key of 'alice' sign"),
      ("namespaces=\"*,!moongate-snippet\"", "does not let"),
      ("valid-before=\"20260630Z\"", "expired at 2026-06-30T00:00:00Z"),
      ("valid-after=\"20260702Z\"", "not valid before 2026-07-02T00:00:00Z"),
    ]
    for (options, words) in refusals {
      let found = try verdict(line(options))
      #expect(found.text.contains(words) && found.text.hasPrefix("not verified: "), "\(found.text)")
    }
    // Both ends count, to the second.
    for options in ["namespaces=\"moongate-*\"", "valid-before=\"20260701Z\"", "valid-after=\"20260701Z\""] {
      guard case .verified = try verdict(line(options)) else {
        Issue.record("\(options)")
        continue
      }
    }
    var later = now
    later.microseconds += 1_000_000
    #expect(try verdict(line("valid-before=\"20260701Z\""), at: later).text.contains("expired"))
  }

  @Test func aLaterLineOfTheSameKeyMayLetItSign() throws {
    let found = try verdict("old valid-before=\"20250101Z\" \(alice.key)\nnew \(alice.key)")
    guard case .verified(let signer) = found else {
      Issue.record("\(found.text)")
      return
    }
    #expect(signer.principal == "new" && signer.line == 2)
  }

  @Test func aLineForEverybodyIsSaidToBeOne() throws {
    let found = try verdict("* \(alice.key)")
    guard case .verified(let signer) = found else {
      Issue.record("\(found.text)")
      return
    }
    #expect(
      Signer.isAnyone(signer.principal) && found.text.contains("anyone, with a key listed for *"))
  }

  @Test(arguments: [
    ("*", true), ("**", true), ("?*", true), ("bob,*", true), ("*,!bob", true), ("*@example.com", false),
    ("bob", false),
    ("?", false), ("", false),
  ])
  func whoIsListedForAnyoneIsAnyone(_ principal: String, _ expected: Bool) {
    #expect(Signer.isAnyone(principal) == expected)
  }

  @Test func whatIsRevokedIsRefusedWhoeverSignedIt() throws {
    let hash = Digest.hex(Digest.sha256(TrustVector.text))
    let line = "alice \(alice.key)"
    let key = try verdict(line, revoked: "\(try fingerprint(alice)) stolen")
    #expect(key.text.contains("is revoked: 'stolen' (revoked:1)"))
    #expect(try verdict(line, revoked: "\(alice.key)").text.contains("is revoked: no reason given"))
    for signature in [alice.file, nil] {
      let snippet = try verdict(line, revoked: "#\n\(hash) bad", signature: signature)
      #expect(snippet.text == "not verified: these bytes are revoked: 'bad' (revoked:2)")
    }
    guard case .verified = try verdict(line, revoked: "\(try fingerprint(bob))") else {
      Issue.record("another key's revocation counts")
      return
    }
  }

  @Test func everyFailureHasASentence() throws {
    let signer = Signer(principal: "a\u{1B}[2J", keyType: "t", fingerprint: "f", validUntil: nil, line: 1)
    let revocation = Revocation(path: "p", line: 1, reason: "\u{1B}[2J")
    let all: [TrustFailure] = [
      .notASignature("x"), .wrongNamespace("\u{1B}"), .unsupportedKey("x"), .weakKey("x"), .otherBytes,
      .untouched,
      .unknownKey(type: "t", fingerprint: "f"), .notForSnippets(signer), .expired(signer, at: now),
      .notYetValid(signer, from: now), .revokedKey(fingerprint: "f", revocation), .revokedSnippet(revocation),
    ]
    for failure in all {
      #expect(!failure.message.isEmpty && !failure.message.unicodeScalars.contains { $0.isHidden })
    }
    #expect(!signer.text.unicodeScalars.contains { $0.isHidden })
  }
}
