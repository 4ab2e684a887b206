// SearchPattern: what the history is searched for: a regular expression, of PCRE2, in which case does not matter.
import CPCRE2

/// A compiled regular expression.
@safe final class SearchPattern {
  /// Why a pattern cannot be used.
  struct Problem: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// How much work a match may be, in PCRE2's steps of backtracking: with `(a+)+b` the history must not take for ever. An
  /// entry that would take longer does not match.
  private static let steps: UInt32 = 100_000

  private let code: OpaquePointer
  private let context: OpaquePointer

  init(_ pattern: String) throws(Problem) {
    var error: Int32 = 0
    var offset = 0
    let options = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MULTILINE
    guard let code = unsafe pcre2_compile_8(pattern, pattern.utf8.count, options, &error, &offset, nil) else {
      var message = [UInt8](repeating: 0, count: 200)
      _ = unsafe pcre2_get_error_message_8(error, &message, message.count)
      let reason = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
      throw Problem(
        description: "/\(pattern)/ is no regular expression: \(reason) (at character \(offset + 1))")
    }
    guard let context = unsafe pcre2_match_context_create_8(nil) else {
      unsafe pcre2_code_free_8(code)
      throw Problem(description: "not enough memory for /\(pattern)/")
    }
    unsafe pcre2_set_match_limit_8(context, Self.steps)
    unsafe self.code = unsafe code
    unsafe self.context = unsafe context
  }

  deinit {
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_code_free_8(code)
  }

  /// True when it matches somewhere in the text.
  func matches(_ text: String) -> Bool {
    guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { return false }
    defer { unsafe pcre2_match_data_free_8(data) }
    return unsafe pcre2_match_8(code, text, text.utf8.count, 0, 0, data, context) > 0
  }
}
