// Options of shared code: code of somebody else's, and what it may use.
import AWSCore
import Scripts

extension Option {
  static let ofSharing: [Option] = [
    Option(
      name: "untrusted", section: .sharing,
      help: "run FILE as somebody else's code: in a process without credentials, files or network"
    ) {
      (arguments, _) throws(UsageError) in arguments.isUntrusted = true
    },
    Option(
      name: "max-output", argument: "SIZE", section: .sharing,
      help: "what it may print, as in 64M (default 8M)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.sharedLimits.output = try size(value, "--max-output")
    },
    Option(
      name: "max-calls", argument: "N", section: .sharing,
      help: "how many calls of the service it may make (default 500)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.sharedLimits.calls = try number(value, "--max-calls", 0...Int(UInt32.max))
    },
  ]
}
