// Sessions: opens the sessions of this process, at AWS or at a local gateway. They share one transport and one event
// loop, what is known of hosts, and, profile by profile, the search for credentials: a token is renewed once, and a
// person asked once, however many sessions sign with it.
import AWSCore
import BackupGateway

public final class Sessions: SessionSource {
  /// Where sessions go.
  public enum World {
    /// As the environment and its files say.
    case aws(Environment)
    /// A local gateway, with its keys; no file and no variable has a part in it.
    case local(endpoint: URLParts, keys: Credentials)
  }

  /// What sessions work with.
  public struct Tools {
    public var transport: any Transport
    public var timers: any Timers
    public var processes: any ProcessRunner
    /// Asks the operator for the code of a device; nil where there is nobody to ask.
    public var askForCode: ((_ prompt: String) -> String?)?
    /// Told what the operator should know.
    public var notice: (String) -> Void
    /// Told, for `--debug`, what happens inside calls.
    public var trace: ((String) -> Void)?
    public var random: () -> Double
    /// What writes down the calls of sessions.
    public var tap: CassetteTap?
    /// What answers instead of the world; then nothing is sent anywhere.
    public var player: CassettePlayer?

    public init(
      transport: any Transport, timers: any Timers, processes: any ProcessRunner,
      askForCode: ((_ prompt: String) -> String?)? = nil, notice: @escaping (String) -> Void = { _ in },
      trace: ((String) -> Void)? = nil, random: @escaping () -> Double = { .random(in: 0...1) }
    ) {
      self.transport = transport
      self.timers = timers
      self.processes = processes
      self.askForCode = askForCode
      self.notice = notice
      self.trace = trace
      self.random = random
    }
  }

  /// What the sessions of one identity share.
  private struct Access {
    var context: CredentialContext
    var credentials: CredentialChain
  }

  /// Whose keys: nil for the profile that nobody named. STS is asked in the partition.
  private struct Identity: Equatable {
    var profile: String?
    var role: String?
    var partition: String
  }

  public let canConnect = true
  private let operatorFleet: FleetWish?
  /// What the command line says; it holds for every session that is not told otherwise.
  private let base: SessionWish
  private let world: World
  private var tools: Tools
  private let memory = HostMemory()
  private let knowledge = CredentialKnowledge()
  /// A list: the first hash of a type of one's own has Swift's runtime search every conformance of the program, 0.2 million
  /// instructions at every start, and there are as many rows as profiles in use.
  private var accesses: [(identity: Identity, access: Access)] = []
  private var told: Set<String> = []
  private var hasFirst = false

  public init(
    _ world: World, base: SessionWish = SessionWish(), operatorFleet: FleetWish? = nil, tools: Tools
  ) {
    self.world = world
    self.base = base
    self.operatorFleet = operatorFleet
    self.tools = tools
  }

  /// The profiles that there are, sorted; none under a local gateway, or where their files cannot be read.
  public var profiles: [String] {
    guard case .aws(let environment) = world else { return [] }
    return (try? Settings.profiles(environment)) ?? []
  }

  /// What answers for sessions that are opened from now on, instead of the world.
  public var player: CassettePlayer? {
    get { tools.player }
    set { tools.player = newValue }
  }

  /// True at a local gateway that answers by itself, not out of a cassette.
  public var isLocal: Bool { if case .local = world { tools.player == nil } else { false } }

  /// What the calls of all sessions have cost so far.
  public var traffic: Traffic { memory.traffic }

  /// Told what happens inside calls, those under way too; nil when nobody listens.
  public var trace: ((String) -> Void)? {
    get { tools.trace }
    set {
      tools.trace = newValue
      for (_, access) in accesses { access.context.caller.trace = newValue }
    }
  }

  /// The session that the command line describes.
  public func first() throws(CallError) -> Session {
    try open(tools.player?.base ?? base)
  }

  public func open(_ wish: SessionWish, beside current: Session) throws(CallError) -> Session {
    var whole = wish
    if wish.profile == nil {
      whole.profile = current.wish.profile
      whole.region = wish.region ?? current.wish.region
      whole.role = wish.role ?? current.wish.role
      whole.endpoint = wish.endpoint ?? current.wish.endpoint
    }
    // A profile that is named brings its own region and endpoint, unless the command line has one for all.
    let base = tools.player?.base ?? base
    whole.region = whole.region ?? base.region
    whole.endpoint = whole.endpoint ?? base.endpoint
    return try open(whole)
  }

  public func operatorTargets(beside current: Session) throws(CallError) -> [FleetTarget] {
    guard let operatorFleet else { return [FleetTarget(current)] }
    return try targets(operatorFleet, beside: current)
  }

  public func targets(_ wish: FleetWish, beside current: Session) throws(CallError) -> [FleetTarget] {
    var targets: [FleetTarget] = []
    for profile in wish.profiles.map({ $0.map(Optional.some) }) ?? [nil] {
      var own = SessionWish(profile: profile.map { .init($0, from: wish.profilesSource) })
      do throws(CallError) {
        let regions: [String?] =
          switch wish.regions {
          case nil: [nil]
          case .named(let names): names
          case .all: self.regions(of: try open(own, beside: current))
          }
        for region in regions {
          own.region = region.map { .init($0, from: wish.regionsSource) }
          targets.append(FleetTarget(try open(own, beside: current)))
        }
      } catch {
        guard error.closure == .profileUnknown, let profile else { throw error }
        targets.append(FleetTarget(name: profile, session: .failure(error)))
      }
    }
    return targets
  }

  /// Where the service is, in the partition that a session is in.
  private func regions(of session: Session) -> [String] {
    let partition = Partition.of(region: session.facts.region ?? "").name
    return Service.regions.filter { Partition.of(region: $0).name == partition }
  }

  // MARK: Opening

  private func open(_ wish: SessionWish) throws(CallError) -> Session {
    if let player = tools.player { return try player.session(wish) }
    do throws(CallError) { return try openLive(wish) } catch {
      tools.tap?.recorder?.add(wish, refusal: error)
      throw error
    }
  }

  private func openLive(_ wish: SessionWish) throws(CallError) -> Session {
    let settings = try settings(wish)
    let access = try access(wish, settings)
    let client = Client(settings: settings, caller: access.context.caller, credentials: access.credentials)
    let label: String?
    switch world {
    case .local(_, let keys):
      client.configuredAccount = keys.accountID
      label = "local"
    case .aws(let environment):
      client.locateRegion = { InstanceMetadata.region(access.context, completion: $0) }
      client.configuredAccount =
        wish.role.map { RoleCredentials.account(of: $0.value) } ?? settings.configuredAccount(environment)
      // `prod+Auditor`: the role on top of a profile.
      label = wish.role.map { role in
        "\(settings.profile.value)+\(role.value.split(separator: "/").last ?? "")"
      }
    }
    let session =
      tools.tap?.session(client, wish, label, identify(access))
      ?? Session(label: label, wish: wish, door: client, identify: identify(access))
    // The lines of the command line's own session need no name.
    if hasFirst { client.origin = session.place }
    hasFirst = true
    if let trace = tools.trace {
      let prefix = client.origin.map { "\($0): " } ?? ""
      for row in settings.explanation { trace("\(prefix)\(row.name) = \(row.value) (from \(row.source))") }
    }
    return session
  }

  private func settings(_ wish: SessionWish) throws(CallError) -> Settings {
    switch world {
    case .aws(let environment):
      var options = Settings.Options()
      options.profile = wish.profile
      options.region = wish.region
      options.endpoint = wish.endpoint
      return try Settings.resolve(options: options, environment: environment)
    case .local(let endpoint, _):
      for (name, setting) in [("profile", wish.profile), ("endpoint", wish.endpoint), ("role", wish.role)] {
        guard let setting else { continue }
        throw CallError(
          .configuration, code: "Configuration",
          message:
            "The \(name) \(quoted(setting.value)) (from \(setting.source)) means nothing under --local, "
            + "which has a world and keys of its own: there is only a region to choose.")
      }
      var settings = Settings(region: Self.localRegion, endpoint: endpoint, source: "--local")
      if let region = wish.region {
        try Settings.check(region: region)
        settings.region = region
      }
      return settings
    }
  }

  /// Where a local world is seen from unless somebody says otherwise.
  private static let localRegion = "us-east-1"

  private func access(_ wish: SessionWish, _ settings: Settings) throws(CallError) -> Access {
    let partition = Partition.of(region: settings.region?.value ?? "").name
    let identity = Identity(
      profile: wish.profile?.value, role: wish.role?.value, partition: partition)
    if let known = accesses.first(where: { $0.identity == identity }) { return known.access }
    let access: Access
    if let role = wish.role {
      var own = wish
      own.role = nil
      let source = try self.access(own, settings)
      let keys = try RoleCredentials(
        source.context, arn: role.value, source: source.credentials, origin: role.source)
      access = Access(context: source.context, credentials: CredentialChain([keys]))
    } else {
      let context = context(settings)
      switch world {
      case .aws: access = Access(context: context, credentials: CredentialChain(context))
      case .local(_, let keys):
        access = Access(context: context, credentials: CredentialChain([StaticCredentials(keys)]))
      }
    }
    accesses.append((identity, access))
    return access
  }

  private func context(_ settings: Settings) -> CredentialContext {
    let caller = ServiceCaller(
      settings: settings, transport: tools.transport, timers: tools.timers, memory: memory,
      random: tools.random)
    // Profiles often say the same wrong thing.
    let notice: (String) -> Void = { [unowned self] text in
      if told.insert(text).inserted { tools.notice(text) }
    }
    caller.notice = notice
    caller.trace = tools.trace
    let environment = if case .aws(let environment) = world { environment } else { Environment() }
    return CredentialContext(
      settings: settings, environment: environment, transport: tools.transport, timers: tools.timers,
      caller: caller, processes: tools.processes, knowledge: knowledge, askForCode: tools.askForCode,
      notice: notice)
  }

  /// How a session learns whose keys it signs with; nil where there is no STS to ask.
  private func identify(_ access: Access) -> Session.Identify? {
    if case .local = world { return nil }
    return { CallerIdentity.load(access.context, signedBy: access.credentials, completion: $0) }
  }
}
