// Endpoint: the host that a service's requests go to. Pure: the partitions are a table.
//
// Source: the rule set of AWS Backup Gateway and partitions.json, as published with the AWS SDKs.

public enum Endpoint {
  /// A separate set of AWS regions with its own DNS names.
  private struct Partition {
    var name: String
    /// How its regions begin; the rest is a direction and a number.
    var prefix: String
    var dnsSuffix: String
    var dualStackSuffix: String
  }

  private static let aws = Partition(
    name: "aws", prefix: "", dnsSuffix: "amazonaws.com", dualStackSuffix: "api.aws")

  private static let others = [
    Partition(
      name: "aws-cn", prefix: "cn-", dnsSuffix: "amazonaws.com.cn",
      dualStackSuffix: "api.amazonwebservices.com.cn"),
    Partition(
      name: "aws-us-gov", prefix: "us-gov-", dnsSuffix: "amazonaws.com", dualStackSuffix: "api.aws"),
    Partition(
      name: "aws-iso", prefix: "us-iso-", dnsSuffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov"),
    Partition(
      name: "aws-iso-b", prefix: "us-isob-", dnsSuffix: "sc2s.sgov.gov",
      dualStackSuffix: "api.aws.scloud"),
    Partition(
      name: "aws-iso-e", prefix: "eu-isoe-", dnsSuffix: "cloud.adc-e.uk",
      dualStackSuffix: "api.cloud-aws.adc-e.uk"),
    Partition(
      name: "aws-iso-f", prefix: "us-isof-", dnsSuffix: "csp.hci.ic.gov",
      dualStackSuffix: "api.aws.hci.ic.gov"),
    Partition(
      name: "aws-eusc", prefix: "eusc-de-", dnsSuffix: "amazonaws.eu",
      dualStackSuffix: "api.amazonwebservices.eu"),
  ]

  /// The partition of a region; an unknown region is one of the commercial partition's.
  private static func partition(of region: String) -> Partition {
    others.first { region.hasPrefix($0.prefix) || region == "\($0.name)-global" } ?? aws
  }

  /// The URL of a service in a region, or the override as it is, with its path.
  /// - Parameter service: the first label of the host, as in `backup-gateway`.
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
    let partition = partition(of: region)
    let suffix = useDualStack ? partition.dualStackSuffix : partition.dnsSuffix
    return URLParts(scheme: "https", host: "\(service)\(useFIPS ? "-fips" : "").\(region).\(suffix)")
  }

  private static func invalid(_ problem: String) -> CallError {
    CallError(.configuration, code: "Configuration", message: "Invalid Configuration: \(problem)")
  }
}

extension Settings {
  /// The URL of a service under these settings, in the session's region or another one.
  /// - Throws: `CallError` of category `.configuration` that names the settings which caused it.
  public func endpointURL(of service: AWSService, region other: String? = nil) throws(CallError) -> URLParts {
    let override = try configuredEndpoint(of: service)
    do throws(CallError) {
      return try Endpoint.resolve(
        service: service.hostPrefix, region: other ?? region?.value, override: override?.value,
        useFIPS: useFIPS.value, useDualStack: useDualStack.value)
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
