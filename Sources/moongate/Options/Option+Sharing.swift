// Options of shared code: code of somebody else's, and what it may use.
import AWSCore
import Scripts

extension Option {
  static let ofSharing: [Option] = [
    Option(
      name: "untrusted", section: .sharing, verbs: [.run],
      help: "run FILE as somebody else's code: in a process without credentials, files or network"
    ) {
      (arguments, _) throws(UsageError) in arguments.isUntrusted = true
    },
    Option(
      name: "max-output", argument: "SIZE", section: .sharing, verbs: [.run],
      help: "what it may print, as in 64M (default 8M)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.sharedLimits.output = try size(value, "--max-output")
    },
    Option(
      name: "max-calls", argument: "N", section: .sharing, verbs: [.run],
      help: "how many calls of the service it may make (default 500)"
    ) {
      (arguments, value) throws(UsageError) in
      arguments.sharedLimits.calls = try number(value, "--max-calls", 0...Int(UInt32.max))
    },
    Option(
      name: "key", argument: "FILE", section: .sharing,
      help: "sign with this key, or with an agent's whose .pub this is (default: signing_key of [trust], "
        + "else ~/.ssh/id_ed25519, id_ecdsa or id_rsa)"
    ) {
      (arguments, value) throws(UsageError) in arguments.signingKey = value
    },
    Option(
      name: "as", argument: "NAME", section: .sharing,
      help: "whom a key belongs to that is trusted from now on"
    ) {
      (arguments, value) throws(UsageError) in arguments.principal = value
    },
    Option(
      name: "until", argument: "DATE", section: .sharing,
      help: "how long it is trusted, as in 2027-01-01, which is midnight UTC (default: for ever)"
    ) {
      (arguments, value) throws(UsageError) in
      guard let time = Timestamp(iso8601: value + "T00:00:00Z") ?? SignerOptions.time(value) else {
        throw UsageError(message: "--until takes a date as in 2027-01-01, not \(quoted(value))")
      }
      arguments.trustedUntil = time
    },
    Option(
      name: "fingerprint", argument: "SHA256:…", section: .sharing,
      help: "the key that is meant, as its owner told you by another way; given in advance, nothing is asked"
    ) {
      (arguments, value) throws(UsageError) in arguments.fingerprint = value
    },
    Option(
      name: "hash", argument: "HASH", section: .sharing,
      help: "add or update exactly the bytes of this SHA-256 without being asked; may be repeated"
    ) {
      (arguments, value) throws(UsageError) in
      guard let hash = RevocationList.hash(value) else {
        throw UsageError(message: "--hash takes sha256: and 64 digits, not \(quoted(value))")
      }
      arguments.hashes.insert(hash)
    },
    Option(
      name: "pull", section: .sharing,
      help: "before an update, git pull --ff-only in registries that are git checkouts"
    ) {
      (arguments, _) throws(UsageError) in arguments.pulls = true
    },
    Option(name: "unsigned", section: .sharing, help: "publish without a signature") {
      (arguments, _) throws(UsageError) in arguments.isUnsigned = true
    },
  ]
}
