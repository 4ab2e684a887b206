// Settings: profile, region, endpoint and the rest of what AWS's configuration says about a session, each
// with where it came from. Credentials are resolved apart, in CredentialProvider.swift.

public struct Settings: Sendable {
  /// A value and where it came from, in words: `--region`, `AWS_REGION`, `~/.aws/config:12`.
  public struct Setting<Value: Sendable & Equatable>: Sendable, Equatable {
    public var value: Value
    public var source: String
    public init(_ value: Value, from source: String) {
      self.value = value
      self.source = source
    }
  }

  /// What the operator gave on the command line or in `connect{}`; it beats everything else.
  public struct Options: Sendable {
    public var profile: String?
    public var region: String?
    public var endpoint: String?
    public init(profile: String? = nil, region: String? = nil, endpoint: String? = nil) {
      self.profile = profile
      self.region = region
      self.endpoint = endpoint
    }
  }

  public var profile: Setting<String>
  /// True when the profile was named by a flag, which makes the keys in the environment step back.
  public var profileIsExplicit = false
  /// A host label; nil when none is configured, which only a call complains about.
  public var region: Setting<String>?
  /// Where requests go instead of the service's own host.
  public var endpoint: Setting<URLParts>?
  public var useFIPS: Setting<Bool>
  public var useDualStack: Setting<Bool>
  /// A file of certificate authorities to trust instead of the system's.
  public var caBundle: Setting<String>?
  /// How often a call is sent at most, the first time included.
  public var maxAttempts: Setting<Int>
  /// What was looked at for the region, for the message that there is none.
  private var regionSources = "--region"

  /// Settings that no file or variable has a part in, as `--local` wants them.
  public init(region: String, endpoint: URLParts, source: String) {
    profile = Setting("default", from: source)
    self.region = Setting(region, from: source)
    self.endpoint = Setting(endpoint, from: source)
    useFIPS = Setting(false, from: source)
    useDualStack = Setting(false, from: source)
    maxAttempts = Setting(Retry.Rules.standard.maxAttempts, from: source)
  }

  /// Reads what the environment and the shared files say.
  /// - Parameter serviceKey: the service's name in configuration: AWS_ENDPOINT_URL_⟨KEY⟩ and the key in a
  ///   services section.
  /// - Throws: `CallError` of category `.configuration` for a file that cannot be read, a profile that is
  ///   named and not there, and values that cannot be used.
  public static func resolve(
    options: Options = Options(), environment: Environment, serviceKey: String = "backup_gateway"
  ) throws(CallError) -> Settings {
    try Settings(Lookup(options, environment), serviceKey)
  }

  private init(_ lookup: Lookup, _ serviceKey: String) throws(CallError) {
    profile = lookup.profile
    profileIsExplicit = lookup.options.profile != nil
    region = try lookup.region()
    endpoint = try lookup.endpoint(serviceKey)
    useFIPS = try lookup.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    useDualStack = try lookup.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    caBundle = lookup.caBundle()
    maxAttempts = try lookup.maxAttempts()
    regionSources =
      "--region, AWS_REGION, AWS_DEFAULT_REGION and 'region' of profile '\(profile.value)' in "
      + lookup.config.configPath
  }

  /// The region to sign for.
  /// - Throws: `NoRegion`, saying what was looked at and what to do.
  public func requiredRegion() throws(CallError) -> String {
    guard let region else {
      throw CallError(
        .configuration, code: "NoRegion",
        message:
          "No region is configured. Looked at \(regionSources). Give --region, set AWS_REGION, or write "
          + "'region = …' under the profile in ~/.aws/config.")
    }
    return region.value
  }

  /// Every setting with where it came from, in the order people ask for them.
  public var explanation: [(name: String, value: String, source: String)] {
    var rows = [("profile", profile.value, profile.source)]
    rows.append(("region", region?.value ?? "none", region?.source ?? "not configured"))
    if let endpoint { rows.append(("endpoint", endpoint.value.description, endpoint.source)) }
    if useFIPS.value { rows.append(("use_fips_endpoint", "true", useFIPS.source)) }
    if useDualStack.value { rows.append(("use_dualstack_endpoint", "true", useDualStack.source)) }
    if let caBundle { rows.append(("ca_bundle", caBundle.value, caBundle.source)) }
    rows.append(("max_attempts", String(maxAttempts.value), maxAttempts.source))
    return rows
  }
}

/// The three places a setting may stand in: options, variables, the profile.
private struct Lookup {
  typealias Setting = Settings.Setting
  let options: Settings.Options
  let environment: Environment
  let config: SharedConfig
  let profile: Setting<String>
  private let entries: SharedConfig.Section

  init(_ options: Settings.Options, _ environment: Environment) throws(CallError) {
    self.options = options
    self.environment = environment
    config = try SharedConfig(environment: environment)
    let named: Setting<String>?
    if let name = options.profile {
      named = Setting(name, from: "--profile")
    } else {
      named = Self.variable(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], environment)
    }
    profile = named ?? Setting("default", from: "default")
    if let named, config.profiles[named.value] == nil {
      let known = config.profiles.keys.sorted().joined(separator: ", ")
      throw Self.error(
        "Profile '\(named.value)' (from \(named.source)) is neither in \(config.configPath) nor in "
          + "\(config.credentialsPath). \(known.isEmpty ? "They hold no profile." : "They hold \(known).")")
    }
    entries = config.profiles[profile.value] ?? [:]
  }

  func region() throws(CallError) -> Setting<String>? {
    guard
      let region = options.region.map({ Setting($0, from: "--region") })
        ?? Self.variable(["AWS_REGION", "AWS_DEFAULT_REGION"], environment) ?? entry("region")
    else { return nil }
    guard isHostLabel(region.value) else {
      throw Self.error(
        "'\(region.value)' (from \(region.source)) cannot be a region: a region is letters, digits and "
          + "hyphens, as in eu-central-1.")
    }
    return region
  }

  func endpoint(_ serviceKey: String) throws(CallError) -> Setting<URLParts>? {
    guard let endpoint = try endpointText(serviceKey) else { return nil }
    guard let url = URLParts(endpoint.value), url.query == nil, url.scheme == "https" || url.isLoopback else {
      throw Self.error(
        "The endpoint '\(Proxy.masked(endpoint.value))' (from \(endpoint.source)) is not one that signed "
          + "requests may go to: write https://HOST[:PORT][/PATH], or http:// for this machine only, without "
          + "user, query and fragment.")
    }
    return Setting(url, from: endpoint.source)
  }

  private func endpointText(_ serviceKey: String) throws(CallError) -> Setting<String>? {
    if let endpoint = options.endpoint { return Setting(endpoint, from: "--endpoint") }
    let ignore = try flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
    if ignore.value { return nil }
    let names = ["AWS_ENDPOINT_URL_\(serviceKey.uppercased())", "AWS_ENDPOINT_URL"]
    if let endpoint = Self.variable(names, environment) { return endpoint }
    if let services = entry("services") {
      guard let section = config.services[services.value] else {
        throw Self.error(
          "Profile '\(profile.value)' names the services section '\(services.value)' (\(services.source)), "
            + "which is not in \(config.configPath).")
      }
      if let service = section[serviceKey], let endpoint = service.nested["endpoint_url"] {
        return Setting(endpoint, from: service.source)
      }
    }
    return entry("endpoint_url")
  }

  func flag(_ variable: String, _ key: String) throws(CallError) -> Setting<Bool> {
    guard let setting = Self.variable([variable], environment) ?? entry(key) else {
      return Setting(false, from: "default")
    }
    switch setting.value.lowercased() {
    case "true": return Setting(true, from: setting.source)
    case "false": return Setting(false, from: setting.source)
    default:
      throw Self.error("\(key) (from \(setting.source)) must be true or false, not '\(setting.value)'.")
    }
  }

  func caBundle() -> Setting<String>? {
    (Self.variable(["AWS_CA_BUNDLE"], environment) ?? entry("ca_bundle")).map {
      Setting(environment.expanded($0.value), from: $0.source)
    }
  }

  func maxAttempts() throws(CallError) -> Setting<Int> {
    guard let setting = Self.variable(["AWS_MAX_ATTEMPTS"], environment) ?? entry("max_attempts") else {
      return Setting(Retry.Rules.standard.maxAttempts, from: "default")
    }
    guard let number = Int(setting.value), number >= 1 else {
      throw Self.error(
        "max_attempts (from \(setting.source)) must be a whole number of at least 1, not '\(setting.value)'.")
    }
    return Setting(number, from: setting.source)
  }

  private func entry(_ key: String) -> Setting<String>? {
    guard let entry = entries[key], !entry.value.isEmpty else { return nil }
    return Setting(entry.value, from: entry.source)
  }

  private static func variable(_ names: [String], _ environment: Environment) -> Setting<String>? {
    names.lazy.compactMap { name in environment.variable(name).map { Setting($0, from: name) } }.first
  }

  private static func error(_ message: String) -> CallError {
    CallError(.configuration, code: "Configuration", message: message)
  }
}
