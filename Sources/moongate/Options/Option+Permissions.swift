// Options of permissions: what code may write, and where that is written down.
import Host

extension Option {
  static let ofPermissions: [Option] = [
    Option(
      name: "allow", argument: "OPERATION[:ARN]", section: .permissions,
      help: "let scripts call this writing operation, perhaps only on ARNs that match a pattern with *; "
        + "may be repeated"
    ) {
      (arguments, value) throws(UsageError) in
      do throws(AllowRule.Problem) {
        arguments.permissions.allowed.append(try AllowRule(value))
      } catch {
        throw UsageError(message: "--allow \(error.message)")
      }
    },
    Option(
      name: "max-writes", argument: "N", section: .permissions,
      help: "send at most so many writing requests in a run"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.permissions.mostWrites = try number(value, "--max-writes", 0...Int.max)
    },
    Option(
      name: "read-only", section: .permissions, help: "refuse every writing operation, at the prompt too"
    ) {
      (arguments, _) throws(UsageError) in arguments.permissions.isReadOnly = true
    },
    Option(
      name: "dry-run", section: .permissions,
      help: "rehearse: show each writing request and send none"
    ) {
      (arguments, _) throws(UsageError) in arguments.permissions.isDryRun = true
    },
    Option(
      name: "grant", argument: "WHAT", section: .permissions, verbs: [.run, .test],
      help: "let code reach beyond the service: read=DIR, write=DIR, env=NAME, run, endpoint=URL; "
        + "may be repeated"
    ) {
      (arguments, value) throws(UsageError) in arguments.grants.append(value)
    },
    Option(
      name: "trust", section: .permissions,
      help: "give own scripts the full standard library: debug, package, io, os (docs/safety.md)"
    ) {
      (arguments, _) throws(UsageError) in arguments.isTrusted = true
    },
    Option(
      name: "audit", argument: "FILE|off", section: .permissions,
      help: "where decisions about writes are written down "
        + "(default ~/.local/state/moongate/audit.log)"
    ) {
      (arguments, value) throws(UsageError) in
      guard !value.isEmpty else { throw UsageError(message: "--audit takes a file, or off") }
      arguments.audit = value == "off" ? .off : .file(value)
    },
  ]
}
