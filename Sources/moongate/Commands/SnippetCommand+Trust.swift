// The commands of trust: who signed a file, and whose signatures are believed.
import AWSCore
import Glibc
import Host
import Scripts

extension SnippetCommand {
  static let ofTrust: [SnippetCommand] = [
    SnippetCommand(
      name: "verify", arguments: "FILE…",
      summary: "say who signed each file, by the FILE.sig beside it; 251 unless all are verified"
    ) { arguments throws(Failure) in try verify(arguments) }
  ]

  // MARK: verify

  private static func verify(_ arguments: Arguments) throws(Failure) -> Int32 {
    guard !arguments.rest.isEmpty else { throw .usage("verify needs a file") }
    let environment = Environment.process()
    let trust: Trust
    do throws(Report) { trust = try arguments.trust.trust(environment) } catch { throw .report(error) }
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

  private static func verdict(
    on file: String, _ trust: Trust, _ environment: Environment
  ) throws(Failure) -> Verdict {
    let bytes = try read(file, environment)
    let signature: [UInt8]?
    do throws(Environment.FileError) {
      signature = try environment.readFile("\(file).sig")
    } catch {
      return .refused(.notASignature("\(file).sig: \(error.reason)"))
    }
    return trust.verdict(of: bytes, signature: signature, at: .systemNow())
  }

  static func read(_ file: String, _ environment: Environment) throws(Failure) -> [UInt8] {
    do throws(Environment.FileError) {
      if let bytes = try environment.readFile(file) { return bytes }
      throw Environment.FileError(reason: "there is no such file")
    } catch {
      throw Failure("cannot read \(quoted(file)): \(error.reason)", ExitCode.usage)
    }
  }
}
