// Regions: where AWS Backup Gateway is. For advice only: hosts are computed, so a region that is missing here can be
// called all the same. Source: endpoints.json, as published with the AWS SDKs, as of 2026-08.
import AWSCore

extension Service {
  /// 21 of the partition aws, 2 of aws-us-gov; none of any other.
  public static let regions = [
    "af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
    "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-south-1",
    "eu-west-1", "eu-west-2", "eu-west-3", "me-south-1", "sa-east-1", "us-east-1", "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1", "us-west-1", "us-west-2",
  ]

  /// The region of the service that was most likely meant; nil when none is near.
  static func nearestRegion(to name: String) -> String? { nearest(to: name, in: regions) }

  /// True for what AWS lists as a region, whether the service is there or not.
  public static func isRegion(_ name: String) -> Bool { Partition.isKnown(region: name) }

  /// A sentence on why a host of this region may not be there; nil when the service is in the region.
  public static func doubt(about region: String) -> String? {
    if regions.contains(region) { return nil }
    if Partition.isKnown(region: region) { return "AWS Backup Gateway is not known to be in \(region)." }
    let hint = nearestRegion(to: region).map { "; did you mean \($0)?" } ?? "."
    return "AWS lists no region '\(region)'\(hint)"
  }
}
