// Arn: the one parser of this service's ARNs. A test holds it against the model's pattern.

/// `arn:PARTITION:backup-gateway:REGION:ACCOUNT:KIND/ID`, in parts.
public struct Arn: Hashable, Sendable, CustomStringConvertible {
  /// The model's `(aws|aws-cn|aws-us-gov)`.
  public static let partitions: Set = ["aws", "aws-cn", "aws-us-gov"]

  /// As they stand in the text; the account is 12 digits.
  public var partition: String
  public var region: String
  public var account: String
  public var kind: ResourceKind
  public var id: String

  public init(partition: String = "aws", region: String, account: String, kind: ResourceKind, id: String) {
    self.partition = partition
    self.region = region
    self.account = account
    self.kind = kind
    self.id = id
  }

  /// Nil unless the text is an ARN of one of this service's three kinds of resource.
  public init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    /// What comes before the next mark, which is passed.
    func part(_ mark: Unicode.Scalar) -> ArraySlice<UInt8> {
      guard let end = rest.firstIndex(of: UInt8(ascii: mark)) else { return [] }
      defer { rest = rest[(end + 1)...] }
      return rest[..<end]
    }
    guard part(":").elementsEqual("arn".utf8) else { return nil }
    let partition = Self.text(part(":"))
    guard Self.partitions.contains(partition), part(":").elementsEqual(Service.name.utf8) else { return nil }
    let (region, account) = (part(":"), part(":"))
    guard Self.isWord(region), Self.isWord(account), let kind = ResourceKind(rawValue: Self.text(part("/"))),
      Self.isWord(rest)
    else { return nil }
    self.init(
      partition: partition, region: Self.text(region), account: Self.text(account), kind: kind,
      id: Self.text(rest))
  }

  private static func text(_ part: ArraySlice<UInt8>) -> String { String(decoding: part, as: UTF8.self) }

  /// The model's `[a-zA-Z-0-9]+`.
  private static func isWord(_ part: ArraySlice<UInt8>) -> Bool {
    !part.isEmpty
      && part.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
      }
  }

  public var description: String {
    "arn:\(partition):\(Service.name):\(region):\(account):\(kind.rawValue)/\(id)"
  }
}
