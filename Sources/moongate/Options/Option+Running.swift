// Options of running: what to run, and what is told of it.
import Glibc
import Host

extension Option {
  static let ofRunning: [Option] = [
    Option(name: "execute", letter: "e", argument: "CODE", section: .running, help: "run this Lua code") {
      (arguments, value) throws(UsageError) in
      guard arguments.code == nil else { throw UsageError(message: "give -e once; join statements with ';'") }
      arguments.code = value
    },
    Option(
      name: "secret", argument: "NAME=FROM", section: .running,
      help: "what secret(\"NAME\") gives a script: @FILE, env:VARIABLE, or - for a line of standard input; "
        + "may be repeated"
    ) {
      (arguments, value) throws(UsageError) in arguments.secrets.append(try SecretSource(value))
    },
    Option(
      name: "record", argument: "FILE", section: .running,
      help: "write every call and its answer into a new cassette, without secrets"
    ) {
      (arguments, value) throws(UsageError) in arguments.recordFile = value
    },
    Option(
      name: "replay", argument: "FILE", section: .running, verbs: [.run, .test],
      help: "answer from a cassette, at the times of the recording; nothing is sent"
    ) {
      (arguments, value) throws(UsageError) in arguments.replayFile = value
    },
    Option(
      name: "output", argument: "FORM", section: .running, verbs: [.run, .test, .snippet, .doctor],
      help: "what show() writes: \(OutputForm.list) (default: a table on a terminal, else JSON)"
    ) {
      (arguments, value) throws(UsageError) in
      guard let form = OutputForm(rawValue: value) else {
        throw UsageError(message: "--output is \(OutputForm.list), not '\(value)'")
      }
      arguments.output = form
    },
    Option(
      name: "shard", argument: "I/N", section: .running,
      help:
        "do this part of the work, as in 2/8: what shard() keeps, and the targets of a fleet (default: what a "
        + "scheduler of array jobs says)"
    ) {
      (arguments, value) throws(UsageError) in
      guard arguments.shard == nil else { throw UsageError(message: "give --shard once") }
      if case .unusable(let problem) = ArrayJob.part(value, "--shard") { throw UsageError(message: problem) }
      arguments.shard = value
    },
    Option(
      name: "debug", section: .running, verbs: [.run, .test],
      help: "tell on stderr what is signed, sent and answered; never a secret"
    ) {
      (arguments, _) throws(UsageError) in arguments.isDebug = true
    },
    Option(
      name: "norc", section: .running, verbs: Verb.allCases,
      help: "read neither ~/.config/moongate/config nor, at the prompt, init.lua beside it and ~/.editrc"
    ) {
      (arguments, _) throws(UsageError) in arguments.isPlain = true
    },
    Option(name: "no-color", section: .running, verbs: Verb.allCases, help: "no colours") {
      (_, _) throws(UsageError) in
      // The convention of no-color.org, which everything that colours looks at.
      _ = unsafe setenv("NO_COLOR", "1", 1)
    },
    Option(name: "help", letter: "h", section: .running, verbs: Verb.allCases, help: "show this text") {
      (arguments, _) throws(UsageError) in arguments.wantsHelp = true
    },
    Option(name: "version", section: .running, verbs: Verb.allCases, help: "show the version") {
      (arguments, _) throws(UsageError) in arguments.wantsVersion = true
    },
    Option(
      name: "verbose", section: .running, verbs: [],
      help: "with --version: the commit, and every library with its version and how it is linked"
    ) {
      (arguments, _) throws(UsageError) in arguments.isVerbose = true
    },
  ]
}
