// PrivateFolder: a folder that only its owner can enter, for what a program is given to work on, and leaves behind.
import Glibc

public struct PrivateFolder: Sendable {
  /// Absolute.
  public let path: String

  /// Makes it where the system keeps such things: $XDG_RUNTIME_DIR, $TMPDIR, else /tmp.
  public init() throws(Environment.FileError) {
    let parents = ["XDG_RUNTIME_DIR", "TMPDIR"].compactMap { (name: String) -> String? in
      unsafe getenv(name).map { unsafe String(cString: $0) }
    }.filter { $0.hasPrefix("/") }
    for parent in parents + ["/tmp"] {
      var template = Array("\(parent)/moongate-XXXXXX".utf8CString)
      if unsafe mkdtemp(&template) != nil {
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return
      }
    }
    throw Environment.FileError(
      reason: "no folder can be made in \((parents + ["/tmp"]).joined(separator: ", "))")
  }

  /// Removes it with everything in it, as far as that are files.
  public func remove() {
    if let stream = unsafe opendir(path) {
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
          unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name != "." && name != ".." { _ = unsafe unlink("\(path)/\(name)") }
      }
      unsafe closedir(stream)
    }
    _ = unsafe rmdir(path)
  }
}
