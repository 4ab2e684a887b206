// Rules: what AWS does not say in public and the local gateway had to decide. Each decision stands in this folder and
// nowhere else, and in docs/local-gateway.md, so that it can be changed when somebody learns better. Here: errors,
// requests and listings; beside this file, by resource, what the world is like.
import AWSCore
import BackupGateway

enum Rules {
  // MARK: Errors

  /// ErrorCode is a member of every error, its values are undocumented: the error's name without `Exception`.
  static func errorCode(of fault: Fault) -> String {
    let suffix = "Exception"
    return fault.name.hasSuffix(suffix) ? String(fault.name.dropLast(suffix.count)) : fault.name
  }

  /// awsJson ignores the model's HTTP statuses; the API reference says 400 for the caller's mistakes and 500
  /// for the service's.
  static func jsonStatus(of fault: Fault) -> Int {
    ["InternalServerException": 500, "ServiceUnavailableException": 503][fault.name] ?? 400
  }

  /// rpcv2Cbor has the model's statuses. The framework's errors are in no model: those about who calls are 403
  /// as in AWS's REST protocols, what leads nowhere is 404 as in Smithy's own servers.
  static func cborStatus(of fault: Fault) -> Int {
    if fault.origin == .service, let status = Service.errorStatus[fault.name] { return status }
    switch fault.name {
    case "UnknownOperationException": return 404
    case "SerializationException": return 400
    case "ServiceUnavailableException": return 503
    default: return 403
    }
  }

  /// The framework's errors have no ErrorCode and a lower-case `message`, as other AWS JSON services send
  /// them.
  static func messageMember(of fault: Fault) -> String { fault.origin == .service ? "Message" : "message" }

  /// A request that breaks a constraint or lacks a member is answered with all that is wrong; of very much with the
  /// beginning, so that no answer is larger than what was asked.
  static func invalid(_ issues: [ValidationIssue]) -> Fault {
    var problems = issues.prefix(100).map(\.message)
    if issues.count > problems.count { problems.append("and \(issues.count - problems.count) more") }
    return .validation(
      "\(issues.count) validation error\(issues.count == 1 ? "" : "s") detected: "
        + problems.joined(separator: "; "))
  }

  /// A body that is not in the protocol's form, or a member of another type than the model's.
  static func unreadable(_ message: String) -> Fault { .framework("SerializationException", message) }

  /// A request that names no operation in the way its protocol does.
  static func unrouted(_ message: String) -> Fault { .framework("UnknownOperationException", message) }

  /// One pattern serves the ARNs of all kinds, so a gateway's passes where a hypervisor's belongs: that is
  /// the caller's mistake, not a resource that is missing.
  static func wrongKind(_ member: String, _ arn: String, wanted: [ResourceKind]) -> Fault {
    let kinds = wanted.map(\.noun).joined(separator: " or a ")
    return .validation("\(member) must be the ARN of a \(kinds), got '\(arn)'")
  }

  /// A resource that does not exist is ResourceNotFoundException where an operation declares that, and the caller's
  /// mistake where it does not (AssociateGatewayToServer).
  static func missing(_ arn: Arn, in operation: BackupGateway.Operation) -> Fault {
    let fault = Fault.notFound(arn.kind, arn.description)
    return operation.errors.contains(fault.name) ? fault : .validation(fault.message)
  }

  /// A resource of another account or region is unknown to a call, not forbidden.
  static func sees(_ world: World, _ arn: Arn) -> Bool {
    arn.region == world.region && arn.account == world.account
  }

  /// ListVirtualMachines does not declare ResourceNotFoundException: an unknown hypervisor has no virtual
  /// machines.
  static func listNothing(ofUnknown hypervisor: Arn) throws(Fault) {}

  /// An operation that this server does not serve. Says whether the service has it or nobody does.
  static func unserved(_ name: String, served: [String]) -> Fault {
    let message =
      Service.operation(name) == nil
      ? "'\(name.prefix(100))' is no operation that this local gateway knows."
      : "\(name) is an operation of AWS Backup Gateway that this local gateway does not serve."
    return .framework("UnknownOperationException", "\(message) It serves \(listed(served)).")
  }

  // MARK: Requests

  /// The headers that must be under the signature when they are present: what decides where a request goes
  /// and what it means. Content-Type is left to the client.
  static func mustBeSigned(_ header: String) -> Bool {
    HTTPHeaders.areSameName(header, "Host") || HTTPHeaders.isName(header, beginningWith: "X-Amz-")
  }

  /// How far a request's date may be from the server's clock, in seconds: 15 minutes either way, as AWS's own
  /// messages say.
  static let clockTolerance: Int64 = 15 * 60

  /// A key may be limited to some regions. What AWS says then depends on how the account is set up; a denied
  /// action is what operators meet.
  static func wrongRegion(_ region: String, of key: AccessKey) -> Fault {
    .framework(
      "AccessDeniedException",
      "User: arn:\(partition(of: region)):iam::\(key.account):user/local is not authorized to call this service "
        + "in \(region): its key is for \(listed((key.regions ?? []).sorted())).")
  }

  /// The partition is not part of a signature: it follows from the region's name. Those that the model's ARNs
  /// do not name count as `aws`.
  static func partition(of region: String) -> String {
    let name = Partition.of(region: region).name
    return Arn.partitions.contains(name) ? name : "aws"
  }

  // MARK: Listings

  /// Neither the default nor the largest size of a page is documented. More than the largest is not an error.
  static func pageSize(_ asked: Int64?) -> Int { Int(min(asked ?? 100, 1_000)) }

  /// What a page token is bound to: it is refused in another operation, world or filter.
  static func tokenScope(operation: String, world: World, filter: String) -> String {
    [operation, world.account, world.region, filter].joined(separator: "|")
  }
}
