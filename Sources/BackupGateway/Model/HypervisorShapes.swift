// HypervisorShapes: the rows of the model that describe hypervisors, their credentials and their tag mappings.

extension Shape {
  static let host = Shape("Host", .string, min: 3, max: 128, pattern: ".+")
  static let username = Shape(
    "Username", .string, min: 1, max: 100, pattern: #"[ -\.0-\[\]-~]*[!-\.0-\[\]-~][ -\.0-\[\]-~]*"#,
    sensitive: true)
  static let password = Shape("Password", .string, min: 1, max: 100, pattern: "[ -~]+", sensitive: true)
  static let kmsKeyArn = Shape(
    "KmsKeyArn", .string, min: 50, max: 500,
    pattern:
      #"(^arn:(aws|aws-cn|aws-us-gov):kms:([a-zA-Z0-9-]+):([0-9]+):(key|alias)/(\S+)$)|(^alias/(\S+)$)"#)
  static let logGroupArn = Shape(
    "LogGroupArn", .string, min: 0, max: 2048,
    pattern:
      #"$|^arn:(aws|aws-cn|aws-us-gov):logs:([a-zA-Z0-9-]+):([0-9]+):log-group:[a-zA-Z0-9_\-\/\.]+:\*"#)
  static let iamRoleArn = Shape(
    "IamRoleArn", .string, min: 20, max: 2048,
    pattern: #"arn:(aws|aws-cn|aws-us-gov):iam::([0-9]+):role/(\S+)"#)
  static let hypervisorState = Shape(
    "HypervisorState", .string, values: ["PENDING", "ONLINE", "OFFLINE", "ERROR"])
  static let syncMetadataStatus = Shape(
    "SyncMetadataStatus", .string, values: ["CREATED", "RUNNING", "FAILED", "PARTIALLY_FAILED", "SUCCEEDED"])

  private static let hypervisorMembers = [
    Member("HypervisorArn", .serverArn, "The ARN of the hypervisor."),
    Member("Host", .host, "Its IP address or fully qualified domain name."),
    Member("Name", .name, "The name that people gave it."),
    Member("KmsKeyArn", .kmsKeyArn, "The key that encrypts its credentials."),
    Member("State", .hypervisorState, "Whether a gateway can reach it."),
  ]
  static let hypervisor = Shape("Hypervisor", .structure(hypervisorMembers))
  static let hypervisors = Shape("Hypervisors", .list(of: .hypervisor))
  static let hypervisorDetails = Shape(
    "HypervisorDetails",
    .structure(
      hypervisorMembers + [
        Member("LogGroupArn", .logGroupArn, "The log group that its gateways write to."),
        Member(
          "LastSuccessfulMetadataSyncTime", .time, "When VMware tags were last copied without an error."),
        Member(
          "LatestMetadataSyncStatus", .syncMetadataStatus, "How the latest copying of VMware tags went."),
        Member("LatestMetadataSyncStatusMessage", .string, "What the service says about it."),
      ]))

  static let vmwareToAwsTagMapping = Shape(
    "VmwareToAwsTagMapping",
    .structure([
      Member("VmwareCategory", .vmwareCategory, required: true, "The category of the VMware tag."),
      Member("VmwareTagName", .vmwareTagName, required: true, "The name of the VMware tag."),
      Member("AwsTagKey", .tagKey, required: true, "The key of the AWS tag that stands for it."),
      Member("AwsTagValue", .tagValue, required: true, "The value of that AWS tag."),
    ]))
  static let vmwareToAwsTagMappings = Shape("VmwareToAwsTagMappings", .list(of: .vmwareToAwsTagMapping))
}
