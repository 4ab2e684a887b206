// Certificates: which authorities a connection trusts.
import Glibc

enum Certificates: Equatable {
  /// A folder with one file an authority, named by the hash of its subject: OpenSSL reads only what it needs.
  case folder(String)
  /// One file with all of them, read at every new TLS context.
  case file(String)
  /// What libcurl was built with.
  case builtIn

  /// The system's folder where it is hashed (Debian's is, Fedora's is not), else libcurl's own choice. The
  /// folder is preferred because the bundle is parsed whole: about 140 authorities for the one that is
  /// needed.
  static func ofSystem(folder: String = "/etc/ssl/certs") -> Certificates {
    guard let directory = unsafe opendir(folder) else { return .builtIn }
    defer { unsafe closedir(directory) }
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // c_rehash: eight hexadecimal digits, a dot, a counter.
      if name.count == 10, name.hasSuffix(".0"), name.dropLast(2).allSatisfy(\.isHexDigit) {
        return .folder(folder)
      }
    }
    return .builtIn
  }
}
