// Rehearsal: what a dry run answers in the place of the service: for a write that was withheld its response, as far as
// its parameters tell it, with placeholders for the ARNs it would have made; for reading such a placeholder a record
// with its ARN only.
import AWSCore
import BackupGateway

struct Rehearsal {
  /// How ids of this service begin, by kind.
  private static let prefixes: [ResourceKind: String] = [
    .gateway: "bgw", .hypervisor: "hype", .virtualMachine: "vm",
  ]
  private static let mark = "-DRYRUN"

  private var lastNumber = 0

  /// True for an ARN that a dry run made up.
  static func isPlaceholder(_ text: String) -> Bool { Arn(text)?.id.contains(mark) ?? false }

  /// The first placeholder that a request names.
  static func placeholder(in request: Request) -> Arn? {
    request.arns.lazy.map(\.arn).first(where: isPlaceholder).flatMap { Arn($0) }
  }

  /// The response of a write that is withheld.
  mutating func response(to request: Request, _ facts: SessionFacts) -> Value.Object {
    var response = Value.Object()
    for member in request.operation.output.members {
      if let told = request.parameters[member.name] {
        response[member.name] = told
      } else if let kind = member.shape.resources.first {
        response[member.name] = .string(placeholder(kind, request, facts).description)
      }
    }
    return response
  }

  /// The response of reading a placeholder: its ARN where the output has it, and lists without items.
  static func response(to request: Request, reading arn: Arn) -> Value.Object {
    record(request.operation.output, arn, hasLists: true)
  }

  private static func record(_ shape: Shape, _ arn: Arn, hasLists: Bool) -> Value.Object {
    var record = Value.Object()
    for member in shape.members {
      switch member.shape.kind {
      case .string where member.shape.resources.contains(arn.kind):
        record[member.name] = .string(arn.description)
      case .structure:
        let inner = Self.record(member.shape, arn, hasLists: false)
        if !inner.isEmpty { record[member.name] = .object(inner) }
      case .list where hasLists: record[member.name] = []
      default: break
      }
    }
    return record
  }

  private mutating func placeholder(_ kind: ResourceKind, _ request: Request, _ facts: SessionFacts) -> Arn {
    lastNumber += 1
    let number = String(lastNumber)
    let digits = String(repeating: "0", count: max(0, 7 - number.count)) + number
    let known = request.arns.lazy.compactMap { Arn($0.arn) }.first
    let region = facts.region ?? known?.region ?? "us-east-1"
    // The ARNs of this service know three partitions.
    let partition = Partition.of(region: region).name
    return Arn(
      partition: Arn.partitions.contains(partition) ? partition : "aws", region: region,
      account: facts.account ?? known?.account ?? "000000000000", kind: kind,
      id: "\(Self.prefixes[kind] ?? kind.rawValue)\(Self.mark)\(digits)")
  }
}
