// Endpoint: the host that a service's requests go to. Pure: hosts are computed from a region's partition, so they may
// not exist. Source: the rule sets of AWS Backup Gateway, STS, SSO and SSO OIDC, as published with the AWS SDKs.

public enum Endpoint {
  /// Services whose hosts in aws-us-gov are FIPS endpoints under their plain names.
  private static let plainInGovCloud: Set = ["sts", "portal.sso", "oidc"]

  /// The URL of a service in a region, or the override as it is, with its path.
  /// - Parameter service: the host up to the region, as in `backup-gateway` and `portal.sso`.
  /// - Throws: `CallError` of category `.configuration` for combinations that AWS's rules exclude.
  public static func resolve(
    service: String, region: String?, override: URLParts? = nil, useFIPS: Bool = false,
    useDualStack: Bool = false
  ) throws(CallError) -> URLParts {
    if let override {
      if useFIPS { throw invalid("FIPS and custom endpoint are not supported") }
      if useDualStack { throw invalid("Dualstack and custom endpoint are not supported") }
      return override
    }
    guard let region else { throw invalid("Missing Region") }
    guard isHostLabel(region) else { throw invalid("'\(region)' cannot be a region") }
    let partition = Partition.of(region: region)
    let isPlain = partition.name == "aws-us-gov" && !useDualStack && plainInGovCloud.contains(service)
    let suffix = useDualStack ? partition.dualStackSuffix : partition.dnsSuffix
    return URLParts(
      scheme: "https", host: "\(service)\(useFIPS && !isPlain ? "-fips" : "").\(region).\(suffix)")
  }

  /// The URL of STS and the region to sign for, which differ from the rule where its global host answers: in
  /// the pseudo-region aws-global, and, when the legacy global endpoint is wanted, in the regions that were
  /// there before regional ones.
  public static func sts(
    region: String?, override: URLParts? = nil, useFIPS: Bool = false, useDualStack: Bool = false,
    useGlobal: Bool = false
  ) throws(CallError) -> (url: URLParts, signingRegion: String?) {
    let isPlain = override == nil && !useFIPS && !useDualStack
    if let region, isPlain, region == "aws-global" || useGlobal && globalSTSRegions.contains(region) {
      return (URLParts(scheme: "https", host: "sts.amazonaws.com"), "us-east-1")
    }
    let url = try resolve(
      service: "sts", region: region, override: override, useFIPS: useFIPS, useDualStack: useDualStack)
    return (url, region)
  }

  private static let globalSTSRegions: Set = [
    "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
    "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1",
    "us-west-2",
  ]

  private static func invalid(_ problem: String) -> CallError {
    CallError(.configuration, code: "Configuration", message: "Invalid Configuration: \(problem)")
  }
}

extension Settings {
  /// The URL of a service under these settings, in the session's region or another one.
  /// - Throws: `CallError` of category `.configuration` that names the settings which caused it.
  public func endpointURL(of service: AWSService, region other: String? = nil) throws(CallError) -> URLParts {
    let override = try configuredEndpoint(of: service)
    return try explainingHost(override) { () throws(CallError) in
      try Endpoint.resolve(
        service: service.hostPrefix, region: other ?? region?.value, override: override?.value,
        useFIPS: useFIPS.value, useDualStack: useDualStack.value)
    }
  }

  /// The URL of STS and the region to sign for. STS answers at a global host too, which serves where no region is
  /// configured and where `sts_regional_endpoints` says `legacy`.
  /// - Parameter machineRegion: where this machine is, for settings that name no region.
  func stsEndpoint(machineRegion: String?) throws(CallError) -> (url: URLParts, signingRegion: String) {
    let override = try configuredEndpoint(of: .sts)
    // The global host has neither a FIPS nor a dual-stack form.
    if region == nil, machineRegion == nil, override == nil, useFIPS.value || useDualStack.value {
      _ = try requiredRegion()
    }
    let mode = value("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints")
    let place = try explainingHost(override) { () throws(CallError) in
      try Endpoint.sts(
        region: region?.value ?? machineRegion ?? "aws-global", override: override?.value,
        useFIPS: useFIPS.value,
        useDualStack: useDualStack.value, useGlobal: mode?.value.lowercased() == "legacy")
    }
    // A signature needs a region of its own even for a host that somebody gave.
    return (place.url, place.signingRegion == "aws-global" ? "us-east-1" : place.signingRegion ?? "us-east-1")
  }

  /// Adds to an error the settings that brought it about.
  private func explainingHost<Found>(
    _ override: Setting<URLParts>?, _ resolve: () throws(CallError) -> Found
  ) throws(CallError) -> Found {
    do throws(CallError) {
      return try resolve()
    } catch {
      var explained = error
      let causes = hostOrigins(override)
      explained.message += causes.isEmpty ? "." : ": \(causes.joined(separator: ", "))."
      throw explained
    }
  }

  /// Why requests of a service go to the host they go to, for a host that does not exist: hosts are computed.
  public func hostExplanation(of service: AWSService, region other: String? = nil) -> String {
    if let override = try? configuredEndpoint(of: service) {
      return "The endpoint comes from \(override.source)."
    }
    let place = region.map { "region \(other ?? $0.value) (from \($0.source))" }
    let causes = [place].compactMap(\.self) + hostOrigins(nil)
    return "The host was made from \(causes.joined(separator: " and ")); the service may not exist there."
  }

  private func hostOrigins(_ override: Setting<URLParts>?) -> [String] {
    var causes: [String] = []
    if useFIPS.value { causes.append("use_fips_endpoint from \(useFIPS.source)") }
    if useDualStack.value { causes.append("use_dualstack_endpoint from \(useDualStack.source)") }
    if let override { causes.append("the endpoint from \(override.source)") }
    return causes
  }
}
