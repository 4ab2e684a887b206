// RegularExpression: one expression of PCRE2, compiled.
import CPCRE2

/// A compiled regular expression, in UTF mode. Matching does not change it, so threads may share it (pcre2api,
/// "Multithreading").
@safe public final class RegularExpression: @unchecked Sendable {
  /// Why an expression cannot be used.
  public enum Problem: Error, Equatable {
    /// PCRE2's own words, and the number of code units before the mistake.
    case syntax(String, offset: Int)
    case memory
  }

  /// How much work a match may be, in PCRE2's steps of backtracking: with `(a+)+b` it must not take for ever.
  private static let steps: UInt32 = 100_000

  private let code: OpaquePointer
  private let context: OpaquePointer

  /// - Parameters:
  ///   - options: PCRE2's, beside UTF mode.
  ///   - kibibytes: the memory that a match may take; nil for PCRE2's own bound.
  public init(_ pattern: String, options: UInt32, kibibytes: UInt32? = nil) throws(Problem) {
    var error: Int32 = 0
    var offset = 0
    guard
      let code = unsafe pcre2_compile_8(
        pattern, pattern.utf8.count, PCRE2_UTF | options, &error, &offset, nil)
    else {
      var message = [UInt8](repeating: 0, count: 200)
      _ = unsafe pcre2_get_error_message_8(error, &message, message.count)
      throw .syntax(String(decoding: message.prefix { $0 != 0 }, as: UTF8.self), offset: offset)
    }
    guard let context = unsafe pcre2_match_context_create_8(nil) else {
      unsafe pcre2_code_free_8(code)
      throw .memory
    }
    unsafe pcre2_set_match_limit_8(context, Self.steps)
    if let kibibytes { unsafe pcre2_set_heap_limit_8(context, kibibytes) }
    unsafe self.code = unsafe code
    unsafe self.context = unsafe context
  }

  deinit {
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_code_free_8(code)
  }

  /// True when it matches somewhere in the text; false also where that would take more than a match may.
  public func matches(_ text: String) -> Bool {
    guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { return false }
    defer { unsafe pcre2_match_data_free_8(data) }
    return unsafe pcre2_match_8(code, text, text.utf8.count, 0, 0, data, context) > 0
  }
}
