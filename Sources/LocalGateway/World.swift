// World: what one account has in one region. A call sees its own world and no other.
import AWSCore
import BackupGateway

struct World: Hashable {
  let account: String
  let region: String

  func arn(_ kind: ResourceKind, _ id: String) -> String {
    Arn(partition: Rules.partition(of: region), region: region, account: account, kind: kind, id: id)
      .description
  }

  /// Every ARN of this world begins so: a world is a range of ARNs, and the index on ARNs serves it.
  var firstArn: String { "arn:\(Rules.partition(of: region)):\(Service.name):\(region):\(account):" }

  /// Beyond every ARN of this world: `;` follows `:` in ASCII.
  var endArn: String { firstArn.dropLast() + ";" }

  /// True for what can be one label of a host name (RFC 1123), which every region's name is, and not a
  /// number.
  static func isRegion(_ name: some StringProtocol) -> Bool {
    let bytes = Array(name.utf8)
    let hyphen = UInt8(ascii: "-")
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    return (1...63).contains(bytes.count) && bytes.first != hyphen && bytes.last != hyphen
      && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen } && !bytes.allSatisfy(isDigit)
  }
}
