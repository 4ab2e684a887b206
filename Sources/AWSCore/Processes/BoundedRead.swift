// BoundedRead: what is behind a descriptor, whole, and never more than its reader has room for.
import Glibc

public enum BoundedRead {
  public enum Failure: Error, Equatable, Sendable {
    /// The system's number, as of errno(3).
    case system(Int32)
    case tooLarge
  }

  /// Reads to the end; the descriptor stays open.
  /// - Parameter most: bytes that it may be.
  public static func all(of descriptor: Int32, most: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= most else { throw .tooLarge }
    }
  }
}
