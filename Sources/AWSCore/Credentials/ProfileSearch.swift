// ProfileSearch: from a profile's plan to its keys, as a machine: what has happened goes in, what is to be done comes
// out. The source gives keys; they assume the first role; its keys assume the second; and so on.

struct ProfileSearch {
  enum Event {
    /// The source has been looked at.
    case looked(Result<CredentialLookup, CallError>)
    /// The operator was asked for a code; nil without an answer.
    case told(code: String?)
    /// STS has answered.
    case assumed(Result<Credentials, CallError>)
  }

  enum Action {
    case look(ProfilePlan.Source)
    case askForCode(prompt: String)
    case assume(AssumeRole, code: String?, with: Credentials)
    case finish(Result<Credentials, CallError>)
  }

  private let plan: ProfilePlan
  private let canAsk: Bool
  private var roles: ArraySlice<AssumeRole>
  private var keys: Credentials?
  private var neededOperator = false

  /// - Parameter canAsk: whether there is an operator at a terminal.
  init(_ plan: ProfilePlan, canAsk: Bool) {
    self.plan = plan
    self.canAsk = canAsk
    roles = plan.roles[...]
  }

  mutating func begin() -> Action { .look(plan.source) }

  mutating func next(_ event: Event) -> Action {
    switch event {
    case .looked(.success(.found(var keys))):
      keys.accountID = keys.accountID ?? plan.accountID
      return proceed(with: keys)
    case .looked(.success(.absent(let reason))):
      return .finish(
        .failure(
          .noCredentials(
            "Profile '\(plan.profile)' (\(plan.place)) takes its credentials where none are: \(reason).")))
    case .assumed(.success(let keys)):
      roles.removeFirst()
      return proceed(with: keys)
    case .told(let code):
      guard let role = roles.first, let keys else { return .finish(.failure(Self.noCode(plan.profile))) }
      let code = trimmed(code ?? "")
      guard !code.isEmpty else { return .finish(.failure(Self.noCode(role.origin))) }
      neededOperator = true
      return .assume(role, code: code, with: keys)
    case .looked(.failure(let error)), .assumed(.failure(let error)): return .finish(.failure(error))
    }
  }

  private mutating func proceed(with keys: Credentials) -> Action {
    self.keys = keys
    guard let role = roles.first else {
      var keys = keys
      keys.neededOperator = keys.neededOperator || neededOperator
      return .finish(.success(keys))
    }
    guard let device = role.mfaSerial else { return .assume(role, code: nil, with: keys) }
    guard canAsk else {
      return .finish(
        .failure(
          .noCredentials(
            "The role \(role.arn) of \(role.origin) wants a code of the device \(device), and there is no terminal to "
              + "ask on. Run Moongate on a terminal, or give it temporary keys, as 'aws configure export-credentials "
              + "--format env' writes them.")))
    }
    return .askForCode(prompt: "Code of the MFA device \(device) for \(role.origin): ")
  }

  private static func noCode(_ origin: String) -> CallError {
    .noCredentials("No code was given for \(origin), so its role could not be assumed.")
  }
}
