// Conformance: the public test data, read where it lies beside the project. Absent data is announced, never silent.
import AWSCore
import Glibc

public enum Conformance {
  /// The folder `shared` beside the package or beside one of the folders around it (a git worktree lies
  /// deeper than a clone).
  private static let root: String? = {
    var parts = #filePath.split(separator: "/").dropLast(3)
    while !parts.isEmpty {
      parts.removeLast()
      let path = "/" + parts.joined(separator: "/") + "/shared"
      if access(path, R_OK) == 0 { return path }
    }
    return nil
  }()

  /// The path of a suite; nil, with a line printed, when it is not there.
  public static func suite(_ name: String) -> String? { find("conformance/\(name)") }

  /// The path of a file that describes the service; nil, with a line printed, when it is not there.
  public static func reference(_ name: String) -> String? { find("reference/\(name)") }

  private static func find(_ name: String) -> String? {
    let path = root.map { "\($0)/\(name)" }
    if let path, access(path, R_OK) == 0 { return path }
    print("SKIPPED: shared/\(name) is not beside the project; what it would test did not run")
    return nil
  }

  public static func bytes(_ path: String) -> [UInt8]? { try? Environment.process().readFile(path) }

  public static func text(_ path: String) -> String? {
    bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A file of the suites; nil, with a line printed, when it is there and cannot be read.
  public static func json(_ path: String) -> Value? {
    guard let bytes = bytes(path) else { return nil }
    let value = try? JSON.decode(bytes)
    if value == nil { print("UNREADABLE: \(path) is not JSON that can be taken; its cases did not run") }
    return value
  }

  /// The files under a folder whose paths end so, sorted.
  public static func files(under folder: String, suffix: String) -> [String] {
    names(folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return path.hasSuffix(suffix) ? [path] : files(under: path, suffix: suffix)
    }
  }

  /// The names in a folder, sorted; hidden ones too when asked for.
  public static func names(_ path: String, withHidden: Bool = false) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") || withHidden && name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
