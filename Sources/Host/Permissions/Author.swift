// Author: whose code makes a call, which decides what it may do without being asked.
import AWSCore

public struct Author: Sendable {
  public enum Kind: String, Sendable {
    /// A line typed at the prompt, which names its own operations.
    case typed = "operator"
    /// The operator's own file, `-e`, standard input: code that was written before its run.
    case script
    /// Somebody else's: it may call what its header names, and nothing else.
    case snippet
  }

  /// What may be believed of the code.
  public let kind: Kind
  /// What the operator knows it by: `./rename.lua`, `-e`.
  public let name: String
  /// The operations that its header allows itself, by AWS's name: the whole list, for reading ones too. Nil for own
  /// code whose header says nothing about it.
  public let operations: Set<String>?
  private let source: [UInt8]

  /// - Parameter source: the bytes that run, which the audit log names by their hash.
  public init(_ kind: Kind, name: String, source: [UInt8] = [], operations: Set<String>? = nil) {
    self.kind = kind
    self.name = name
    self.source = source
    // Nothing that is not named is allowed to somebody else's code.
    self.operations = operations ?? (kind == .snippet ? [] : nil)
  }

  /// The operator at the prompt.
  public static let typed = Author(.typed, name: "the prompt")

  /// SHA-256 of the source; nil for what is typed.
  var sha256: String? { kind == .typed ? nil : Digest.hex(Digest.sha256(source)) }
}
