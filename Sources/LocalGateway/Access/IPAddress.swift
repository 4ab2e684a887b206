// IPAddress: where a server listens, as a number and not as a name that somebody else decides about.
import Glibc

/// An IPv4 or IPv6 address.
public struct IPAddress: Equatable, Sendable {
  /// As it was written, without brackets.
  public let text: String
  private let bytes: [UInt8]

  /// From `127.0.0.1`, `::1` or `[::1]`; nil for everything else.
  public init?(_ text: String) {
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    var four = in_addr()
    var six = in6_addr()
    if unsafe bare == text && inet_pton(AF_INET, bare, &four) == 1 {
      bytes = unsafe withUnsafeBytes(of: &four) { unsafe Array($0) }
    } else if unsafe inet_pton(AF_INET6, bare, &six) == 1 {
      bytes = unsafe withUnsafeBytes(of: &six) { unsafe Array($0) }
    } else {
      return nil
    }
    self.text = bare
  }

  private init(text: String, bytes: [UInt8]) {
    self.text = text
    self.bytes = bytes
  }

  /// 127.0.0.1.
  public static let loopback = IPAddress(text: "127.0.0.1", bytes: [127, 0, 0, 1])

  /// Where a client on this machine finds what listens here.
  var fromHere: IPAddress {
    guard isUnspecified else { return self }
    return bytes.count == 4
      ? .loopback : IPAddress(text: "::1", bytes: [UInt8](repeating: 0, count: 15) + [1])
  }

  /// 127.0.0.0/8 and ::1.
  public var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
  }

  /// 0.0.0.0 and ::, which stand for every address of the machine.
  public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  /// As a URL has it: IPv6 in brackets.
  var host: String { bytes.count == 4 ? text : "[\(text)]" }
}
