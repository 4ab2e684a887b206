// UUID: names for calls and requests.
import Glibc

public enum UUID {
  /// A random UUID (RFC 9562, version 4), in lower case.
  public static func random() -> String {
    // All sixteen bytes by one system call.
    var words: (high: UInt64, low: UInt64) = (0, 0)
    if unsafe getentropy(&words, MemoryLayout.size(ofValue: words)) != 0 {
      var source = SystemRandomNumberGenerator()
      words = (source.next(), source.next())
    }
    words.high = words.high & ~0xF000 | 0x4000
    words.low = words.low & (.max >> 2) | 1 << 63
    return unsafe String(unsafeUninitializedCapacity: 36) { text in
      var end = 0
      for digit in 0..<32 {
        if [8, 12, 16, 20].contains(digit) {
          unsafe text[end] = UInt8(ascii: "-")
          end += 1
        }
        let word = digit < 16 ? words.high : words.low
        unsafe text[end] = Digest.hexDigit(UInt8(truncatingIfNeeded: word >> (60 - 4 * (digit % 16))) & 15)
        end += 1
      }
      return end
    }
  }
}
