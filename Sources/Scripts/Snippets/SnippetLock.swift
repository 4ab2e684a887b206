// SnippetLock: which bytes the operator has agreed to, and to what: the file snippets.lock. It holds a hash of itself and is
// only read as it would be written, so that whatever changed in it is noticed; a damaged one is told and never overwritten.
import AWSCore
import Host

/// One body of code that may run, by its hash.
public struct SnippetPin: Equatable, Sendable {
  public let name: String
  public let version: SemanticVersion
  public let sha256: String
  /// Where it was found.
  public let registry: String
  public let signer: SnippetSigner

  /// The same name and version of the same registry, which must be the same bytes for ever.
  func isOtherBytes(than other: SnippetPin) -> Bool {
    (registry, name, version) == (other.registry, other.name, other.version) && sha256 != other.sha256
  }
}

/// A snippet that the operator added.
public struct LockedSnippet: Equatable, Sendable {
  public let pin: SnippetPin
  public let permissions: SnippetPermissions
  /// Everything that it requires, directly or through others; its `require` finds these and nothing else.
  public let requirements: [SnippetPin]
  public let added: Timestamp

  public var name: String { pin.name }
}

public struct SnippetLock: Equatable, Sendable {
  /// In the order of their names.
  public private(set) var snippets: [LockedSnippet] = []
  /// The highest version that was ever added, by `registry/name`: no lower one is added again, also after a removal.
  public private(set) var highest: [String: SemanticVersion] = [:]

  public init() {}

  /// The snippet that was added under a name; nil where none was.
  public subscript(name: String) -> LockedSnippet? { snippets.first { $0.name == name } }

  /// Everything that something in here needs.
  var pins: [SnippetPin] { snippets.flatMap { [$0.pin] + $0.requirements } }

  mutating func put(_ snippet: LockedSnippet) {
    snippets.removeAll { $0.name == snippet.name }
    snippets.append(snippet)
    snippets.sort { $0.name < $1.name }
    for pin in [snippet.pin] + snippet.requirements {
      let key = "\(pin.registry)/\(pin.name)"
      highest[key] = max(highest[key] ?? pin.version, pin.version)
    }
  }

  mutating func remove(_ name: String) { snippets.removeAll { $0.name == name } }

  /// The error for a name that nobody added.
  public func notAdded(_ name: String) -> Report {
    let hint = nearest(to: name, in: snippets.map(\.name)).map { "; did you mean \($0)?" } ?? ""
    return Report(message: "\(quoted(name)) was not added\(hint)", exitCode: ExitCode.usage)
  }

  // MARK: The file

  static let fileName = "snippets.lock"
  /// A thousand snippets are well below.
  private static let largest = 8 << 20
  private static let form: Int64 = 1

  /// The lock of a folder; an empty one where there is none.
  /// - Throws: a report (exit code 251) when the file is not as it was written.
  init(in folder: SnippetFolder) throws(Report) {
    guard let bytes = try folder.read(Self.fileName, most: Self.largest) else { return }
    // Equal to what would be written for it, its own hash included: any change is noticed, wherever it is.
    guard let body = (try? JSON.decode(bytes))?["lock"], self.read(body), self.bytes == bytes else {
      throw Report(
        message:
          "\(folder.place(Self.fileName)) is not as moongate wrote it: it was damaged or changed, so no snippet "
          + "of it is run and nothing is written to it. Bring it back from a copy, or move it away and add the "
          + "snippets again",
        exitCode: ExitCode.refused)
    }
  }

  func write(to folder: SnippetFolder) throws(Report) { try folder.write(bytes, to: Self.fileName) }

  private var bytes: [UInt8] {
    let body: Value = [
      "form": .integer(Self.form), "snippets": .array(snippets.map(\.value)),
      "highest": .object(
        Value.Object(
          members: highest.sorted { $0.key < $1.key }.map { ($0.key, .string("\($0.value)")) })),
    ]
    let hash = Digest.hex(Digest.sha256(JSON.encode(body)))
    return JSON.encode(["sha256": .string(hash), "lock": body], indent: 2) + [UInt8(ascii: "\n")]
  }

  private mutating func read(_ body: Value) -> Bool {
    guard body["form"]?.integer == Self.form, let items = body["snippets"]?.array,
      let highest = body["highest"]?.object
    else { return false }
    snippets = items.compactMap(LockedSnippet.init)
    for (key, value) in highest.members {
      guard let version = value.string.flatMap({ SemanticVersion($0) }) else { return false }
      self.highest[key] = version
    }
    return snippets.count == items.count
  }
}

extension SnippetPin {
  fileprivate var value: Value.Object {
    [
      "name": .string(name), "version": .string("\(version)"), "sha256": .string(sha256),
      "registry": .string(registry), "signer": signer.value,
    ]
  }

  fileprivate init?(_ value: Value) {
    guard let name = value["name"]?.string, let sha256 = value["sha256"]?.string,
      let registry = value["registry"]?.string, let signer = SnippetSigner(value["signer"]),
      let version = value["version"]?.string.flatMap({ SemanticVersion($0) }),
      Digest.bytes(hex: sha256)?.count == 32, SnippetReference.isName(name)
    else { return nil }
    self.init(name: name, version: version, sha256: sha256, registry: registry, signer: signer)
  }
}

extension LockedSnippet {
  fileprivate var value: Value {
    var object = pin.value
    object["allow"] = .array(permissions.operations.map(Value.string))
    object["secrets"] = .array(permissions.secrets.map(Value.string))
    object["limits"] = permissions.limits.value
    object["requires"] = .array(requirements.map { .object($0.value) })
    object["added"] = .string(added.iso8601)
    return .object(object)
  }

  fileprivate init?(_ value: Value) {
    guard let pin = SnippetPin(value), let allow = value["allow"]?.array,
      let secrets = value["secrets"]?.array, let limits = SnippetLimits(value["limits"]),
      let requires = value["requires"]?.array,
      let added = value["added"]?.string.flatMap({ Timestamp(iso8601: $0) })
    else { return nil }
    self.init(
      pin: pin,
      permissions: SnippetPermissions(
        operations: allow.compactMap(\.string), secrets: secrets.compactMap(\.string), limits: limits),
      requirements: requires.compactMap { SnippetPin($0) }, added: added)
  }
}

extension SnippetLimits {
  fileprivate var value: Value {
    [
      "time": .number(time), "busy": .number(busy), "memory": .integer(Int64(memory)),
      "output": .integer(Int64(output)), "calls": .integer(Int64(calls)),
      "writes": writes.map { .integer(Int64($0)) } ?? .null,
    ]
  }

  fileprivate init?(_ value: Value?) {
    func number(_ name: String) -> Double? {
      switch value?[name] {
      case .number(let number): number
      case .integer(let number): Double(number)
      default: nil
      }
    }
    func integer(_ name: String) -> Int? { value?[name]?.integer.flatMap { Int(exactly: $0) } }
    guard let time = number("time"), let busy = number("busy"), let memory = integer("memory"),
      let output = integer("output"), let calls = integer("calls")
    else { return nil }
    self.init()
    (self.time, self.busy, self.memory, self.output, self.calls) = (time, busy, memory, output, calls)
    writes = integer("writes")
  }
}
