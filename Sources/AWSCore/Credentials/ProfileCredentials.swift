// ProfileCredentials: what a profile of the shared files says about keys, done.

/// The session's profile in ~/.aws/credentials and ~/.aws/config.
final class ProfileCredentials: CredentialProvider {
  private let context: CredentialContext
  /// Kept, since they remember what they have learned of where this runs.
  private let container: ContainerCredentials
  private let instance: InstanceMetadataCredentials

  init(_ context: CredentialContext) {
    self.context = context
    container = ContainerCredentials(context)
    instance = InstanceMetadataCredentials(context)
  }

  func load(completion: @escaping (Result<CredentialLookup, CallError>) -> Void) {
    let named = context.settings.profile
    let name = named.value
    do throws(CallError) {
      // Read again each time: keys in files are replaced under long-running programs.
      let config = try SharedConfig(environment: context.environment)
      guard let plan = try ProfilePlan.resolve(name, in: config) else {
        let files = "\(config.configPath) and \(config.credentialsPath)"
        let isThere = config.profiles[name] != nil
        // It was when the session began: to fall through now would sign with somebody else's keys.
        guard isThere || !context.settings.profileIsNamed else {
          throw .noCredentials(
            "Profile '\(name)' (from \(named.source)) is gone from \(files). Write it there again.")
        }
        let reason = isThere ? "no credentials in \(files)" : "not in \(files)"
        return completion(.success(.absent("profile '\(name)' (\(reason))")))
      }
      var search = ProfileSearch(plan, canAsk: context.askForCode != nil)
      let first = search.begin()
      Run(self, config, plan, search) { completion($0.map(CredentialLookup.found)) }.perform(first)
    } catch {
      completion(.failure(error))
    }
  }

  private func provider(_ source: ProfilePlan.Source, _ plan: ProfilePlan, _ config: SharedConfig)
    -> any CredentialProvider
  {
    switch source {
    case .keys(let credentials): StaticCredentials(credentials)
    case .environment: EnvironmentCredentials(context.environment)
    case .container: container
    case .instanceMetadata: instance
    case .webIdentity(let identity): WebIdentityCredentials(context, of: identity)
    case .sso: SSOCredentials(context, profile: plan.profile, config: config)
    case .process(let command): ProcessCredentials(context, command: command, profile: plan.profile)
    }
  }

  /// One search under way: does what the machine says.
  private final class Run {
    private let owner: ProfileCredentials
    private let config: SharedConfig
    private let plan: ProfilePlan
    private var search: ProfileSearch
    private let completion: (Result<Credentials, CallError>) -> Void
    /// Kept while it looks.
    private var provider: (any CredentialProvider)?

    init(
      _ owner: ProfileCredentials, _ config: SharedConfig, _ plan: ProfilePlan, _ search: ProfileSearch,
      completion: @escaping (Result<Credentials, CallError>) -> Void
    ) {
      self.owner = owner
      self.config = config
      self.plan = plan
      self.search = search
      self.completion = completion
    }

    func perform(_ action: ProfileSearch.Action) {
      switch action {
      case .look(let source):
        let provider = owner.provider(source, plan, config)
        self.provider = provider
        provider.load { [self] in perform(search.next(.looked($0))) }
      case .askForCode(let prompt):
        perform(search.next(.told(code: owner.context.askForCode?(prompt))))
      case .assume(let role, let code, let keys):
        let sts = STS(owner.context)
        sts.start(role.request(code: code, at: sts.now), signer: keys) { [self] in
          perform(search.next(.assumed($0)))
        }
      case .finish(let result):
        provider = nil
        completion(result)
      }
    }
  }
}
