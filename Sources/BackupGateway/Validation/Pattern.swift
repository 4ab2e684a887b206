// Pattern: the model's regular expressions, each compiled once, at its first use.
import CPCRE2
import Glibc

public enum Pattern {
  /// True when the pattern matches the whole text (PCRE2, UTF mode, anchored at both ends). A pattern that
  /// does not compile or runs into `Limits` matches nothing: a refused request is better than a wrong one.
  public static func matches(_ pattern: String, whole text: String) -> Bool {
    guard let compiled = compiled(pattern) else { return false }
    return compiled.matches(text)
  }

  private static let cache = Cache()

  private static func compiled(_ pattern: String) -> Compiled? { cache.compiled(pattern) }
}

/// How much work a match may be. PCRE2 counts steps of backtracking: the model's worst pattern, Username with its three
/// classes that overlap, takes some hundred for the longest text that does not match.
private enum Limits {
  static let steps: UInt32 = 100_000
  static let kibibytes: UInt32 = 4_096
}

/// The patterns compiled so far. The model has a dozen, and they are never given back. Client and local gateway ask
/// from different threads; compiled code may be shared between them (pcre2api, "Multithreading").
///
/// A POSIX lock, because ThreadSanitizer sees it: Synchronization's Mutex is a bare futex on Linux, and everything
/// behind it looks like a race.
@safe private final class Cache: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var known: [String: Compiled] = [:]

  init() { _ = unsafe pthread_mutex_init(lock, nil) }

  deinit {
    _ = unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  func compiled(_ pattern: String) -> Compiled? {
    _ = unsafe pthread_mutex_lock(lock)
    defer { _ = unsafe pthread_mutex_unlock(lock) }
    if let found = known[pattern] { return found }
    guard let new = Compiled(pattern) else { return nil }
    known[pattern] = new
    return new
  }
}

/// A compiled pattern, which is not changed by matching.
@safe private final class Compiled: @unchecked Sendable {
  private let code: OpaquePointer
  private let context: OpaquePointer

  init?(_ pattern: String) {
    var error: Int32 = 0
    var offset = 0
    let options = PCRE2_UTF | UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED)
    guard let code = unsafe pcre2_compile_8(pattern, pattern.utf8.count, options, &error, &offset, nil)
    else { return nil }
    guard let context = unsafe pcre2_match_context_create_8(nil) else {
      unsafe pcre2_code_free_8(code)
      return nil
    }
    unsafe pcre2_set_match_limit_8(context, Limits.steps)
    unsafe pcre2_set_heap_limit_8(context, Limits.kibibytes)
    unsafe self.code = unsafe code
    unsafe self.context = unsafe context
  }

  deinit {
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_code_free_8(code)
  }

  func matches(_ text: String) -> Bool {
    guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { return false }
    defer { unsafe pcre2_match_data_free_8(data) }
    return unsafe pcre2_match_8(code, text, text.utf8.count, 0, 0, data, context) > 0
  }
}
