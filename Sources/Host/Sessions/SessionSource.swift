// SessionSource: who opens the sessions that code asks for: `connect` and `fleet`. In the host, Sessions.swift; a process
// without credentials is given its sessions by the one that has them.
import AWSCore

public protocol SessionSource: AnyObject {
  /// Whether code may name profiles, regions and roles itself; if not, neither of the next two is called.
  var canConnect: Bool { get }
  /// Opens a session. Nothing is sent.
  /// - Parameter current: what is left out in the wish is as in this one.
  /// - Throws: `CallError` of category `.configuration` for what cannot be.
  func open(_ wish: SessionWish, beside current: Session) throws(CallError) -> Session
  /// Opens the targets of a fleet. A profile that is not there is a target without a session: whoever shares a script
  /// has profiles of their own.
  /// - Throws: `CallError` of category `.configuration` for everything else that is wrong.
  func targets(_ wish: FleetWish, beside current: Session) throws(CallError) -> [FleetTarget]
  /// The targets that the operator named, with `--profiles` and `--regions`; without, the current session alone.
  func operatorTargets(beside current: Session) throws(CallError) -> [FleetTarget]
}

/// What a session is told to be; nil is left to the session beside it, and to configuration.
public struct SessionWish: Sendable {
  public typealias Setting = Settings.Setting<String>
  public var profile: Setting?
  public var region: Setting?
  public var endpoint: Setting?
  public var role: Setting?

  public init(
    profile: Setting? = nil, region: Setting? = nil, endpoint: Setting? = nil, role: Setting? = nil
  ) {
    self.profile = profile
    self.region = region
    self.endpoint = endpoint
    self.role = role
  }
}

/// Which sessions a fleet has: each profile in each region, in the order in which they are named.
public struct FleetWish: Sendable {
  public enum Regions: Sendable {
    case named([String])
    /// Wherever the service is.
    case all
  }

  /// Nil for that of the current session.
  public var profiles: [String]?
  /// Nil for each profile's own.
  public var regions: Regions?
  /// Who says so, for messages.
  var profilesSource: String
  /// Who names the profiles and the regions, for messages.
  public var regionsSource: String

  public init(profiles: [String]? = nil, regions: Regions? = nil, from source: String) {
    self.profiles = profiles
    self.regions = regions
    profilesSource = source
    regionsSource = source
  }
}

/// A place that a fleet asks.
public struct FleetTarget {
  public var name: String
  /// The session, or why there is none.
  public var session: Result<Session, CallError>

  public init(name: String, session: Result<Session, CallError>) {
    self.name = name
    self.session = session
  }

  /// What does not change with what becomes known: `profile/region`, or the name of what is not there.
  var place: String {
    switch session {
    case .success(let session): session.place
    case .failure: name
    }
  }

  public init(_ session: Session) { self.init(name: session.name, session: .success(session)) }
}
