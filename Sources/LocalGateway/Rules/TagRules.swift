// TagRules: what was decided about AWS tags. Errors are ValidationException: nothing else fits what the operations
// declare.
import AWSCore
import BackupGateway

extension Rules {
  /// "A resource can have at most 50 tags"; system tags do not count.
  static let tagLimit = 50
  /// Only AWS makes such tags, in either case.
  private static let systemPrefix = "aws:"

  /// Tags that a caller gives: none of AWS's own, no key twice, not too many.
  static func check(_ tags: [Tag]) throws(Fault) {
    try check(keys: tags.map(\.key))
    var seen: Set<TagKey> = []
    for tag in tags where !seen.insert(TagKey(tag.key)).inserted {
      throw .validation("Tags has the key \(quoted(tag.key)) twice")
    }
    try checkCount(of: [], with: tags)
  }

  static func check(keys: [String]) throws(Fault) {
    for key in keys where key.lowercased().hasPrefix(systemPrefix) {
      throw .validation("the key \(quoted(key)) begins with \(systemPrefix), which only AWS may use")
    }
  }

  /// What a resource would have after new tags were added.
  static func checkCount(of present: [Tag], with new: [Tag]) throws(Fault) {
    let keys = Set((present + new).map { TagKey($0.key) })
    guard keys.count <= tagLimit else {
      throw .validation("a resource has at most \(tagLimit) tags, this one would have \(keys.count)")
    }
  }

  /// Discovery tags a machine with its path, and the tag stays when the machine is moved (seen in use, and documented).
  /// A tag's value has at most 256 characters.
  static func systemTags(of machine: VirtualMachineRecord) -> [Tag] {
    guard let path = machine.discoveredPath ?? machine.path else { return [] }
    return [Tag(key: "aws:backup-gateway:path", value: String(path.prefix(256)))]
  }
}
