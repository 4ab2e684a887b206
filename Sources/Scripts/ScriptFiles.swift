// ScriptFiles: the Lua files of a folder, for commands that take files and folders.
import Glibc

public enum ScriptFiles {
  /// How deep folders are gone into.
  private static let mostLevels = 32

  /// The files that some paths name: a folder stands for every `.lua` file in it and below, in the order of their names,
  /// without what is hidden; a link to a folder is not followed. `-` and files stand for themselves.
  /// - Parameter isWanted: of a file's name in a folder; nil for all, of which a folder must have one.
  /// - Throws: `ScriptSource.Failure` for a folder that cannot be read or has none.
  public static func named(
    _ paths: [String], where isWanted: ((String) -> Bool)? = nil
  ) throws(ScriptSource.Failure) -> [String] {
    var files: [String] = []
    for path in paths {
      guard path != "-", isFolder(path, followsLinks: true) else {
        files.append(path)
        continue
      }
      var found: [String] = []
      try collect(path, level: 0, into: &found)
      if let isWanted {
        found = found.filter { isWanted(String($0.split(separator: "/").last ?? "")) }
      }
      guard !found.isEmpty || isWanted != nil else {
        throw ScriptSource.Failure(message: "there is no .lua file in \(path)")
      }
      files += found
    }
    // One that is named for itself and stands in a folder too is there once.
    var seen: Set<String> = []
    return files.filter { seen.insert($0).inserted }
  }

  /// What the files of tests are called.
  public static func isTest(_ name: String) -> Bool { name.hasPrefix("test_") || name.hasSuffix("_test.lua") }

  private static func collect(_ folder: String, level: Int, into found: inout [String]) throws(ScriptSource
    .Failure)
  {
    guard level < mostLevels else { return }
    guard let directory = unsafe opendir(folder) else {
      throw ScriptSource.Failure(message: "cannot read \(folder): \(unsafe String(cString: strerror(errno)))")
    }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    unsafe closedir(directory)
    for name in names.sorted() {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      if isFolder(path, followsLinks: false) {
        try collect(path, level: level + 1, into: &found)
      } else if name.hasSuffix(".lua"), isFile(path) {
        found.append(path)
      } else if name.hasSuffix(".lua"), name.contains("\u{FFFD}"), kind(path, followsLinks: false) == nil {
        // Left out without a word, it would pass for a script in which nothing is wrong.
        throw ScriptSource.Failure(message: "cannot read \(path): its name is not UTF-8")
      }
    }
  }

  private static func kind(_ path: String, followsLinks: Bool) -> mode_t? {
    var status = stat()
    let result = unsafe followsLinks ? stat(path, &status) : lstat(path, &status)
    return result == 0 ? status.st_mode & S_IFMT : nil
  }

  private static func isFolder(_ path: String, followsLinks: Bool) -> Bool {
    kind(path, followsLinks: followsLinks) == S_IFDIR
  }

  /// No pipe, which would hang whoever reads it.
  private static func isFile(_ path: String) -> Bool { kind(path, followsLinks: true) == S_IFREG }
}
