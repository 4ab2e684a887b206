// AddressRange: IP addresses in the ranges that rules speak of.
import Glibc

/// An IP address, or the addresses that share its first bits (CIDR).
struct AddressRange {
  var bytes: [UInt8]
  var bits: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let family = parts[0].contains(":") ? AF_INET6 : AF_INET
    var buffer = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
    guard unsafe inet_pton(family, String(parts[0]), &buffer) == 1 else { return nil }
    bytes = buffer
    bits = buffer.count * 8
    if parts.count == 2 {
      guard let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
      bits = length
    }
  }

  func contains(_ other: AddressRange) -> Bool {
    guard bytes.count == other.bytes.count, bits <= other.bits else { return false }
    return (0..<bits).allSatisfy { bit in
      let difference = bytes[bit / 8] ^ other.bytes[bit / 8]
      return difference & (0x80 >> (bit % 8)) == 0
    }
  }
}

extension URLParts {
  /// Where machines keep their metadata, credentials among it.
  private static let linkLocal = ["169.254.0.0/16", "::ffff:169.254.0.0/112", "fe80::/10", "fd00:ec2::/32"]
    .compactMap(AddressRange.init)

  /// True for a link-local address, and for one in disguise: `2852039166`, `0xa9fea9fe` and `169.254.43518` are names
  /// to us and 169.254.169.254 to a resolver.
  var isLinkLocal: Bool {
    let bare = host.trimming("[]")
    if let address = AddressRange(bare) { return Self.linkLocal.contains { $0.contains(address) } }
    guard let last = bare.split(separator: ".").last?.lowercased() else { return true }
    return last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x")
  }
}
