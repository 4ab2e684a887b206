// Options of the session: whom the operations talk to.
import Host

extension Option {
  static let ofSession: [Option] = [
    Option(
      name: "profile", argument: "NAME", section: .session, verbs: [.run, .doctor],
      help: "profile of ~/.aws/config"
    ) {
      (arguments, value) throws(UsageError) in arguments.profile = value
    },
    Option(
      name: "region", argument: "REGION", section: .session, verbs: [.run, .test, .serve, .doctor],
      help: "AWS region, as in eu-central-1"
    ) {
      (arguments, value) throws(UsageError) in arguments.region = value
    },
    Option(
      name: "profiles", argument: "NAME,…", section: .session, verbs: [.run],
      help: "the profiles of fleet(), as in dev,prod"
    ) {
      (arguments, value) throws(UsageError) in try add(value, to: &arguments.profiles, "--profiles")
    },
    Option(
      name: "regions", argument: "REGION,…|all", section: .session,
      help: "the regions of fleet(); all: wherever the service is"
    ) {
      (arguments, value) throws(UsageError) in
      var names: [String] = []
      if case .named(let known)? = arguments.regions { names = known }
      guard value != "all" || names.isEmpty, arguments.regions == nil || !names.isEmpty else {
        throw UsageError(message: "--regions is a list of regions or all, not both")
      }
      if value == "all" {
        arguments.regions = .all
      } else {
        try add(value, to: &names, "--regions")
        arguments.regions = .named(names)
      }
    },
    Option(
      name: "endpoint", argument: "URL", section: .session, verbs: [.run, .doctor],
      help: "send requests there instead of to AWS"
    ) {
      (arguments, value) throws(UsageError) in arguments.endpoint = value
    },
    Option(
      name: "local", section: .session, verbs: [.run, .test, .doctor],
      help: "use an embedded local gateway with a sample fleet, no AWS account needed"
    ) {
      (arguments, _) throws(UsageError) in arguments.isLocal = true
    },
    Option(
      name: "data", argument: "DIR", section: .session, verbs: [.run, .serve, .doctor],
      help: "keep the local gateway's world in this folder"
    ) {
      (arguments, value) throws(UsageError) in arguments.dataFolder = value
    },
  ]

  /// Adds the names of a list with commas.
  private static func add(_ text: String, to names: inout [String], _ option: String) throws(UsageError) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard !part.isEmpty, !names.contains(String(part)) else {
        throw UsageError(
          message: part.isEmpty
            ? "\(option) takes names with commas between, not '\(text)'" : "\(option) has '\(part)' twice")
      }
      names.append(String(part))
    }
  }
}
