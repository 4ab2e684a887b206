// WholeWrite: bytes into a descriptor, all of them. A signal may interrupt a write, and a quota or a pipe shorten it.
import Glibc

public enum WholeWrite {
  /// The system's number, as of errno(3), of a write that failed; what was written by then is there.
  public struct Failure: Error, Sendable {
    public let number: Int32
    public init(number: Int32) { self.number = number }
  }

  /// Writes all of it; the descriptor stays open.
  public static func all(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      // Nothing written and no error is what no file does; it must not be waited for.
      guard count > 0 else { throw Failure(number: count < 0 ? errno : EIO) }
      written += count
    }
  }
}
