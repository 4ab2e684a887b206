// Options of limits: how much code may use.
import AWSCore

extension Option {
  static let ofLimits: [Option] = [
    Option(
      name: "max-memory", argument: "SIZE", section: .limits, verbs: [.run, .test, .serve],
      help: "memory that scripts may use, as in 256M (default 1G)"
    ) {
      (arguments, value) throws(UsageError) in
      let bytes = try size(value, "--max-memory")
      guard (1 << 20...1 << 42).contains(bytes) else {
        throw UsageError(message: "--max-memory takes at least 1M and at most 4096G, not '\(value)'")
      }
      arguments.memoryLimit = bytes
    },
    Option(
      name: "timeout", argument: "DURATION", section: .limits,
      help: "how long a run may take, as in 90s or 2h (default no limit)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.timeLimit = try seconds(value, "--timeout")
    },
    Option(
      name: "max-busy", argument: "DURATION", section: .limits,
      help: "how long code may compute without waiting for anything (default no limit)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.busyLimit = try seconds(value, "--max-busy")
    },
  ]

  private static func seconds(_ text: String, _ name: String) throws(UsageError) -> Double {
    guard let seconds = Duration(text)?.inSeconds, seconds > 0 else {
      throw UsageError(message: "\(name) takes a duration as in 90s or 2h, not '\(text)'")
    }
    return seconds
  }
}
