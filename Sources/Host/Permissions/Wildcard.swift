// Wildcard: patterns in which `*` stands for any characters, also none, as operators write them for ARNs and profiles.

package enum Wildcard {
  /// True when the pattern matches the whole text; capitals count.
  static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(pattern.utf8), Array(text.utf8))
  }

  /// Whole match; the last `*` takes one byte more whenever what follows it does not fit, so the work is bounded by the
  /// product of both lengths.
  /// - Parameter single: a byte of the pattern that stands for any one byte; nil where there is none.
  package static func matches(_ pattern: [UInt8], _ text: [UInt8], single: UInt8? = nil) -> Bool {
    var p = 0
    var t = 0
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] || pattern[p] == single {
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
