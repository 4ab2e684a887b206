// Version: what this program calls itself.

public enum Version {
  /// Semantic version (semver.org) of the program.
  public static let current = "0.1.0"
  /// The day of that version (ISO 8601), which the manual page shows.
  public static let date = "2026-11-27"

  /// The User-Agent header: never a profile, an account or anything else of the operator's but the name they chose
  /// for it (AWS SDKs' `app/ID`, characters outside RFC 9110's token replaced).
  static func userAgent(applicationID: String?) -> String {
    let own = "moongate/\(current) os/linux"
    guard let applicationID else { return own }
    let token = applicationID.unicodeScalars.map { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789!$%&'*+-.^_`|~".unicodeScalars.contains(scalar))
        ? Character(scalar) : "-"
    }
    return "\(own) app/\(String(token))"
  }
}
