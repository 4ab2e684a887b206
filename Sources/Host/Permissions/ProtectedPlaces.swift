// ProtectedPlaces: what code never opens, whatever is granted: where credentials lie, what moongate decides by, and
// /proc, which shows a process's environment and memory.
import AWSCore
import Glibc

public struct ProtectedPlaces {
  /// Variables that carry credentials.
  static let secretVariables: Set = [
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  ]
  /// Variables that name files with credentials, or files that say where to get them.
  private static let fileVariables = [
    "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  ]

  static let refusal = FileProblem.refused(
    "that file belongs to your credentials or to moongate, which code never opens")

  private let found: Found
  /// Absolute, as they are named and without symbolic links.
  private var paths: [String] { found.paths }
  private var secrets: Set<String> { found.secrets }

  /// Nothing but /proc: for tests.
  public init() { found = Found(Environment(), audit: nil) }

  public init(_ environment: Environment, audit: AuditLog?) { found = Found(environment, audit: audit) }

  /// Looked for once, when the first file is to be opened: most runs open none.
  private final class Found {
    private let environment: Environment
    private let audit: AuditLog?
    private(set) lazy var paths = ProtectedPlaces.paths(environment, audit)
    private(set) lazy var secrets = Set(ProtectedPlaces.secretVariables.compactMap(environment.variable))

    init(_ environment: Environment, audit: AuditLog?) {
      self.environment = environment
      self.audit = audit
    }
  }

  private static func paths(_ environment: Environment, _ audit: AuditLog?) -> [String] {
    var named = ["/proc"]
    named += fileVariables.compactMap(environment.variable).map(environment.expanded)
    if let home = environment.homeDirectory {
      // The two files by themselves too: they are known by what they are, not only by their folder.
      named += [
        ".aws", ".aws/credentials", ".aws/config", ".config/moongate", ".local/state/moongate",
        ".local/share/moongate/snippets",
      ]
      .map { "\(home)/\($0)" }
    }
    for (variable, name) in [
      ("XDG_CONFIG_HOME", "moongate"), ("XDG_STATE_HOME", "moongate"), ("XDG_DATA_HOME", "moongate/snippets"),
    ] {
      if let folder = environment.variable(variable) { named.append("\(folder)/\(name)") }
    }
    if let audit { named.append(audit.path) }
    let absolute = named.map(FilePath.absolute)
    return absolute + absolute.compactMap(GrantedFolder.realPath).filter { !absolute.contains($0) }
  }

  /// True for a path that names a protected place, or lies in one. Absolute.
  func covers(_ path: String) -> Bool { paths.contains { FilePath.names(from: $0, to: path) != nil } }

  /// True for a file or folder that is one of them by another name, as a hard link, or lies on /proc.
  func contains(_ status: stat) -> Bool {
    for path in paths {
      var own = stat()
      guard unsafe stat(path, &own) == 0, own.st_dev == status.st_dev else { continue }
      if own.st_ino == status.st_ino || path == "/proc" { return true }
    }
    return false
  }

  /// True for a text that is one of the credentials in the environment, under whatever name it was found.
  func isSecret(_ value: String) -> Bool { secrets.contains(trimmed(value)) }
}
