// SnippetCode: the bytes of a snippet with what they say of themselves. Shared code is held to what it looks like here, and
// nowhere else: who has a SnippetCode has bytes that may be shown, pinned and run.
import AWSCore
import Host

extension ScriptHeader {
  /// The header of shared code.
  /// - Throws: a report when the source is too large, is not what it looks like, or has a header that cannot be used.
  public init(shared source: [UInt8], name: String) throws(Report) {
    guard source.count <= Snippet.largestSource else {
      throw Report(
        message: "\(name) is larger than the \(Snippet.largestSource >> 10) KiB that shared code may have",
        exitCode: ExitCode.usage)
    }
    do throws(SourceTricks.Finding) { try SourceTricks.check(source) } catch {
      throw Report(
        message:
          "\(name):\(error.line): \(error.message); shared code that is not what it looks like is not run",
        exitCode: ExitCode.refused)
    }
    do throws(Problem) { try self.init(source) } catch {
      throw Report(message: "\(name):\(error.line): \(error.message)", exitCode: ExitCode.usage)
    }
  }
}

public struct SnippetCode: Equatable, Sendable {
  public let bytes: [UInt8]
  /// Lower-case hexadecimal.
  public let sha256: String
  public let header: ScriptHeader
  public let name: String
  public let version: SemanticVersion

  /// - Parameter place: where the bytes are from, for errors.
  /// - Throws: a report for bytes that cannot be a snippet's.
  public init(_ bytes: [UInt8], from place: String) throws(Report) {
    self.bytes = bytes
    sha256 = Digest.hex(Digest.sha256(bytes))
    header = try ScriptHeader(shared: bytes, name: place)
    guard let name = header.name, let version = header.version else {
      let missing = listed(
        [header.name == nil ? "@name" : nil, header.version == nil ? "@version" : nil].compactMap(\.self))
      throw Report(
        message: "\(place): its header lacks \(missing); a snippet says both", exitCode: ExitCode.usage)
    }
    self.name = name
    self.version = version
  }

  /// What its header says it needs, and what it may do.
  public var requirements: [ScriptHeader.Requirement] { header.requirements }
  public var permissions: SnippetPermissions { SnippetPermissions(header) }
  /// What people know it by.
  public var title: String { "\(name) \(version)" }
}
