// What the doctor looks at of files: what is configured, and where moongate keeps what must be private.
import AWSCore
import Glibc
import Host
import Library
import Scripts
import Shell

extension Doctor {
  static let ofFiles = [
    Check(name: "home") { doctor in
      guard doctor.environment.variable("HOME") == nil else { return nil }
      guard let home = doctor.environment.homeDirectory else {
        return .warning(
          "there is no home folder: no configuration is read, and neither history nor audit log is kept",
          "set HOME")
      }
      return .warning("HOME is not set; the system says that it is \(home)", "set HOME if that is another")
    },
    Check(name: "configuration", look: configuration),
    Check(name: "snippets", look: snippets),
    Check(name: "history") { doctor in
      guard doctor.arguments.keepsHistory else { return .ok("not kept: history = off") }
      return keptFile("history", doctor) { Shell.problem(withHistory: $0) }
    },
    Check(name: "audit log") { doctor in
      keptFile("audit.log", doctor) { path in
        do throws(AuditLog.Problem) {
          try AuditLog(path: path).check()
          return nil
        } catch {
          return error.message
        }
      }
    },
  ]

  private static func configuration(_ doctor: Doctor) -> Finding? {
    guard let path = doctor.environment.configurationFolder.map({ "\($0)/config" }) else { return nil }
    if doctor.arguments.isPlain { return .ok("not read: --norc") }
    do throws(Report) { _ = try doctor.configured.get() } catch {
      return .problem(error.message, "until then no run begins; --norc passes over the file")
    }
    let shown = doctor.shown(path)
    return .ok(unsafe access(path, F_OK) == 0 ? shown : "none; \(shown) would be read")
  }

  /// Signers and registries, which the configuration names, and what was added.
  private static func snippets(_ doctor: Doctor) -> Finding? {
    guard doctor.environment.dataFolder != nil, case .success(let arguments) = doctor.configured else {
      return nil
    }
    do throws(Report) { _ = try arguments.trust.trust(doctor.environment) } catch {
      return .problem(error.message, "until then no snippet runs but those of the library")
    }
    do throws(Report) { _ = try arguments.snippetStore(doctor.environment).lock() } catch {
      return .problem(error.message, "until then no snippet runs, those of the library neither")
    }
    for registry in arguments.registries where URLParts(registry.url) == nil {
      let folder = doctor.environment.expanded(registry.url)
      guard let problem = folderProblem(folder) else { continue }
      return .warning("the registry \(registry.name) has no snippets: \(folder) \(problem)")
    }
    let names = ["library (\(Library.snippets.count))"] + arguments.registries.map(\.name)
    return .ok(listed(names))
  }

  /// Why a folder cannot be read; nil where it can.
  private static func folderProblem(_ path: String) -> String? {
    guard let folder = unsafe opendir(path) else { return unsafe String(cString: strerror(errno)) }
    unsafe closedir(folder)
    return nil
  }

  // MARK: What moongate writes

  /// A file of the state folder, which is made when it is first needed.
  /// - Parameter problem: why the file itself, which is there, cannot be used; nil where it can.
  private static func keptFile(
    _ name: String, _ doctor: Doctor, problem: (_ path: String) -> String?
  ) -> Finding? {
    guard let folder = doctor.environment.stateFolder else { return nil }
    let path = "\(folder)/\(name)"
    if let problem = doctor.problem(withFolder: folder) { return problem }
    // Not access(2): it follows a link to nothing, which a run refuses.
    var status = stat()
    guard unsafe lstat(path, &status) == 0 || errno != ENOENT else {
      return .ok("\(doctor.shown(path)), made when it is needed")
    }
    if let problem = problem(path) {
      return .problem(problem, "what should be in it is lost until then; move it away, or put it right")
    }
    return .ok(doctor.shown(path))
  }

  /// What is wrong with a folder that only its owner should look into.
  private func problem(withFolder path: String) -> Finding? {
    let shown = shown(path)
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      guard errno == ENOENT else {
        return .problem(
          "\(shown): \(unsafe String(cString: strerror(errno)))",
          "set HOME or XDG_STATE_HOME to a folder of yours")
      }
      return missing(path, instead: "set XDG_STATE_HOME")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return .problem("\(shown) is no folder", "move it away") }
    guard status.st_uid == geteuid() else {
      return .problem("\(shown) belongs to somebody else (user \(status.st_uid))", "chown it")
    }
    guard unsafe access(path, W_OK | X_OK) == 0 else {
      return .problem("\(shown) cannot be written", "chmod 700 \(shown)")
    }
    guard status.st_mode & 0o077 == 0 else {
      return .warning("others on this machine may look into \(shown)", "chmod 700 \(shown)")
    }
    return nil
  }

  /// A folder that is not there can be made where the nearest one above it can be written.
  /// - Parameter instead: what else the operator may do.
  /// - Returns: nil where it can be made.
  func missing(_ path: String, instead: String) -> Finding? {
    var parent = path
    while parent != "/", parent != ".", unsafe access(parent, F_OK) != 0 {
      let slash = parent.lastIndex(of: "/")
      parent = slash.map { $0 == parent.startIndex ? "/" : String(parent[..<$0]) } ?? "."
    }
    guard unsafe access(parent, W_OK | X_OK) != 0 else { return nil }
    return .problem(
      "\(shown(path)) cannot be made: \(parent): \(unsafe String(cString: strerror(errno)))",
      "give yourself leave to write to \(parent), or \(instead)")
  }
}
