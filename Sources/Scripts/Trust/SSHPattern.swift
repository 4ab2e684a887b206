// SSHPattern: pattern lists as ssh_config(5) has them under PATTERNS: `*@example.com,!mallory@example.com`.
import Host

enum SSHPattern {
  /// True when a pattern of the list matches the whole text, and no pattern behind `!` does: `*` stands for any
  /// bytes, `?` for one. Capitals count.
  static func list(_ list: String, matches text: String) -> Bool {
    let text = Array(text.utf8)
    var isFound = false
    for pattern in list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let isNegated = pattern.first == UInt8(ascii: "!")
      let one = Array(isNegated ? pattern.dropFirst() : pattern)
      guard Wildcard.matches(one, text, single: UInt8(ascii: "?")) else { continue }
      if isNegated { return false }
      isFound = true
    }
    return isFound
  }
}
