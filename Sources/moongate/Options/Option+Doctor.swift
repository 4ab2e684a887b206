// Options of `moongate doctor`: how much it may send.

extension Option {
  static let ofDoctor: [Option] = [
    Option(
      name: "offline", section: .doctor,
      help: "send nothing; without it one unsigned request asks the endpoint for its clock"
    ) {
      (arguments, _) throws(UsageError) in arguments.isOffline = true
    },
    Option(
      name: "signed", section: .doctor,
      help: "find credentials as a run does, which may ask other services, and call ListGateways once"
    ) {
      (arguments, _) throws(UsageError) in arguments.isSigned = true
    },
  ]
}
