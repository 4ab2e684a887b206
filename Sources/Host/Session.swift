// Session: whom the operations of a script talk to: one profile, region and endpoint, with a client.
import AWSCore
import BackupGateway

public final class Session {
  public let settings: Settings
  /// What the prompt shows before the region: `local`, or the profile.
  public let label: String
  let client: Client

  public init(settings: Settings, label: String? = nil, client: Client) {
    self.settings = settings
    self.label = label ?? settings.profile.value
    self.client = client
  }

  /// `profile/region`.
  public var name: String { "\(label)/\(settings.region?.value ?? "no region")" }

  /// Where requests go, or nil while that cannot be said.
  var endpoint: String? {
    try? settings.endpointURL(of: .backupGateway).description
  }

  /// Each setting, its value and where it came from, a line each.
  var explanation: String {
    let credentials = client.lastCredentials.map {
      ("credentials", "…\($0.accessKeyID.suffix(4))", $0.source)
    }
    let rows =
      settings.explanation + [credentials ?? ("credentials", "not looked for yet", "the first call looks")]
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      row.name + String(repeating: " ", count: width - row.name.count + 2) + row.value
        + "  (from \(row.source))"
    }.joined(separator: "\n")
  }
}
