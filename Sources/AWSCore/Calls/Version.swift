// Version: what this program calls itself.

public enum Version {
  /// Semantic version (semver.org) of the program.
  public static let current = "0.1.0"
}
