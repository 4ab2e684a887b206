// Pattern: the model's regular expressions, each compiled once, at its first use.
import AWSCore
import CPCRE2
import Glibc

public enum Pattern {
  /// True when the pattern matches the whole text (PCRE2, UTF mode, anchored at both ends). A pattern that
  /// does not compile or runs into a limit matches nothing: a refused request is better than a wrong one.
  public static func matches(_ pattern: String, whole text: String) -> Bool {
    guard let compiled = compiled(pattern) else { return false }
    return compiled.matches(text)
  }

  private static let cache = Cache()

  private static func compiled(_ pattern: String) -> RegularExpression? { cache.compiled(pattern) }
}

/// The patterns compiled so far. The model has a dozen, and they are never given back. Client and local gateway ask
/// from different threads.
///
/// A POSIX lock, because ThreadSanitizer sees it: Synchronization's Mutex is a bare futex on Linux, and everything
/// behind it looks like a race.
@safe private final class Cache: @unchecked Sendable {
  /// Memory that a match may take. Of a match's steps the model's worst pattern, Username with its three classes that
  /// overlap, takes some hundred for the longest text that does not match.
  private static let kibibytes: UInt32 = 4_096

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var known: [String: RegularExpression] = [:]

  init() { _ = unsafe pthread_mutex_init(lock, nil) }

  deinit {
    _ = unsafe pthread_mutex_destroy(lock)
    unsafe lock.deallocate()
  }

  func compiled(_ pattern: String) -> RegularExpression? {
    _ = unsafe pthread_mutex_lock(lock)
    defer { _ = unsafe pthread_mutex_unlock(lock) }
    if let found = known[pattern] { return found }
    let options = UInt32(PCRE2_ANCHORED) | UInt32(PCRE2_ENDANCHORED)
    guard let new = try? RegularExpression(pattern, options: options, kibibytes: Self.kibibytes) else {
      return nil
    }
    known[pattern] = new
    return new
  }
}
