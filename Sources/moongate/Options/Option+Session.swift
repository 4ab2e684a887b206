// Options of the session: whom the operations talk to.

extension Option {
  static let ofSession: [Option] = [
    Option(name: "profile", argument: "NAME", section: .session, help: "profile of ~/.aws/config") {
      (arguments, value) throws(UsageError) in arguments.profile = value
    },
    Option(name: "region", argument: "REGION", section: .session, help: "AWS region, as in eu-central-1") {
      (arguments, value) throws(UsageError) in arguments.region = value
    },
    Option(
      name: "endpoint", argument: "URL", section: .session, help: "send requests there instead of to AWS"
    ) {
      (arguments, value) throws(UsageError) in arguments.endpoint = value
    },
    Option(
      name: "local", section: .session,
      help: "use an embedded local gateway with a sample fleet, no AWS account needed"
    ) {
      (arguments, _) throws(UsageError) in arguments.isLocal = true
    },
    Option(
      name: "data", argument: "DIR", section: .session, help: "keep the local gateway's world in this folder"
    ) {
      (arguments, value) throws(UsageError) in arguments.dataFolder = value
    },
  ]
}
