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
    let bytes = Array(text.utf8)
    var start = 0
    /// What comes before the next mark, which is passed; nothing when there is no mark.
    func part(_ mark: Unicode.Scalar) -> Range<Int> {
      let begin = start
      guard let end = (begin..<bytes.count).first(where: { bytes[$0] == UInt8(ascii: mark) }) else {
        return begin..<begin
      }
      start = end + 1
      return begin..<end
    }
    func word(_ part: Range<Int>) -> String { String(decoding: bytes[part], as: UTF8.self) }
    /// The model's `[a-zA-Z-0-9]+`.
    func isWord(_ part: Range<Int>) -> Bool {
      !part.isEmpty
        && part.allSatisfy {
          switch bytes[$0] {
          case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
          default: false
          }
        }
    }
    guard word(part(":")) == "arn" else { return nil }
    let partition = word(part(":"))
    guard Self.partitions.contains(partition), word(part(":")) == Service.name else { return nil }
    let (region, account) = (part(":"), part(":"))
    let kind = ResourceKind(rawValue: word(part("/")))
    let id = start..<bytes.count
    guard isWord(region), isWord(account), let kind, isWord(id) else { return nil }
    self.init(
      partition: partition, region: word(region), account: word(account), kind: kind, id: word(id))
  }

  public var description: String {
    "arn:\(partition):\(Service.name):\(region):\(account):\(kind.rawValue)/\(id)"
  }
}
