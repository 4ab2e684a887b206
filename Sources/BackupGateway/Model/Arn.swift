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
    var rest = 0..<bytes.count
    guard bytes.has("arn", at: bytes.part(":", of: &rest)) else { return nil }
    let partition = bytes.part(":", of: &rest)
    guard let partition = Self.partitions.first(where: { bytes.has($0, at: partition) }),
      bytes.has(Service.name, at: bytes.part(":", of: &rest))
    else { return nil }
    let (region, account) = (bytes.part(":", of: &rest), bytes.part(":", of: &rest))
    let kind = bytes.part("/", of: &rest)
    guard bytes.hasWord(at: region), bytes.hasWord(at: account), bytes.hasWord(at: rest),
      let kind = ResourceKind.allCases.first(where: { bytes.has($0.rawValue, at: kind) })
    else { return nil }
    self.init(
      partition: partition, region: bytes.text(region), account: bytes.text(account), kind: kind,
      id: bytes.text(rest))
  }

  public var description: String {
    "arn:\(partition):\(Service.name):\(region):\(account):\(kind.rawValue)/\(id)"
  }
}

extension Span<UInt8> {
  /// What comes before the next mark, which is passed; nothing when there is none.
  fileprivate func part(_ mark: Unicode.Scalar, of rest: inout Range<Int>) -> Range<Int> {
    let start = rest.lowerBound
    var end = start
    while end < rest.upperBound, self[end] != UInt8(ascii: mark) { end += 1 }
    guard end < rest.upperBound else { return start..<start }
    rest = end + 1..<rest.upperBound
    return start..<end
  }

  /// The model's `[a-zA-Z-0-9]+`.
  fileprivate func hasWord(at place: Range<Int>) -> Bool {
    for index in place {
      switch self[index] {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): continue
      default: return false
      }
    }
    return !place.isEmpty
  }
}
