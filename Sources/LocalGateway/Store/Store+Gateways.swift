// Store+Gateways: gateways and the keys that activate them.
import AWSCore

extension Store {
  func gateway(_ arn: String) throws(DatabaseError) -> GatewayRecord? {
    try database.rows("\(GatewayRecord.query) WHERE arn = ?", [.text(arn)], GatewayRecord.init).first
  }

  func gateways(of world: World, after arn: String?, limit: Int) throws(DatabaseError) -> [GatewayRecord] {
    try page(GatewayRecord.query, of: world, after: arn, limit: limit, GatewayRecord.init)
  }

  func save(_ gateway: GatewayRecord) throws(DatabaseError) {
    try database.run(GatewayRecord.insertion, gateway.row)
  }

  /// Forgets a gateway and its tags.
  func delete(_ gateway: GatewayRecord) throws(DatabaseError) {
    try removeTags(of: gateway.arn)
    try database.run("DELETE FROM gateway WHERE arn = ?", [.text(gateway.arn)])
  }

  // MARK: Activation keys

  func activationKey(_ key: String) throws(DatabaseError) -> ActivationKey? {
    try database.rows(
      "SELECT key, region, issued, is_used FROM activation_key WHERE key = ?", [.text(key)]
    ) { row in
      ActivationKey(
        key: row.text(0) ?? "", region: row.text(1) ?? "",
        issued: row.timestamp(2) ?? Timestamp(microseconds: 0), isUsed: row.flag(3))
    }.first
  }

  func save(_ key: ActivationKey) throws(DatabaseError) {
    try database.run(
      "REPLACE INTO activation_key VALUES (?, ?, ?, ?)",
      [.text(key.key), .text(key.region), .integer(key.issued.microseconds), SQLValue(key.isUsed)])
  }

  /// Whether only keys that were issued activate a gateway. Otherwise any well-formed key does.
  func wantsIssuedKeys() throws(DatabaseError) -> Bool { try setting("wants_issued_keys") == "1" }

  func setWantsIssuedKeys(_ flag: Bool) throws(DatabaseError) {
    try set("wants_issued_keys", flag ? "1" : "0")
  }
}

/// A key that an appliance shows, to be activated with.
struct ActivationKey: Equatable {
  var key: String
  /// The region that the appliance was asked to be activated in.
  var region: String
  var issued: Timestamp
  var isUsed = false
}
