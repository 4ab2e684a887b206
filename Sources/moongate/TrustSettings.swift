// TrustSettings: the section `[trust]` of the operator's configuration, and the files that hold without it.
//
//   [trust]
//   allowed_signers = ~/.config/git/allowed_signers    whose signatures of snippets are believed
//   revoked = ~/.config/moongate/revoked               keys and snippets that are not any more
//   signing_key = ~/.ssh/id_ed25519                    what `moongate snippet sign` signs with
import AWSCore
import Host
import Scripts

struct TrustSettings: Equatable {
  /// As they are written; nil for none.
  var allowedSigners: String?
  var revoked: String?
  var signingKey: String?

  /// Where the files are. What the configuration names has to be there; what it does not name may be absent.
  func places(_ environment: Environment) throws(Report) -> Trust.Places {
    guard let folder = environment.configurationFolder else {
      throw Report(
        message: "there is no home folder to look for allowed_signers in; set HOME or XDG_CONFIG_HOME",
        exitCode: ExitCode.configuration)
    }
    let named = [allowedSigners, revoked].compactMap { $0 }.map(environment.expanded)
    return Trust.Places(
      allowedSigners: allowedSigners.map(environment.expanded) ?? "\(folder)/allowed_signers",
      revoked: revoked.map(environment.expanded) ?? "\(folder)/revoked", mustExist: Set(named),
      home: environment.homeDirectory)
  }

  /// Reads what the operator believes.
  /// - Throws: a report when a file of it cannot be used; then nothing may be run.
  func trust(_ environment: Environment) throws(Report) -> Trust {
    let places = try places(environment)
    do throws(Trust.Problem) { return try Trust(places) } catch {
      throw Report(message: error.message, exitCode: ExitCode.configuration)
    }
  }
}
