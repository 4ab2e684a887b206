// TestFiles: which files hold tests: those that are named, and *_test.lua and test_*.lua below folders that are.
import Glibc
import Host

public enum TestFiles {
  /// Folders within folders; deeper lies nothing that a person put there.
  private static let deepest = 32

  /// The files in the order in which they are named, those of a folder by name. Each comes once.
  /// - Throws: a report for a path that is not there, or a folder that cannot be read.
  public static func find(_ paths: [String]) throws(Report) -> [String] {
    var found: [String] = []
    for path in paths {
      var status = stat()
      guard unsafe stat(path, &status) == 0 else { throw problem(path) }
      let files = status.st_mode & S_IFMT == S_IFDIR ? try below(path, depth: 0) : [path]
      for file in files where !found.contains(file) { found.append(file) }
    }
    return found
  }

  /// What a folder's files of tests are called.
  static func isTest(_ name: String) -> Bool {
    name.hasSuffix("_test.lua") || (name.hasPrefix("test_") && name.hasSuffix(".lua"))
  }

  private static func below(_ folder: String, depth: Int) throws(Report) -> [String] {
    guard depth < deepest else { return [] }
    let trimmed = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    var files: [String] = []
    for name in try names(in: folder) where !name.hasPrefix(".") {
      let path = trimmed == "/" ? "/\(name)" : "\(trimmed)/\(name)"
      var status = stat()
      // A link could lead in a circle; it may be named itself.
      guard unsafe lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: files += try below(path, depth: depth + 1)
      case S_IFREG where isTest(name): files.append(path)
      default: break
      }
    }
    return files
  }

  private static func names(in folder: String) throws(Report) -> [String] {
    guard let stream = unsafe opendir(folder) else { throw problem(folder) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
        unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func problem(_ path: String) -> Report {
    Report(
      message: "cannot read \(Console.visible(path)): \(unsafe String(cString: strerror(errno)))",
      exitCode: ExitCode.usage)
  }
}
