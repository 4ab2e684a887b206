// PathSteps: the places that the way to a file leads through, link by link, as the system follows it. Where a path ends says
// too little: a registry's folder can hold a link to anywhere, and whoever writes there can change it between two looks.
import Glibc

enum PathSteps {
  /// More links than the system itself follows.
  private static let mostLinks = 40

  /// Whether a file's path leads below a folder: whoever can write in the folder then decides what is opened.
  /// - Parameter folder: nothing leads below one that is not there.
  static func lead(_ file: String, below folder: String) -> Bool {
    guard let folder = realPath(folder), let start = file.hasPrefix("/") ? "/" : realPath(".") else {
      return false
    }
    let inside = folder == "/" ? "/" : "\(folder)/"
    var place = start == "/" ? "" : start
    var waiting = Array(file.split(separator: "/").map(String.init).reversed())
    var links = 0
    while let name = waiting.popLast() {
      if name == "." { continue }
      if name == ".." {
        place = String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)])
        continue
      }
      let next = "\(place)/\(name)"
      if next.hasPrefix(inside) { return true }
      guard let target = link(next) else {
        place = next
        continue
      }
      links += 1
      // What goes round in a circle could be opened a moment ago: somebody is changing it.
      guard links <= mostLinks else { return true }
      if target.hasPrefix("/") { place = "" }
      waiting += target.split(separator: "/").map(String.init).reversed()
    }
    return false
  }

  /// Where a symbolic link leads; nil for what is none.
  private static func link(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(path, &text, text.count)
    return count < 0 ? nil : String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A path without symbolic links; nil for what is not there.
  private static func realPath(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
