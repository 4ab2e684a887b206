// Options of limits: how much code may use.

extension Option {
  static let ofLimits: [Option] = [
    Option(
      name: "max-memory", argument: "SIZE", section: .limits,
      help: "memory that scripts may use, as in 256M (default 1G)"
    ) {
      (arguments, value) throws(UsageError) in arguments.memoryLimit = try size(value)
    }
  ]
}
