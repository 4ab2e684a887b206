// Partition: the separate sets of AWS regions, each with DNS names of its own. Source: partitions.json, version 1.1, as
// published with the AWS SDKs.

public struct Partition: Sendable {
  /// As in the second field of an ARN.
  public let name: String
  /// How its regions begin; a word and a number follow, as in `eu-central-1`.
  let prefixes: [String]
  let dnsSuffix: String
  /// Of hosts that IPv6 reaches too.
  let dualStackSuffix: String
  /// Those that are known, and the partition's pseudo-region.
  let regions: [String]

  /// The partition of a region: the one that lists it, else the one whose pattern it fits, else `aws`.
  public static func of(region: String) -> Partition {
    all.first { $0.regions.contains(region) } ?? all.first { $0.matches(region) } ?? aws
  }

  /// True for a region that some partition lists, pseudo-regions left out.
  public static func isKnown(region: String) -> Bool {
    !region.hasSuffix("-global") && all.contains { $0.regions.contains(region) }
  }

  /// `PREFIX-WORD-NUMBER`.
  private func matches(_ region: String) -> Bool {
    prefixes.contains { prefix in
      guard region.hasPrefix("\(prefix)-") else { return false }
      let rest = region.utf8.dropFirst(prefix.utf8.count + 1)
      let parts = rest.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
        && parts[0].allSatisfy { isLetter($0) || isDigit($0) } && parts[1].allSatisfy(isDigit)
    }
  }

  static let all = [
    aws,
    Partition(
      name: "aws-cn", prefixes: ["cn"], dnsSuffix: "amazonaws.com.cn",
      dualStackSuffix: "api.amazonwebservices.com.cn",
      regions: ["aws-cn-global", "cn-north-1", "cn-northwest-1"]),
    Partition(
      name: "aws-us-gov", prefixes: ["us-gov"], dnsSuffix: "amazonaws.com", dualStackSuffix: "api.aws",
      regions: ["aws-us-gov-global", "us-gov-east-1", "us-gov-west-1"]),
    Partition(
      name: "aws-iso", prefixes: ["us-iso"], dnsSuffix: "c2s.ic.gov", dualStackSuffix: "api.aws.ic.gov",
      regions: ["aws-iso-global", "us-iso-east-1", "us-iso-west-1"]),
    Partition(
      name: "aws-iso-b", prefixes: ["us-isob"], dnsSuffix: "sc2s.sgov.gov", dualStackSuffix: "api.aws.scloud",
      regions: ["aws-iso-b-global", "us-isob-east-1", "us-isob-west-1"]),
    Partition(
      name: "aws-iso-e", prefixes: ["eu-isoe"], dnsSuffix: "cloud.adc-e.uk",
      dualStackSuffix: "api.cloud-aws.adc-e.uk", regions: ["aws-iso-e-global", "eu-isoe-west-1"]),
    Partition(
      name: "aws-iso-f", prefixes: ["us-isof"], dnsSuffix: "csp.hci.ic.gov",
      dualStackSuffix: "api.aws.hci.ic.gov",
      regions: ["aws-iso-f-global", "us-isof-east-1", "us-isof-south-1"]),
    Partition(
      name: "aws-eusc", prefixes: ["eusc-de"], dnsSuffix: "amazonaws.eu",
      dualStackSuffix: "api.amazonwebservices.eu", regions: ["eusc-de-east-1"]),
  ]

  private static let aws = Partition(
    name: "aws", prefixes: ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"], dnsSuffix: "amazonaws.com",
    dualStackSuffix: "api.aws",
    regions: [
      "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
      "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
      "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "aws-global", "ca-central-1", "ca-west-1",
      "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2",
      "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1",
      "us-east-2", "us-west-1", "us-west-2",
    ])
}

/// True for one label of a host name (RFC 1123) that is not a bare number: what a region must be, because it
/// is pasted into the name of the host that receives signed requests.
public func isHostLabel(_ text: some StringProtocol) -> Bool {
  let bytes = Substring(text).utf8
  let hyphen = UInt8(ascii: "-")
  return (1...63).contains(bytes.count) && bytes.first != hyphen && bytes.last != hyphen
    && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen } && !bytes.allSatisfy(isDigit)
}
