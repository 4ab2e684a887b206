// SSHPattern: pattern lists as ssh_config(5) has them under PATTERNS: `*@example.com,!mallory@example.com`.

enum SSHPattern {
  /// True when a pattern of the list matches the whole text, and no pattern behind `!` does. Capitals count.
  static func list(_ list: String, matches text: String) -> Bool {
    let text = Array(text.utf8)
    var isFound = false
    for pattern in list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let isNegated = pattern.first == UInt8(ascii: "!")
      guard matches(Array(isNegated ? pattern.dropFirst() : pattern), text) else { continue }
      if isNegated { return false }
      isFound = true
    }
    return isFound
  }

  /// `*` stands for any bytes, `?` for one. The last `*` takes one byte more whenever what follows it does not fit, so
  /// the work is bounded by the product of both lengths.
  private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var p = 0
    var t = 0
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        p = last.pattern + 1
        t = last.text + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
