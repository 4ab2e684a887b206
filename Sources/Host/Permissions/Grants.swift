// Grants: what beyond calls of the service the command line lets code reach: `--grant read=DIR`, `write=DIR`,
// `env=NAME`, `run`, `endpoint=URL`. Without one there are no files, variables, processes and other endpoints.
//
// A path is compared as text: made absolute, `.` and `..` taken out. Opening it is GrantedFolder's, which follows no
// symbolic link. What holds credentials stays closed whatever is granted.
import AWSCore
import BackupGateway

public struct Grants {
  /// Why a grant cannot be given, for people.
  public struct Problem: Error, Equatable {
    public let message: String
  }

  /// What may be read and written, and which variables of the environment may be read.
  public private(set) var readable: [GrantedFolder] = []
  public private(set) var writable: [GrantedFolder] = []
  public private(set) var variables: Set<String> = []
  /// Processes may be started. They may do whatever the operator may.
  public private(set) var mayRun = false
  /// Where else sessions may send to; `connect{ endpoint = }` takes these.
  public private(set) var endpoints: Set<URLParts> = []
  /// Everything is open: `--trust`.
  public var isTrusting = false
  /// Shared code has nothing beyond calls, and no grant gives it more.
  public var isForSharedCode = false
  /// What stays closed whatever is granted.
  public var protected: ProtectedPlaces

  public init(protected: ProtectedPlaces = ProtectedPlaces()) { self.protected = protected }

  /// Adds what `--grant` says.
  public mutating func add(_ text: String) throws(Problem) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let value = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
    switch (parts[0], value) {
    case ("read", let path?): readable.append(try GrantedFolder(path, protected))
    case ("write", let path?): writable.append(try GrantedFolder(path, protected))
    case ("env", let name?):
      guard !ProtectedPlaces.secretVariables.contains(name) else {
        throw Problem(message: "\(text): credentials are never given to code")
      }
      variables.insert(name)
    case ("run", nil) where parts.count == 1: mayRun = true
    case ("endpoint", let url?):
      guard let endpoint = URLParts(url) else {
        throw Problem(message: "\(text): that is no endpoint; write one as https://HOST[:PORT]")
      }
      endpoints.insert(Self.comparable(endpoint))
    default:
      throw Problem(message: "takes read=DIR, write=DIR, env=NAME, run or endpoint=URL, not '\(text)'")
    }
  }

  /// True when code may send signed requests to an endpoint that is not the session's.
  public func allows(endpoint: URLParts) -> Bool {
    isTrusting || endpoints.contains(Self.comparable(endpoint))
  }

  /// Names of hosts are the same in capitals.
  private static func comparable(_ endpoint: URLParts) -> URLParts {
    var endpoint = endpoint
    endpoint.host = endpoint.host.lowercased()
    return endpoint
  }

  /// As `--grant` has them.
  var texts: [String] {
    (isTrusting ? ["everything (--trust)"] : []) + readable.map { "read=\($0.path)" }
      + writable.map { "write=\($0.path)" } + variables.sorted().map { "env=\($0)" } + (mayRun ? ["run"] : [])
      + endpoints.map { "endpoint=\($0)" }.sorted()
  }

  // MARK: Decisions

  /// What files are opened for.
  public enum Use: String, Sendable {
    case read, write
  }

  /// Where a file lies that may be opened: below a granted folder, by the names of the way there.
  struct Place: Equatable {
    var folder: GrantedFolder
    var names: [String]

    static func == (a: Place, b: Place) -> Bool { a.folder.path == b.folder.path && a.names == b.names }
  }

  /// - Throws: a refusal that says which grant is missing.
  func place(of path: String, for use: Use) throws(FileProblem) -> Place {
    guard !isForSharedCode else {
      throw .refused("shared code has no files; what it prints can be sent to one")
    }
    let folders = use == .read ? readable : writable
    guard !path.utf8.contains(0) else { throw .refused("a file's name holds no zero byte") }
    let absolute = FilePath.absolute(path)
    guard !protected.covers(absolute) else {
      throw .refused("\(quoted(path)) belongs to your credentials or to moongate, which code never opens")
    }
    for folder in folders {
      guard let names = folder.names(to: absolute), !names.isEmpty else { continue }
      return Place(folder: folder, names: names)
    }
    let granted =
      folders.isEmpty ? "" : " (granted so far: \(listed(folders.map { $0.path })))"
    throw .refused(
      "\(quoted(path)) is not in a folder that code may \(use.rawValue); start moongate with "
        + "--grant \(use.rawValue)=DIR\(granted)")
  }
}

/// Why a file is not opened.
enum FileProblem: Error, Equatable {
  /// No grant for it; for people.
  case refused(String)
  /// What the system says: an errno value.
  case system(Int32)
}

/// Paths as text.
enum FilePath {
  /// The path from the root, without `.`, `..` and empty names.
  static func absolute(_ path: String) -> String {
    var names: [Substring] = []
    let start = path.hasPrefix("/") ? "" : GrantedFolder.workingFolder
    for name in "\(start)/\(path)".split(separator: "/") {
      switch name {
      case ".": break
      case "..": _ = names.popLast()
      default: names.append(name)
      }
    }
    return "/" + names.joined(separator: "/")
  }

  /// The names that lead from a folder to what lies in it; nil for what lies elsewhere. Both absolute.
  static func names(from folder: String, to path: String) -> [String]? {
    let start = folder.split(separator: "/")
    let all = path.split(separator: "/")
    guard all.starts(with: start) else { return nil }
    return all.dropFirst(start.count).map(String.init)
  }
}
