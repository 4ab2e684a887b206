// BoundedRead: what is behind a descriptor, whole, and never more than its reader has room for.
import Glibc

public enum BoundedRead {
  public enum Failure: Error, Equatable, Sendable {
    /// The system's number, as of errno(3).
    case system(Int32)
    case tooLarge
  }

  /// So many bytes of a file from a place in it, fewer at its end; the descriptor stays open, and where it stood.
  public static func part(of descriptor: Int32, from start: off_t, count: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, start + off_t(filled))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .system(errno) }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes.prefix(filled))
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
