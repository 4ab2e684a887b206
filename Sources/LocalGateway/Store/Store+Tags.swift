// Store+Tags: the AWS tags of gateways, hypervisors and virtual machines.
import AWSCore

extension Store {
  /// The tags of a resource, ordered by key.
  func tags(of arn: String) throws(DatabaseError) -> [Tag] {
    try database.rows(
      "SELECT key, value, is_mapped FROM tag WHERE resource_arn = ? ORDER BY key", [.text(arn)]
    ) { Tag(key: $0.text(0) ?? "", value: $0.text(1) ?? "", isMapped: $0.flag(2)) }
  }

  /// Adds a tag, or changes the one with its key.
  func save(_ tag: Tag, of arn: String) throws(DatabaseError) {
    try database.run(
      "REPLACE INTO tag VALUES (?, ?, ?, ?)",
      [.text(arn), .text(tag.key), .text(tag.value), SQLValue(tag.isMapped)])
  }

  func removeTag(_ key: String, of arn: String) throws(DatabaseError) {
    try database.run("DELETE FROM tag WHERE resource_arn = ? AND key = ?", [.text(arn), .text(key)])
  }

  func removeTags(of arn: String) throws(DatabaseError) {
    try database.run("DELETE FROM tag WHERE resource_arn = ?", [.text(arn)])
  }
}
