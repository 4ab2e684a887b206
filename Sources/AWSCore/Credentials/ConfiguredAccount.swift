// ConfiguredAccount: the account that a session's keys will be of, as far as configuration tells it before any are
// looked for.

extension Settings {
  /// Nil where only the keys or the service know it. Never fails: what is wrong with a profile is said by whoever needs
  /// its keys.
  public func configuredAccount(_ environment: Environment) -> String? {
    let hasKeys = environment.variable("AWS_ACCESS_KEY_ID") != nil
    if hasKeys, !profileIsExplicit { return environment.variable("AWS_ACCOUNT_ID") }
    guard let config = sharedConfig,
      let plan = (try? ProfilePlan.resolve(profile.value, in: config)).flatMap({ $0 })
    else { return nil }
    if let role = plan.roles.last { return STS.account(of: role.arn) }
    switch plan.source {
    case .webIdentity(let identity): return STS.account(of: identity.arn)
    case .sso(let profile): return profile.accountID?.value ?? plan.accountID
    case .keys(let keys): return keys.accountID ?? plan.accountID
    default: return plan.accountID
    }
  }
}
