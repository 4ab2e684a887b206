// Options of local worlds: what --local and serve begin with.

extension Option {
  static let ofWorld: [Option] = [
    Option(
      name: "seed", argument: "sample|empty|FILE", section: .world, verbs: [.run, .test, .serve],
      help: "what a new local world begins with; FILE is JSON or Lua, as docs/local-gateway.md has it"
    ) {
      (arguments, value) throws(UsageError) in
      // A bare word is a slip of one of the two names, not a file.
      guard
        ["sample", "empty"].contains(value) || value.contains("/") || value.hasSuffix(".json")
          || value.hasSuffix(".lua")
      else {
        throw UsageError(
          message: "--seed is sample, empty or a file whose name ends in .json or .lua, not '\(value)'")
      }
      arguments.seed = value
    },
    Option(
      name: "vms", argument: "N", section: .world, verbs: [.run, .test, .serve],
      help: "virtual machines in the sample fleet (default 250)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.virtualMachines = try number(value, "--vms", 0...10_000_000)
    },
  ]
}
