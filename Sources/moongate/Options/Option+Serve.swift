// Options of `moongate serve`.
import LocalGateway

extension Option {
  static let ofServe: [Option] = [
    Option(name: "port", argument: "N", section: .serve, help: "port to listen on; 0 picks a free one") {
      (arguments, value) throws(UsageError) in arguments.port = try number(value, "--port", 0...65_535)
    },
    Option(name: "ephemeral", section: .serve, help: "keep nothing: the world is in memory") {
      (arguments, _) throws(UsageError) in arguments.isEphemeral = true
    },
    Option(
      name: "credentials", argument: "FILE", section: .serve,
      help: "more keys: accounts, session tokens, regions; the built-in key stays"
    ) {
      (arguments, value) throws(UsageError) in arguments.credentialsFile = value
    },
    Option(
      name: "fault", argument: "RULE", section: .serve, verbs: [.run, .test, .serve],
      help: "let something go wrong, see below; may be repeated"
    ) {
      (arguments, value) throws(UsageError) in
      do throws(FaultRuleError) {
        arguments.faults.append(try FaultRule(value))
      } catch {
        throw UsageError(message: "--fault: \(error.message)")
      }
    },
    Option(
      name: "fault-seed", argument: "N", section: .serve, verbs: [.run, .test, .serve],
      help: "what the faults' chances follow from; the same N, the same faults (default 1)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.faultSeed = Int64(try number(value, "--fault-seed", 0...Int.max))
    },
    Option(
      name: "log", argument: "text|json", section: .serve, help: "a line on stderr for every request"
    ) {
      (arguments, value) throws(UsageError) in
      guard let format = AccessLog.Format(rawValue: value) else {
        throw UsageError(message: "--log is text or json, not '\(value)'")
      }
      arguments.logFormat = format
    },
    Option(
      name: "control", section: .serve,
      help: "open a control endpoint on loopback; the ready line tells where, and its token"
    ) {
      (arguments, _) throws(UsageError) in arguments.hasControl = true
    },
    Option(
      name: "bind", argument: "ADDRESS", section: .serve,
      help: "listen there instead of on 127.0.0.1; beyond loopback everybody can use it"
    ) {
      (arguments, value) throws(UsageError) in
      guard let address = IPAddress(value) else {
        throw UsageError(message: "--bind takes an IP address as 127.0.0.1, ::1 or 0.0.0.0, not '\(value)'")
      }
      arguments.bindAddress = address
    },
    Option(
      name: "host", argument: "NAME", section: .serve,
      help: "another name that clients call this server by; may be repeated"
    ) {
      (arguments, value) throws(UsageError) in arguments.hostNames.insert(value.lowercased())
    },
  ]
}
