// WorkerSession: what a worker knows of a session of the host's: whom it talks to, and nothing that it could be reached by.
import AWSCore
import Host

struct WorkerSession: Equatable {
  /// What a fleet calls it.
  var name: String
  /// What stands for the profile.
  var label: String
  var region: String?
  var account: String?
  /// Why there is no such session.
  var problem: String?

  init(
    name: String, label: String, region: String? = nil, account: String? = nil, problem: String? = nil
  ) {
    self.name = name
    self.label = label
    self.region = region
    self.account = account
    self.problem = problem
  }

  init(_ session: Session) {
    let facts = session.facts
    let place = session.place
    let end = "/" + (facts.region ?? "no region")
    self.init(
      name: session.name, label: place.hasSuffix(end) ? String(place.dropLast(end.count)) : facts.profile,
      region: facts.region, account: facts.account)
  }

  var value: Value {
    [
      "name": .string(name), "label": .string(label), "region": region.map(Value.string) ?? .null,
      "account": account.map(Value.string) ?? .null, "problem": problem.map(Value.string) ?? .null,
    ]
  }

  init?(_ value: Value) {
    guard let name = value["name"]?.string, let label = value["label"]?.string else { return nil }
    self.init(
      name: name, label: label, region: value["region"]?.string, account: value["account"]?.string,
      problem: value["problem"]?.string)
  }
}
