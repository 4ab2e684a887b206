// The commands of trust: who signed a file, whose signatures are believed, and signing.
import AWSCore
import Glibc
import Host
import Scripts

extension SnippetCommand {
  static let ofTrust: [SnippetCommand] = [
    SnippetCommand(
      name: "verify", arguments: "[NAME…|FILE…]",
      summary:
        "look at every byte that was added: 1 where something is wrong. Of a file, which has a / or ends in .lua, "
        + "say who signed it, by the FILE.sig beside it: 251 unless it is verified", names: .added
    ) { arguments throws(Failure) in
      let files = arguments.rest.filter(Command.isFile)
      guard files.count == arguments.rest.count || files.isEmpty else {
        throw .usage("verify takes names of snippets or files, not both")
      }
      return files.isEmpty
        ? try reporting { () throws(Report) in try verifyAdded(arguments) } : try verify(arguments)
    },
    SnippetCommand(
      name: "sign", arguments: "FILE… [--key FILE]",
      summary: "sign each file with an SSH key of yours; the signature is FILE.sig"
    ) { arguments throws(Failure) in try sign(arguments) },
    SnippetCommand(
      name: "trust", arguments: "[KEYFILE|SHA256:… --as NAME [--until DATE] [--fingerprint SHA256:…]]",
      summary:
        "believe what a key signs, from a .pub or .sig file, or that of a registry's signature; alone, list whose keys are believed"
    ) { arguments throws(Failure) in
      arguments.rest.isEmpty ? try listSigners(arguments) : try TrustQuestion(arguments).run()
    },
  ]

  // MARK: verify

  private static func verify(_ arguments: Arguments) throws(Failure) -> Int32 {
    let environment = Environment.process()
    let trust = try trust(arguments, environment)
    var code = ExitCode.ok
    for file in arguments.rest {
      let verdict = try verdict(on: file, trust, environment)
      let line = "\(quoted(file)): \(verdict.text)"
      if case .verified = verdict {
        print(line)
      } else {
        Command.tell("moongate: \(line)")
        code = ExitCode.refused
      }
    }
    return code
  }

  private static func verifyAdded(_ arguments: Arguments) throws(Report) -> Int32 {
    let rows = try arguments.snippets().verify(arguments.rest)
    let wrong = rows.filter { $0.problem != nil }
    for (name, problem) in wrong { Command.tell("\(name): \(Console.visible(problem ?? ""))") }
    guard wrong.isEmpty else { return ExitCode.script }
    print("\(rows.count) verified: bytes, hashes, signatures, lock, and nothing is revoked")
    return ExitCode.ok
  }

  private static func verdict(
    on file: String, _ trust: Trust, _ environment: Environment
  ) throws(Failure) -> Verdict {
    let bytes = try read(file, environment)
    let signature: [UInt8]?
    do throws(Environment.FileError) {
      signature = try environment.readFile("\(file).sig")
    } catch {
      return .refused(.notASignature("\(file).sig is \(error.reason)"))
    }
    return trust.verdict(of: bytes, signature: signature, at: .systemNow())
  }

  // MARK: sign

  private static func sign(_ arguments: Arguments) throws(Failure) -> Int32 {
    guard !arguments.rest.isEmpty else { throw .usage("sign needs a file") }
    let environment = Environment.process()
    for file in arguments.rest {
      let signed = try signature(of: try read(file, environment), arguments, environment)
      do throws(Environment.FileError) {
        // For others to read, as the file itself.
        try environment.writeFile("\(file).sig", signed.file, 0o644)
      } catch {
        throw Failure("cannot write \(quoted(file + ".sig")): \(error.reason)", ExitCode.network)
      }
      print("\(quoted(file + ".sig")): signed with \(signed.key.type) \(signed.key.fingerprint)")
    }
    return ExitCode.ok
  }

  /// Signs bytes with the key that the command line, the configuration or ssh's own usage names.
  static func signature(
    of bytes: [UInt8], _ arguments: Arguments, _ environment: Environment
  ) throws(Failure) -> SSHKeygen.Signed {
    let named = arguments.signingKey ?? arguments.trust.signingKey.map(environment.expanded)
    guard let key = named ?? SSHKeygen.usualKey(environment) else {
      throw Failure(
        "there is no key to sign with; name one with --key FILE, or make one: ssh-keygen -t ed25519",
        ExitCode.configuration)
    }
    do throws(SSHKeygen.Problem) {
      return try SSHKeygen(environment).sign(bytes, with: key, hasTerminal: AskedTerminal.isPossible)
    } catch {
      throw Failure(error.message, ExitCode.configuration)
    }
  }

  // MARK: trust

  private static func listSigners(_ arguments: Arguments) throws(Failure) -> Int32 {
    let environment = Environment.process()
    let trust = try trust(arguments, environment)
    let places: Trust.Places
    do throws(Report) { places = try arguments.trust.places(environment) } catch { throw .report(error) }
    if trust.signers.entries.isEmpty {
      print("no key is trusted: there is none in \(quoted(places.allowedSigners))")
    }
    for entry in trust.signers.entries {
      let until = entry.options.validBefore.map { "until \($0.iso8601)" } ?? "for ever"
      let remarks = trust.remarks(on: entry, at: .systemNow()).map { "    \($0)\n" }.joined()
      let row = "\(entry.principals)  \(entry.key.type) \(entry.key.fingerprint)  \(until)"
      print(Console.visible(row) + "\n" + remarks, terminator: "")
    }
    if let changed = trust.revoked.changed {
      let count = trust.revoked.count
      let what = count == 1 ? "1 key or snippet" : "\(count) keys and snippets"
      print("revoked: \(what), list of \(changed.iso8601)")
    }
    return ExitCode.ok
  }

  // MARK: Files

  /// What the operator believes.
  static func trust(_ arguments: Arguments, _ environment: Environment) throws(Failure) -> Trust {
    do throws(Report) { return try arguments.trust.trust(environment) } catch { throw .report(error) }
  }

  /// A file that the command line names.
  static func read(_ file: String, _ environment: Environment) throws(Failure) -> [UInt8] {
    do throws(Environment.FileError) {
      if let bytes = try environment.readFile(file) { return bytes }
      throw Environment.FileError(reason: "there is no such file")
    } catch {
      throw Failure("cannot read \(quoted(file)): \(error.reason)", ExitCode.usage)
    }
  }
}
