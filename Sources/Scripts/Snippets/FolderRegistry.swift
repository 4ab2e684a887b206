// FolderRegistry: a folder with snippets, which may be a git checkout. A snippet is NAME.lua, or NAME/VERSION.lua where several
// versions are kept, each with its signature beside it as FILE.sig. Everything else that ends in .lua is refused by its name.
import AWSCore
import Host

public struct FolderRegistry: SnippetRegistry {
  public let name: String
  public let path: String

  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  public var place: String {
    GitCheckout(containing: path).map { "\(path), \($0.description)" } ?? path
  }

  /// More is no folder of snippets.
  private static let mostFiles = 10_000

  public func listings() throws(Report) -> SnippetListings {
    let folder = try open()
    var found = SnippetListings()
    var files: [String] = []
    for entry in try folder.entries() {
      guard SnippetReference.isName(entry.name), entry.kind != .file else {
        if entry.name.hasSuffix(".lua") { files.append(entry.name) }
        continue
      }
      guard entry.kind == .folder else {
        found.problems.append(folder.refused(entry.name, entry.kind).message)
        continue
      }
      files += try folder.entries(entry.name).map { "\(entry.name)/\($0.name)" }.filter {
        $0.hasSuffix(".lua")
      }
      guard files.count <= Self.mostFiles else {
        throw Report(
          message: "\(path) has more than \(Self.mostFiles) snippets", exitCode: ExitCode.refused)
      }
    }
    for file in files { add(file, folder, to: &found) }
    return found
  }

  private func add(_ file: String, _ folder: SnippetFolder, to found: inout SnippetListings) {
    do throws(Report) {
      guard let code = try code(file, folder) else { return }
      guard !found.snippets.contains(where: { $0.name == code.name && $0.version == code.version }) else {
        throw Report(message: "\(folder.place(file)): there is \(code.title) already", exitCode: 0)
      }
      let signature = try folder.read("\(file).sig", most: SnippetStore.largestSignature)
      found.snippets.append(SnippetListing(code, isSigned: signature != nil))
    } catch {
      found.problems.append(error.message)
    }
  }

  /// What a file holds, which must be what it is called.
  private func code(_ file: String, _ folder: SnippetFolder) throws(Report) -> SnippetCode? {
    let place = folder.place(file)
    let words = file.dropLast(4).split(separator: "/", omittingEmptySubsequences: false)
    let version = words.count == 2 ? SemanticVersion(words[1]) : nil
    guard SnippetReference.isName(words[0]), words.count == 1 || version != nil else {
      let shown = Console.visible(place)
      throw Report(
        message:
          "\(shown) is not called as a snippet is: NAME.lua or NAME/1.0.0.lua, in small letters, digits and "
          + "dashes", exitCode: ExitCode.refused)
    }
    guard let bytes = try folder.read(file, most: Snippet.largestSource) else { return nil }
    let code = try SnippetCode(bytes, from: place)
    guard code.name == words[0], version == nil || version == code.version else {
      throw Report(
        message: "\(place) says that it is \(code.title); a snippet's file is called as its header says",
        exitCode: ExitCode.refused)
    }
    return code
  }

  public func fetch(_ name: String, _ version: SemanticVersion) throws(Report) -> FetchedSnippet? {
    let folder = try open()
    for file in ["\(name)/\(version).lua", "\(name).lua"] {
      guard let bytes = try folder.read(file, most: Snippet.largestSource) else { continue }
      let code = try SnippetCode(bytes, from: folder.place(file))
      guard code.name == name, code.version == version else { continue }
      let signature = try folder.read("\(file).sig", most: SnippetStore.largestSignature)
      return FetchedSnippet(
        bytes: bytes, signature: signature, place: folder.place(file),
        commit: GitCheckout(containing: path)?.description)
    }
    return nil
  }

  public func source(_ name: String, _ version: SemanticVersion?) throws(Report) -> [UInt8]? {
    let folder = try open()
    let kept = try folder.entries(name).compactMap { SemanticVersion($0.name.dropLast(4)) }.max()
    let files = [version ?? kept].compactMap(\.self).map { "\(name)/\($0).lua" } + ["\(name).lua"]
    for file in files {
      if let bytes = try folder.read(file, most: Snippet.largestSource) { return bytes }
    }
    return nil
  }

  func open() throws(Report) -> SnippetFolder {
    guard let folder = try SnippetFolder(path) else {
      throw Report(
        message: "the registry \(name) is not there: no folder \(path)", exitCode: ExitCode.configuration)
    }
    return folder
  }
}
