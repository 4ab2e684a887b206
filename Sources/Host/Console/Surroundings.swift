// Surroundings: what code can learn of the machine and the person around it, beyond the service: handed in, so that a
// process that may see nothing hands in nothing.

public struct Surroundings {
  /// Where time zones come from.
  public var readZone: ZoneReader = ZoneDatabase.ofSystem
  /// Secrets that the command line gave, by the name that scripts ask for.
  public var secrets: [String: String] = [:]
  /// Asks the operator for a secret, unseen; nil where nobody can be asked.
  public var askForSecret: ((_ name: String) -> String?)?
  /// Names of the only secrets that code may ask for; nil for any.
  public var secretNames: Set<String>?
  /// Which part of the work is this run's.
  public var arrayJob = ArrayJob.none

  /// Where `require` looks for files; nowhere, unless it is set.
  public var modules = ModulePath()
  /// Writes are withheld by whoever is behind the session's door.
  public var isDryRun = false
  /// True when it has withheld one.
  public var hasWithheld: () -> Bool = { false }

  public init() {}
}
