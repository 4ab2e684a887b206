// What the doctor looks at of a session before anything is sent: AWS's files, region, endpoint, the way there, and whose
// keys would sign.
import AWSCore
import BackupGateway
import Glibc
import Host

extension Doctor {
  static let ofSession = [
    Check(name: "world") { doctor in
      guard let folder = doctor.newWorld else { return nil }
      return doctor.missing(folder, instead: "name another folder with --data")
        ?? .ok("none in \(doctor.shown(folder)); a run makes it")
    },
    Check(name: "AWS files", look: sharedFiles),
    Check(name: "profile") { doctor in
      switch doctor.settings {
      // What is wrong with the files themselves was said of them.
      case .failure(let report): report.message == doctor.fileProblem ? nil : .problem(report.message)
      case .success(let settings): .ok("\(settings.profile.value) (from \(settings.profile.source))")
      }
    },
    Check(name: "region", look: region),
    Check(name: "endpoint") { doctor in
      guard case .success(let settings) = doctor.settings else { return nil }
      do throws(CallError) {
        guard let url = try doctor.endpoint else { return nil }
        return .ok("\(url) (from \(settings.endpoint?.source ?? "the region"))")
      } catch {
        return .problem(error.message)
      }
    },
    Check(name: "proxy", look: proxy),
    Check(name: "certificates") { doctor in
      guard case .success(let settings) = doctor.settings else { return nil }
      let source = settings.caBundle.map { " (from \($0.source))" } ?? ""
      do throws(TransportError) { return .ok(try settings.certificateAuthorities() + source) } catch {
        return .problem(
          error.message + source,
          settings.caBundle == nil ? nil : "name a file of certificates (PEM), or leave the setting out")
      }
    },
    Check(name: "credentials", look: credentials),
  ]

  /// Where requests go; nil while no region says it.
  var endpoint: URLParts? {
    get throws(CallError) {
      guard case .success(let settings) = settings, settings.region != nil || settings.endpoint != nil else {
        return nil
      }
      return try settings.endpointURL(of: .backupGateway)
    }
  }

  private static func sharedFiles(_ doctor: Doctor) -> Finding? {
    guard !doctor.arguments.isLocal else { return .ok("not read: --local") }
    let profiles: [String]
    do throws(CallError) { profiles = try Settings.profiles(doctor.environment) } catch {
      doctor.fileProblem = error.message
      return .problem(error.message)
    }
    let names = [
      ("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    ]
    let paths = names.map { doctor.environment.variable($0.0) ?? $0.1 }
    let files = paths.filter { name in
      unsafe access(doctor.environment.expanded(name), F_OK) == 0
    }
    guard !files.isEmpty else { return .ok("none") }
    for file in files where doctor.holdsKeys(file, isCredentials: file == paths.last) {
      var status = stat()
      guard unsafe stat(doctor.environment.expanded(file), &status) == 0,
        status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0
      else { continue }
      return .warning("others on this machine may read \(file)", "chmod 600 \(file)")
    }
    return .ok(
      "\(listed(files)), with \(profiles.count == 1 ? "one profile" : "\(profiles.count) profiles")")
  }

  /// A configuration file may say anybody what it says, unless somebody wrote keys into it.
  private func holdsKeys(_ file: String, isCredentials: Bool) -> Bool {
    guard !isCredentials else { return true }
    let bytes = try? environment.readFile(environment.expanded(file))
    let text = String(decoding: bytes ?? [], as: UTF8.self).lowercased()
    return text.contains("aws_secret_access_key") || text.contains("aws_session_token")
  }

  private static func region(_ doctor: Doctor) -> Finding? {
    guard case .success(let settings) = doctor.settings else { return nil }
    guard let region = settings.region else {
      let seal = Seal(doctor.loop)
      var found: Result<String?, CallError>?
      InstanceMetadata.region(seal.context(settings, doctor.environment)) { found = $0 }
      while found == nil { doctor.loop.turn() }
      if seal.wanted.isEmpty {
        do throws(CallError) { _ = try settings.requiredRegion() } catch { return .problem(error.message) }
      }
      return .warning(
        "none is configured: a run asks the metadata service, which only EC2 instances have",
        "give --region, set AWS_REGION, or write 'region = …' under the profile")
    }
    let text = "\(region.value) (from \(region.source))"
    guard settings.endpoint == nil, let doubt = Service.doubt(about: region.value) else { return .ok(text) }
    return .warning("\(text): \(doubt)")
  }

  private static func proxy(_ doctor: Doctor) -> Finding? {
    guard let endpoint = try? doctor.endpoint else { return nil }
    guard let route = Proxy.route(to: endpoint, variables: doctor.environment.variables) else {
      let isSet = doctor.environment.variables.keys.contains { $0.lowercased().hasSuffix("_proxy") }
      return .ok(isSet ? "none for this endpoint, by the variables …_proxy" : "none")
    }
    guard route.isUsable else {
      // Its value is not shown: where no URL begins and ends, no secret in it can be told from the rest.
      return .problem(
        "\(route.variable) names no proxy",
        "write it as http://HOST:PORT, or unset \(route.variable)")
    }
    return .ok("\(route.shown) (from \(route.variable))")
  }

  // MARK: Credentials

  /// Soon enough that a run may outlive it.
  private static let soon = 15.0 * 60

  /// Searched as a run searches them, but behind a seal: what would have to be sent is told instead.
  private static func credentials(_ doctor: Doctor) -> Finding? {
    guard !doctor.arguments.isLocal else { return .ok("those of --local") }
    guard !doctor.arguments.isSigned else { return nil }
    guard case .success(let settings) = doctor.settings else { return nil }
    let seal = Seal(doctor.loop)
    let chain = CredentialChain(seal.context(settings, doctor.environment))
    var found: Result<Credentials, CallError>?
    chain.credentials(at: doctor.loop.now) { found = $0 }
    while found == nil { doctor.loop.turn() }
    switch found {
    case .success(let keys): return told(keys, doctor.loop.now)
    case .failure(let error):
      guard let step = seal.wanted.last else { return .problem(error.message) }
      if seal.isLastResort {
        return .warning(
          "none are configured: a run asks the metadata service \(step), which only EC2 instances have",
          "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run 'aws configure', or choose a profile with --profile"
        )
      }
      return .ok("a run gets them from \(step); that was not done here: --signed does it")
    case nil: return nil
    }
  }

  private static func told(_ keys: Credentials, _ now: Timestamp) -> Finding {
    let text = "…\(keys.accessKeyID.suffix(4)) from \(keys.source)"
    guard let end = keys.expiration else { return .ok(text) }
    let left = end.epochSeconds - now.epochSeconds
    let ending = "\(text), until \(end.iso8601)"
    return left > soon ? .ok(ending) : .warning("\(ending), which is soon", "renew them there")
  }
}
