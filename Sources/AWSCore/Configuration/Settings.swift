// Settings: profile, region, endpoint and the rest of what AWS's configuration says about a session, each
// with where it came from. Credentials are resolved apart, in Credentials/CredentialChain.swift.

public struct Settings: Sendable {
  /// A value and where it came from, in words: `--region`, `AWS_REGION`, `~/.aws/config:12`.
  public struct Setting<Value: Sendable>: Sendable {
    public var value: Value
    public var source: String
    public init(_ value: Value, from source: String) {
      self.value = value
      self.source = source
    }
  }

  /// What the operator gave on the command line, or a script in `connect{}`; it beats everything else.
  public struct Options: Sendable {
    public var profile: Setting<String>?
    public var region: Setting<String>?
    public var endpoint: Setting<String>?

    /// What the command line gives.
    public init(profile: String? = nil, region: String? = nil, endpoint: String? = nil) {
      self.profile = profile.map { Setting($0, from: "--profile") }
      self.region = region.map { Setting($0, from: "--region") }
      self.endpoint = endpoint.map { Setting($0, from: "--endpoint") }
    }
  }

  /// Whose settings and keys are used; `default` where nobody names one.
  public var profile: Setting<String>
  /// True when the profile was named by a flag, which makes the keys in the environment step back.
  var profileIsExplicit = false
  /// True when somebody named the profile, by a flag or a variable; then it must be there.
  var profileIsNamed: Bool { profile.source != "default" }
  /// A host label; nil when none is configured, which only a call complains about.
  public var region: Setting<String>?
  /// Where requests of the main service go instead of to its own host.
  public var endpoint: Setting<URLParts>?
  public var useFIPS: Setting<Bool>
  public var useDualStack: Setting<Bool>
  /// A file or folder of certificate authorities to trust instead of the system's.
  public var caBundle: Setting<String>?
  /// How often a call is sent at most, the first time included.
  public var maxAttempts: Setting<Int>
  /// `standard`; the other modes of the SDKs are taken as it, which `notices` says.
  var retryMode: Setting<String>
  /// Version 2.1 of the standard mode, which AWS's SDKs take up under the same variable.
  var usesNewRetries = Setting(false, from: "default")
  /// Seconds to connect to a service, by AWS's defaults mode.
  public var connectTimeout = Setting(3.1, from: "default")
  /// What the operator's program calls itself in the User-Agent header.
  public var applicationID: Setting<String>?
  /// What the operator should know once, though everything can go on.
  public private(set) var notices: [String] = []
  /// The service that `endpoint` is of.
  private let service: AWSService
  /// Nil under settings that no file or variable has a part in.
  private let lookup: Lookup?
  /// The shared files, as they were read for these settings.
  var sharedConfig: SharedConfig? { lookup?.config }

  /// Settings that no file or variable has a part in, as `--local` wants them.
  public init(
    region: String, endpoint: URLParts, service: AWSService = .backupGateway, source: String
  ) {
    profile = Setting("default", from: source)
    self.region = Setting(region, from: source)
    self.endpoint = Setting(endpoint, from: source)
    self.service = service
    useFIPS = Setting(false, from: source)
    useDualStack = Setting(false, from: source)
    maxAttempts = Setting(Retry.Rules.standard.maxAttempts, from: source)
    retryMode = Setting("standard", from: source)
    lookup = nil
  }

  /// Reads what the environment and the shared files say.
  /// - Parameter service: the main service, whose endpoint the options may give.
  /// - Throws: `CallError` of category `.configuration` for a file that cannot be read, a profile that is
  ///   named and not there, and values that cannot be used.
  public static func resolve(
    options: Options = Options(), environment: Environment, service: AWSService = .backupGateway
  ) throws(CallError) -> Settings {
    try Settings(Lookup(options, environment), service)
  }

  private init(_ lookup: Lookup, _ service: AWSService) throws(CallError) {
    self.lookup = lookup
    self.service = service
    profile = lookup.profile
    profileIsExplicit = lookup.options.profile != nil
    region = try lookup.region()
    endpoint = try lookup.endpoint(service, lookup.options.endpoint)
    useFIPS = try lookup.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    useDualStack = try lookup.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    caBundle = lookup.caBundle()
    maxAttempts = try lookup.maxAttempts()
    retryMode = try lookup.choice(
      "AWS_RETRY_MODE", "retry_mode", of: ["standard", "adaptive", "legacy"], default: "standard")
    if let value = lookup.value("AWS_NEW_RETRIES_2026", nil) {
      usesNewRetries = Setting(value.value.lowercased() == "true", from: value.source)
    }
    let mode = try lookup.choice(
      "AWS_DEFAULTS_MODE", "defaults_mode",
      of: ["legacy", "standard", "cross-region", "in-region", "mobile", "auto"], default: "legacy")
    connectTimeout = Setting(Self.connectTimeouts[mode.value] ?? 3.1, from: mode.source)
    applicationID = lookup.value("AWS_SDK_UA_APP_ID", "sdk_ua_app_id")
    addNotices()
  }

  /// Where the defaults modes of AWS's SDKs differ from the standard 3.1 seconds.
  private static let connectTimeouts = ["in-region": 1.1, "mobile": 30]

  private mutating func addNotices() {
    if retryMode.value != "standard" {
      notices.append(
        "retry mode '\(retryMode.value)' (from \(retryMode.source)) is taken as 'standard', the one there is."
      )
    }
    if let id = applicationID, id.value.count > 50 {
      notices.append(
        "the application id (from \(id.source)) has more than the 50 characters that AWS takes; it is not sent."
      )
      applicationID = nil
    }
  }

  /// The profiles of the shared files, sorted.
  /// - Throws: as `resolve` does, for a file that cannot be read.
  public static func profiles(_ environment: Environment) throws(CallError) -> [String] {
    try SharedConfig(environment: environment).profiles.keys.sorted()
  }

  /// The numbers of the retry mode.
  var retryRules: Retry.Rules { usesNewRetries.value ? .standard2026 : .standard }

  /// - Throws: for what cannot be a region. It becomes a part of the name of the host that signed requests go to.
  public static func check(region: Setting<String>) throws(CallError) {
    let problem: String
    if !isHostLabel(region.value) {
      problem = "cannot be a region: a region is letters, digits and hyphens, as in eu-central-1."
    } else if region.value != region.value.lowercased() {
      problem =
        "is not a region: they are written in small letters, as in '\(region.value.lowercased())'."
    } else {
      return
    }
    throw CallError(
      .configuration, code: "Configuration",
      message: "'\(oneLine(region.value, limit: 100))' (from \(region.source)) \(problem)")
  }

  /// The region to sign for.
  /// - Throws: `NoRegion`, saying what was looked at and what to do.
  public func requiredRegion() throws(CallError) -> String {
    guard let region else {
      let file = lookup?.config.configPath ?? "~/.aws/config"
      throw CallError(
        .configuration, code: "NoRegion",
        message:
          "No region is configured. Looked at --region, AWS_REGION, AWS_DEFAULT_REGION and 'region' of profile "
          + "'\(profile.value)' in \(file). Give --region, set AWS_REGION, or write 'region = …' under the "
          + "profile in \(file).")
    }
    return region.value
  }

  /// What the variable, else the profile's key says, and where; nil when neither does.
  func value(_ variable: String, _ key: String?) -> Setting<String>? { lookup?.value(variable, key) }

  /// The same for a switch that is `true` or `false`; false when neither is set.
  func flag(_ variable: String, _ key: String) throws(CallError) -> Setting<Bool> {
    try lookup?.flag(variable, key) ?? Setting(false, from: "default")
  }

  /// Where requests of a service go instead of to its own host; nil when nothing says so. An endpoint given
  /// as an option is the main service's alone.
  func configuredEndpoint(of service: AWSService) throws(CallError) -> Setting<URLParts>? {
    if service == self.service { return endpoint }
    return try lookup?.endpoint(service, nil)
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
    let version = usesNewRetries.value ? "standard, version 2.1" : "standard"
    rows.append(("retry_mode", version, usesNewRetries.value ? usesNewRetries.source : retryMode.source))
    if let applicationID { rows.append(("sdk_ua_app_id", applicationID.value, applicationID.source)) }
    return rows
  }
}

/// The three places a setting may stand in: options, variables, the profile.
private struct Lookup: Sendable {
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
    if let given = options.profile {
      named = given
    } else {
      named = Self.variable(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], environment)
    }
    profile = named ?? Setting("default", from: "default")
    if let named, config.profiles[named.value] == nil {
      let known = config.profiles.keys.sorted()
      let hint = nearest(to: named.value, in: known).map { " Did you mean '\($0)'?" } ?? ""
      let isBare = config.bareTitles.contains(named.value)
      let title =
        isBare
        ? " [\(named.value)] in \(config.configPath) must be [profile \(named.value)]." : ""
      var unknown = Self.error(
        "Profile '\(named.value)' (from \(named.source)) is neither in \(config.configPath) nor in "
          + "\(config.credentialsPath). "
          + (known.isEmpty ? "They hold no profile." : "They hold \(known.joined(separator: ", ")).\(hint)")
          + title)
      unknown.closure = .profileUnknown
      throw unknown
    }
    entries = try config.profile(profile.value) ?? [:]
  }

  func region() throws(CallError) -> Setting<String>? {
    guard
      let region = options.region
        ?? Self.variable(["AWS_REGION", "AWS_DEFAULT_REGION"], environment) ?? entry("region")
    else { return nil }
    try Settings.check(region: region)
    return region
  }

  /// Of a service; `given` is what the operator gave for it on the command line.
  func endpoint(_ service: AWSService, _ given: Setting<String>?) throws(CallError) -> Setting<URLParts>? {
    guard let endpoint = try endpointText(service.configurationKey, given) else { return nil }
    guard let url = URLParts(endpoint.value), url.query == nil, !url.isLinkLocal,
      url.scheme == "https" || url.isLoopback
    else {
      throw Self.error(
        "The endpoint '\(Proxy.masked(endpoint.value))' (from \(endpoint.source)) is not one that signed "
          + "requests may go to: write https://HOST[:PORT][/PATH], or http:// for this machine only, without "
          + "user, query and fragment.")
    }
    return Setting(url, from: endpoint.source)
  }

  private func endpointText(_ serviceKey: String, _ given: Setting<String>?) throws(CallError)
    -> Setting<String>?
  {
    if let given { return given }
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

  /// A variable, else a key of the profile.
  func value(_ variable: String, _ key: String?) -> Setting<String>? {
    Self.variable([variable], environment) ?? key.flatMap(entry)
  }

  /// One of a few words.
  func choice(_ variable: String, _ key: String, of words: [String], default: String) throws(CallError)
    -> Setting<String>
  {
    guard let setting = value(variable, key) else { return Setting(`default`, from: "default") }
    let word = setting.value.lowercased()
    guard words.contains(word) else {
      throw Self.error(
        "\(key) (from \(setting.source)) must be one of \(words.joined(separator: ", ")), not "
          + "'\(setting.value)'.")
    }
    return Setting(word, from: setting.source)
  }

  func flag(_ variable: String, _ key: String) throws(CallError) -> Setting<Bool> {
    guard let setting = value(variable, key) else {
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
    value("AWS_CA_BUNDLE", "ca_bundle").map {
      Setting(environment.expanded($0.value), from: $0.source)
    }
  }

  func maxAttempts() throws(CallError) -> Setting<Int> {
    guard let setting = value("AWS_MAX_ATTEMPTS", "max_attempts") else {
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

// Not asked for by the type itself: for each kind of value Swift's runtime would go through every conformance of the
// program at its start, 0.2 million instructions.
extension Settings.Setting: Equatable where Value: Equatable {}
