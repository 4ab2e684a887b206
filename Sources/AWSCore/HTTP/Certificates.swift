// Certificates: which authorities a connection trusts.
import Glibc

enum Certificates: Equatable {
  /// A folder with one file an authority, named by the hash of its subject: OpenSSL reads only what it needs.
  case folder(String)
  /// One file with all of them, read at every new TLS context.
  case file(String)
  /// What libcurl was built with.
  case builtIn

  /// Those at a path that a setting names: a file of them, or a hashed folder.
  /// - Throws: a configuration error that names the path. libcurl's own would come only once the server had
  ///   been reached, and not at all for a folder that has no hashed names.
  static func atPath(_ path: String) throws(TransportError) -> Certificates {
    // O_NONBLOCK: a named pipe in the place of the file must not hang the program.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw unusable(path, "cannot be read: \(unsafe String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw unusable(path, "cannot be read: \(unsafe String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file(path)
    case S_IFDIR:
      guard isHashed(path) else {
        throw unusable(
          path, "is a folder without a certificate named by its hash; 'openssl rehash \(path)' names them so")
      }
      return .folder(path)
    default: throw unusable(path, "is neither a file nor a folder")
    }
  }

  /// What to say when libcurl could not load them.
  var failure: TransportError {
    switch self {
    case .file(let path): Self.unusable(path, "holds no certificate that can be read (PEM)")
    case .folder(let path): Self.unusable(path, "cannot be used")
    case .builtIn:
      TransportError(
        .tls,
        "this system's certificate authorities cannot be read; Debian and Ubuntu have them in the package "
          + "ca-certificates", beforeSending: true, isConfiguration: true)
    }
  }

  private static func unusable(_ path: String, _ problem: String) -> TransportError {
    TransportError(.tls, "the CA bundle \(path) \(problem)", beforeSending: true, isConfiguration: true)
  }

  /// The system's folder where it is hashed (Debian's is, Fedora's is not), else libcurl's own choice. The
  /// folder is preferred because the bundle is parsed whole: about 140 authorities for the one that is
  /// needed.
  static func ofSystem(folder: String = "/etc/ssl/certs") -> Certificates {
    isHashed(folder) ? .folder(folder) : .builtIn
  }

  private static func isHashed(_ folder: String) -> Bool {
    guard let directory = unsafe opendir(folder) else { return false }
    defer { unsafe closedir(directory) }
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // c_rehash: eight hexadecimal digits, a dot, a counter.
      if name.count == 10, name.hasSuffix(".0"), name.dropLast(2).allSatisfy(\.isHexDigit) { return true }
    }
    return false
  }
}

extension Settings {
  /// Whose certificates are believed under these settings, for people: a file, a folder, or what libcurl has.
  /// - Throws: why they cannot be used; what is in a file is read by OpenSSL only when a server is reached.
  public func certificateAuthorities() throws(TransportError) -> String {
    guard let bundle = caBundle else {
      let found = Certificates.ofSystem()
      return found == .builtIn ? "this system's, as libcurl has them" : "\(found)"
    }
    return "\(try Certificates.atPath(bundle.value))"
  }
}

extension Certificates: CustomStringConvertible {
  /// Ends the sentence "an authority that … does not hold".
  var description: String {
    switch self {
    case .folder(let path), .file(let path): path
    case .builtIn: "this system"
    }
  }
}
