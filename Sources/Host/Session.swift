// Session: whom the operations of a script talk to: one profile, region and endpoint, with a client.
import AWSCore
import BackupGateway

public final class Session {
  /// What the prompt shows before the region: `local`, or the profile.
  public let label: String
  let client: Client

  public init(label: String? = nil, client: Client) {
    self.label = label ?? client.settings.profile.value
    self.client = client
  }

  /// What the client goes by; the region of a machine that no setting names is there after the first call.
  public var settings: Settings { client.settings }

  /// `profile/region`.
  public var name: String { "\(label)/\(settings.region?.value ?? "no region")" }

  /// Where requests go, or nil while that cannot be said.
  var endpoint: String? {
    try? settings.endpointURL(of: .backupGateway).description
  }

  /// Each setting, its value and where it came from, a line each.
  var explanation: String {
    let rows = settings.explanation + credentialRows
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      row.name + String(repeating: " ", count: width - row.name.count + 2) + row.value
        + "  (from \(row.source))"
    }.joined(separator: "\n")
  }

  /// Which keys sign, whose they are and when they end; what they are is nobody's to see.
  private var credentialRows: [(name: String, value: String, source: String)] {
    guard let keys = client.currentCredentials else {
      return [("credentials", "not looked for yet", "the first call looks")]
    }
    var end = ""
    if let expiration = keys.expiration {
      let seconds = Int((expiration.epochSeconds - client.now.epochSeconds).rounded(.down))
      end = seconds > 0 ? ", expires in \(Self.duration(seconds))" : ", expired at \(expiration.iso8601)"
    }
    let account = keys.accountID.map { ("account", $0, "the credentials") }
    return [("credentials", "…\(keys.accessKeyID.suffix(4))\(end)", keys.source)]
      + [account].compactMap(\.self)
  }

  /// `52m`, `1h 5m`: the two largest units, without those that are zero.
  private static func duration(_ seconds: Int) -> String {
    let units = [
      ("d", seconds / 86_400), ("h", seconds / 3_600 % 24), ("m", seconds / 60 % 60), ("s", seconds % 60),
    ]
    return units.drop { $0.1 == 0 }.prefix(2).filter { $0.1 > 0 }.map { "\($0.1)\($0.0)" }.joined(
      separator: " ")
  }
}
