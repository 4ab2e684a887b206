// SnippetIndex: the file index.json of a registry: what there is, so that nobody need fetch everything to search. `publish`
// writes it into a folder; any web server that serves the folder is then a registry. Nobody believes it: what it says of a
// snippet is compared with the bytes.
import AWSCore
import Host

public struct SnippetIndex: Equatable, Sendable {
  public struct Row: Equatable, Sendable {
    public let name: String
    public let version: SemanticVersion
    public let summary: String
    public let sha256: String
    public let size: Int
    /// Beside the index.
    public let file: String
    public let signature: String?
  }

  /// Where a registry over https has it.
  public static let fileName = "index.json"
  /// Ten thousand snippets are well below.
  static let largest = 4 << 20

  /// By name, and then by version.
  public private(set) var rows: [Row] = []
  /// Rows that mean nothing, for people.
  public private(set) var problems: [String] = []

  public init() {}

  mutating func put(_ row: Row) {
    rows.removeAll { $0.name == row.name && $0.version == row.version }
    rows.append(row)
    rows.sort { ($0.name, $0.version) < ($1.name, $1.version) }
  }

  /// - Throws: a report for what is no index.
  init(_ bytes: [UInt8], place: String) throws(Report) {
    guard let items = (try? JSON.decode(bytes))?["snippets"]?.array else {
      throw Report(
        message: "\(place) is no index of snippets: it must be JSON with a list \"snippets\"",
        exitCode: ExitCode.network)
    }
    for (number, item) in items.enumerated() {
      if let row = Row(item) {
        rows.append(row)
      } else {
        problems.append("\(place): entry \(number + 1) cannot be used")
      }
    }
  }

  var bytes: [UInt8] {
    JSON.encode(["snippets": .array(rows.map(\.value))], indent: 2) + [UInt8(ascii: "\n")]
  }
}

extension SnippetIndex.Row {
  fileprivate var value: Value {
    var object: Value.Object = [
      "name": .string(name), "version": .string("\(version)"), "summary": .string(summary),
      "sha256": .string(sha256), "size": .integer(Int64(size)), "file": .string(file),
    ]
    if let signature { object["signature"] = .string(signature) }
    return .object(object)
  }

  fileprivate init?(_ value: Value) {
    guard let name = value["name"]?.string, SnippetReference.isName(name),
      let version = value["version"]?.string.flatMap({ SemanticVersion($0) }),
      let sha256 = value["sha256"]?.string, Digest.bytes(hex: sha256)?.count == 32,
      let size = value["size"]?.integer.flatMap({ Int(exactly: $0) }), size >= 0,
      let file = value["file"]?.string, Self.isPlace(file)
    else { return nil }
    let signature = value["signature"]?.string
    guard signature.map(Self.isPlace) ?? true else { return nil }
    self.init(
      name: name, version: version, summary: value["summary"]?.string ?? "", sha256: sha256, size: size,
      file: file, signature: signature)
  }

  /// A file at the index or in a folder beside it: nothing that leads elsewhere.
  private static func isPlace(_ text: String) -> Bool {
    let words = text.split(separator: "/", omittingEmptySubsequences: false)
    return (1...2).contains(words.count)
      && words.allSatisfy { word in
        !word.isEmpty && word.first != "."
          && word.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: ".")
              || $0 == UInt8(ascii: "-")
          }
      }
  }
}
