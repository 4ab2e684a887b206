// Secrets: which lines must not reach the history file.

enum Secrets {
  /// True when the line holds something like a credential: an AWS access key id, or a string that is given to
  /// a name with `secret` or `password` in it. It is better to keep a line too few than a password too many,
  /// so comparisons and table members count too.
  static func isSensitive(_ line: String) -> Bool {
    let bytes = Array(line.utf8)
    return holdsAccessKey(bytes) || holdsAssignment(bytes)
  }

  /// `AKIA` (a user's key) or `ASIA` (a session's) and 16 capitals or digits.
  private static func holdsAccessKey(_ bytes: [UInt8]) -> Bool {
    let prefixes = [Array("AKIA".utf8), Array("ASIA".utf8)]
    return bytes.indices.contains { start in
      start + 20 <= bytes.count && prefixes.contains(Array(bytes[start..<start + 4]))
        && bytes[start + 4..<start + 20].allSatisfy { isCapital($0) || isDigit($0) }
    }
  }

  /// `password = "…"`, `["Secret"] = '…'`, `user, password = "…", "…"`, `"Password": "…"`, `password == "…"`.
  private static func holdsAssignment(_ bytes: [UInt8]) -> Bool {
    let lowered = bytes.map { isCapital($0) ? $0 + 32 : $0 }
    let words = ["secret", "passw", "session_token", "sessiontoken"].map { Array($0.utf8) }
    return lowered.indices.contains { start in
      words.contains { lowered[start...].starts(with: $0) && isGivenString(lowered[start...].prefix(200)) }
    }
  }

  /// From a name on: the rest of it and of a list of names, an `=` or `:`, and the start of a string. Looks
  /// 200 bytes ahead, so that a long text costs no more than its length.
  private static func isGivenString(_ bytes: ArraySlice<UInt8>) -> Bool {
    let between = Set("_ ,.]\"'\t\r\n".utf8)
    let afterNames = bytes.drop { isLetter($0) || isDigit($0) || between.contains($0) }
    let operators = Set("=:~".utf8)
    let afterOperator = afterNames.drop { operators.contains($0) }
    guard afterOperator.count < afterNames.count else { return false }
    let value = afterOperator.drop { Set(" \t\r\n(".utf8).contains($0) }
    return value.first.map { Set("\"'[".utf8).contains($0) } ?? false
  }

  private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || isCapital(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
