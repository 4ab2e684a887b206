// BuildReport: what `--version` prints, a line with the commit, and with `--verbose` every library with its version and how
// it came in. What a library says of itself is asked now; the commit, and the package that an archive was taken from, are
// what the build wrote down.
import AWSCore
import CBuild
import Host
import LocalGateway
import Shell

enum BuildReport {
  /// One library of the process.
  private struct Library {
    var name: String
    /// By its own word; nil when it has none.
    var version: String?
    /// The file that it is shared by.
    var file: String
    /// What it is called in the notes of the build: a Debian package, or one of Swift's.
    var package: String
  }

  /// `moongate 0.1.0 (commit 0123456789ab)`: as many digits as no two commits of a project share.
  static var line: String {
    "moongate \(Version.current)" + (notes["commit"].map { " (commit \($0.prefix(12)))" } ?? "")
  }

  static var text: String {
    let notes = notes
    var lines = [line, "commit \(notes["commit"] ?? "not known to this build")"]
    var rows = libraries.map { row(of: $0, notes) }
    rows.append(
      opened("OpenSSL", "the first signature") { () throws(Libraries.Problem) in
        (try Libraries.openSSL(), [])
      })
    rows.append(opened("libcurl", "the first request", Libraries.curl))
    lines += aligned(rows)
    return lines.joined(separator: "\n") + "\n"
  }

  private static var libraries: [Library] {
    [
      Library(
        name: "Lua", version: Console.luaVersion, file: "liblua5.4.so.0", package: "liblua5.4-dev"),
      Library(
        name: "libedit", version: Shell.libeditVersion, file: "libedit.so.2", package: "libedit-dev"),
      Library(name: "ncurses", file: "libtinfo.so.6", package: "libncurses-dev"),
      Library(name: "libbsd", file: "libbsd.so.0", package: "libbsd-dev"),
      Library(name: "libmd", file: "libmd.so.0", package: "libmd-dev"),
      Library(
        name: "SQLite", version: LocalGateway.sqliteVersion, file: "libsqlite3.so.0",
        package: "libsqlite3-dev"),
      Library(name: "PCRE2", version: Libraries.pcre2, file: "libpcre2-8.so.0", package: "libpcre2-dev"),
      Library(name: "expat", version: Libraries.expat, file: "libexpat.so.1", package: "libexpat1-dev"),
      Library(name: "libstdc++", file: "libstdc++.so.6", package: "libstdc++-dev"),
      Library(name: "Swift", file: "libswiftCore.so", package: "swift"),
      Library(name: "swift-nio", file: "", package: "swift-nio"),
      Library(name: "swift-atomics", file: "", package: "swift-atomics"),
      Library(name: "swift-collections", file: "", package: "swift-collections"),
    ]
  }

  private static func row(of library: Library, _ notes: [String: String]) -> [String] {
    let isShared = unsafe !library.file.isEmpty && cbuild_is_loaded(library.file)
    let noted = notes[library.package]
    let source = library.version == nil ? "" : noted.map { ", from \(library.package) \($0)" } ?? ""
    return [
      library.name, library.version ?? noted ?? "not told",
      isShared ? "shared, \(library.file)" : "static\(source)",
    ]
  }

  private static func opened(
    _ name: String, _ moment: String,
    _ open: () throws(Libraries.Problem) -> (version: String, with: [String])
  ) -> [String] {
    do throws(Libraries.Problem) {
      let (version, parts) = try open()
      let with = parts.isEmpty ? "" : ", with \(parts.joined(separator: ", "))"
      return [name, version, "shared, opened at \(moment)\(with)"]
    } catch {
      return [name, "none", error.reason]
    }
  }

  /// A name and a version a line.
  private static var notes: [String: String] {
    guard let text = unsafe cbuild_notes() else { return [:] }
    var notes: [String: String] = [:]
    for line in unsafe String(cString: text).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2 { notes[String(words[0])] = String(words[1]) }
    }
    return notes
  }

  private static func aligned(_ rows: [[String]]) -> [String] {
    let widths = (0..<2).map { column in rows.map { $0[column].utf8.count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, text in
        guard column < widths.count else { return text }
        return text + String(repeating: " ", count: widths[column] - text.utf8.count)
      }.joined(separator: "  ")
    }
  }
}
