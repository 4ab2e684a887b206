// SearchPattern: what the history is searched for: a regular expression, of PCRE2, in which case does not matter.
import AWSCore
import CPCRE2

/// A compiled pattern. An entry on which a match would take too long does not match.
struct SearchPattern {
  /// Why a pattern cannot be used.
  struct Problem: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  private let expression: RegularExpression

  init(_ pattern: String) throws(Problem) {
    do throws(RegularExpression.Problem) {
      expression = try RegularExpression(pattern, options: PCRE2_UCP | PCRE2_CASELESS | PCRE2_MULTILINE)
    } catch {
      switch error {
      case .syntax(let reason, let offset):
        throw Problem(
          description: "/\(pattern)/ is no regular expression: \(reason) (at character \(offset + 1))")
      case .memory: throw Problem(description: "not enough memory for /\(pattern)/")
      }
    }
  }

  /// True when it matches somewhere in the text.
  func matches(_ text: String) -> Bool { expression.matches(text) }
}
