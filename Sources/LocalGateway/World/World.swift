// World: what one account has in one region. A call sees its own world and no other.
import AWSCore
import BackupGateway

struct World: Hashable {
  let account: String
  let region: String

  init(account: String, region: String) {
    self.account = account
    self.region = region
  }

  /// The world that a resource is in; nil for what is no ARN.
  init?(ofResource arn: String) {
    guard let arn = Arn(arn) else { return nil }
    self.init(account: arn.account, region: arn.region)
  }

  func arn(_ kind: ResourceKind, _ id: String) -> String {
    Arn(partition: Rules.partition(of: region), region: region, account: account, kind: kind, id: id)
      .description
  }

  /// Every ARN of this world begins so: a world is a range of ARNs, and the index on ARNs serves it.
  var firstArn: String { "arn:\(Rules.partition(of: region)):\(Service.name):\(region):\(account):" }

  /// Beyond every ARN of this world: `;` follows `:` in ASCII.
  var endArn: String { firstArn.dropLast() + ";" }
}
