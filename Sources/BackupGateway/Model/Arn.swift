// Arn: the one parser of this service's ARNs. A test holds it against the model's pattern.

/// `arn:PARTITION:backup-gateway:REGION:ACCOUNT:KIND/ID`, in parts.
public struct Arn: Hashable, Sendable, CustomStringConvertible {
  /// The model's `(aws|aws-cn|aws-us-gov)`.
  public static let partitions = ["aws", "aws-cn", "aws-us-gov"]

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
    let bytes = text.utf8.span
    var place = 0
    /// Where that is which comes before the next mark, which is passed.
    func part(_ mark: Unicode.Scalar) -> Range<Int> {
      guard let end = (place..<bytes.count).first(where: { bytes[$0] == UInt8(ascii: mark) }) else {
        return place..<place
      }
      defer { place = end + 1 }
      return place..<end
    }
    /// The model's `[a-zA-Z-0-9]+`.
    func isWord(_ part: Range<Int>) -> Bool {
      !part.isEmpty
        && part.allSatisfy {
          switch bytes[$0] {
          case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): true
          default: false
          }
        }
    }
    guard bytes.has("arn", at: part(":")) else { return nil }
    let partition = part(":")
    guard let partition = Self.partitions.first(where: { bytes.has($0, at: partition) }),
      bytes.has(Service.name, at: part(":"))
    else { return nil }
    let (region, account, kind) = (part(":"), part(":"), part("/"))
    let id = place..<bytes.count
    guard isWord(region), isWord(account), isWord(id),
      let kind = ResourceKind.allCases.first(where: { bytes.has($0.rawValue, at: kind) })
    else { return nil }
    self.init(
      partition: partition, region: bytes.text(region), account: bytes.text(account), kind: kind,
      id: bytes.text(id))
  }

  public var description: String {
    "arn:\(partition):\(Service.name):\(region):\(account):\(kind.rawValue)/\(id)"
  }
}
