// FileNames: the files and folders whose names begin with what is typed, for the completion of a path.
import Glibc

enum FileNames {
  /// A folder with more is not worth a list.
  private static let most = 2_000

  /// - Parameter ending: of the files; folders, which end with `/`, lead to them.
  static func candidates(_ typed: String, endingIn ending: String = "") -> [String] {
    let slash = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
    let (folder, start) = (String(typed[..<slash]), typed[slash...])
    guard let directory = unsafe opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { unsafe closedir(directory) }
    var found: [String] = []
    while found.count < most, let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      guard name.hasPrefix(start), start.hasPrefix(".") || !name.hasPrefix(".") else { continue }
      var status = stat()
      guard unsafe stat(folder + name, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: found.append(folder + name + "/")
      case S_IFREG where name.hasSuffix(ending): found.append(folder + name)
      default: break
      }
    }
    return found.sorted()
  }
}
