// Arn: the one parser of this service's ARNs. A test holds it against the model's pattern.

/// `arn:PARTITION:backup-gateway:REGION:ACCOUNT:KIND/ID`, in parts.
public struct Arn: Hashable, Sendable, CustomStringConvertible {
  /// The model's `(aws|aws-cn|aws-us-gov)`.
  public static let partitions: Set = ["aws", "aws-cn", "aws-us-gov"]

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
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0].elementsEqual("arn".utf8), Self.partitions.contains(Self.text(parts[1])),
      parts[2].elementsEqual(Service.name.utf8), Self.isWord(parts[3]), Self.isWord(parts[4])
    else { return nil }
    let resource = parts[5].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard resource.count == 2, let kind = ResourceKind(rawValue: Self.text(resource[0])),
      Self.isWord(resource[1])
    else { return nil }
    self.init(
      partition: Self.text(parts[1]), region: Self.text(parts[3]), account: Self.text(parts[4]), kind: kind,
      id: Self.text(resource[1]))
  }

  private static func text(_ part: Substring.UTF8View) -> String { String(Substring(part)) }

  /// The model's `[a-zA-Z-0-9]+`.
  private static func isWord(_ part: Substring.UTF8View) -> Bool {
    !part.isEmpty
      && part.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
      }
  }

  public var description: String {
    "arn:\(partition):\(Service.name):\(region):\(account):\(kind.rawValue)/\(id)"
  }
}
