// HostMemory: what calls have taught about the hosts they asked, and what they have cost. One process has one, which its callers share: a host
// that fails, fails for every session, and a clock that is wrong is wrong for all of them.

public final class HostMemory {
  /// Tokens for retries, by host: a host is a service in a region, which is how AWS's SDKs divide them.
  var quotas: [String: RetryQuota] = [:]
  /// By host.
  private var skews: [String: ClockSkew] = [:]
  /// What was learned last. It is this machine's clock that is wrong, so a host that has not been asked yet is signed
  /// for by it too.
  private(set) var lastSkew = ClockSkew()

  /// What all calls of all sessions have cost so far.
  public var traffic = Traffic()

  public init() {}

  func skew(of host: String) -> ClockSkew { skews[host] ?? lastSkew }

  func remember(_ skew: ClockSkew, of host: String) {
    skews[host] = skew
    lastSkew = skew
  }
}
