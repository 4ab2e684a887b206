// SnippetPublisher: puts a snippet into a folder that is a registry: the file, its signature, and its row in the index, in this
// order and each whole, so that whoever reads meanwhile finds the version complete or not at all.
import AWSCore
import Glibc
import Host

public struct SnippetPublisher {
  private let registry: FolderRegistry

  public init(_ registry: FolderRegistry) { self.registry = registry }

  /// What publishing asks of a header, so that who gets it knows what it is.
  public static func check(_ code: SnippetCode, _ place: String) throws(Report) {
    var missing: [String] = []
    if code.header.summary.isEmpty { missing.append("a first line that says what it does") }
    if code.header.allowed == nil, code.header["allow"] == nil {
      missing.append("@allow with the operations that it calls")
    }
    guard missing.isEmpty else {
      throw Report(message: "\(place): its header lacks \(listed(missing))", exitCode: ExitCode.usage)
    }
  }

  /// - Parameter signature: of exactly these bytes; nil for an unsigned one.
  /// - Returns: the file that it is in now.
  /// - Throws: a report for a version that is there already, or is lower than one that is.
  public func publish(_ code: SnippetCode, signature: [UInt8]?) throws(Report) -> String {
    let folder = try registry.open()
    let file = "\(code.name)/\(code.version).lua"
    try folder.locked { () throws(Report) in
      let versions = try registry.listings().versions(of: code.name).map(\.version)
      if let highest = versions.first, code.version <= highest {
        throw Report(
          message: versions.contains(code.version)
            ? "\(registry.name) has \(code.title) already; a change must have a version of its own"
            : "\(registry.name) has \(code.name) \(highest); a lower version is not published",
          exitCode: ExitCode.refused)
      }
      // One that the listing has not, as nothing but its name is right, is somebody's all the same.
      guard try !folder.entries(code.name).contains(where: { $0.name == "\(code.version).lua" }) else {
        throw Report(
          message: "\(folder.place(file)) is there already, and is not replaced", exitCode: ExitCode.refused)
      }
      let index = try self.index(in: folder)
      if let signature { try folder.write(signature, to: "\(file).sig", mode: Self.mode) }
      try folder.write(code.bytes, to: file, mode: Self.mode)
      try write(index, adding: code, file, isSigned: signature != nil, to: folder)
    }
    return folder.place(file)
  }

  /// Others are to read it.
  private static let mode: UInt32 = 0o644

  private func index(in folder: SnippetFolder) throws(Report) -> SnippetIndex {
    guard let bytes = try folder.read(SnippetIndex.fileName, most: SnippetIndex.largest) else {
      return SnippetIndex()
    }
    return try SnippetIndex(bytes, place: folder.place(SnippetIndex.fileName))
  }

  private func write(
    _ index: SnippetIndex, adding code: SnippetCode, _ file: String, isSigned: Bool, to folder: SnippetFolder
  ) throws(Report) {
    var index = index
    index.put(
      SnippetIndex.Row(
        name: code.name, version: code.version, summary: code.header.summary, sha256: code.sha256,
        size: code.bytes.count, file: file, signature: isSigned ? "\(file).sig" : nil))
    try folder.write(index.bytes, to: SnippetIndex.fileName, mode: Self.mode)
  }
}
