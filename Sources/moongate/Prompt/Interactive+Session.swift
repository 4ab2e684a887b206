// The dot commands about the session: whom the operations talk to, and what they may do.
import BackupGateway
import Host
import Shell

extension Interactive {
  var sessionCommands: [DotCommand] {
    [
      DotCommand(
        "profile", "[NAME]", "Shows the profiles, or has the operations act with another one.",
        completions: { [unowned self] _ in connection.sessions.profiles.map { Completion($0) } },
        run: { [unowned self] in profile($0) }),
      DotCommand(
        "region", "[NAME]", "Shows the regions, or has the operations act in another one.",
        completions: { _ in Service.regions.map { Completion($0) } }, run: { [unowned self] in region($0) }),
      DotCommand("permissions", "", "Shows what this session may do.") { [unowned self] _ in
        page(console.permissionText)
        return .done
      },
      switchCommand("read-only", "Refuses every write, or no longer.") { [unowned self] in
        console.gate?.permissions.isReadOnly == true
      } set: { [unowned self] in
        console.gate?.setReadOnly($0)
      },
      switchCommand("dry-run", "Shows each write and sends none, or no longer.") { [unowned self] in
        console.gate?.permissions.isDryRun == true
      } set: { [unowned self] in
        console.gate?.setDryRun($0)
      },
    ]
  }

  // MARK: Whom

  private func profile(_ name: String) -> DotCommand.Outcome {
    if connection.sessions.isLocal {
      return refuse("there is no profile under --local, which has a world and keys of its own")
    }
    guard !name.isEmpty else {
      let current = console.session.facts.profile
      return list(connection.sessions.profiles, current: current, none: "The shared files hold no profile.")
    }
    return connect("profile", name)
  }

  private func region(_ name: String) -> DotCommand.Outcome {
    guard !name.isEmpty else { return list(Service.regions, current: console.session.facts.region, none: "") }
    if let doubt = Service.doubt(about: name) {
      // A region that AWS does not know yet here is most often a slip, and can be had all the same.
      guard Service.isRegion(name) else {
        return refuse("\(doubt) If it is new, write use(connect{ region = \"\(name)\" })")
      }
      Console.write("\(doubt)\n", toStandardError: true)
    }
    return connect("region", name)
  }

  private func connect(_ setting: String, _ value: String) -> DotCommand.Outcome {
    do throws(Report) {
      try console.connect([(setting, value)], from: ".\(setting)")
    } catch {
      return refuse(error.message)
    }
    recording.lines.append(TypedLine(switching: setting, to: value))
    Console.write("\(console.session.name)\n")
    return .done
  }

  /// The current one is marked, also where it is none of the others.
  private func list(_ names: [String], current: String?, none: String) -> DotCommand.Outcome {
    let names = current.map { names.contains($0) ? names : [$0] + names } ?? names
    let rows = names.map { "\($0 == current ? "*" : " ") \($0)\n" }
    page(rows.isEmpty ? "\(none)\n" : rows.joined())
    return .done
  }

  // MARK: What they may do

  private func switchCommand(
    _ name: String, _ summary: String, isOn: @escaping () -> Bool, set: @escaping (Bool) -> String?
  ) -> DotCommand {
    DotCommand(
      name, "[on|off]", summary, completions: { _ in [Completion("on"), Completion("off")] },
      run: { [unowned self] argument in
        switch argument {
        case "on", "off":
          if let problem = set(argument == "on") { return refuse("\(name) stays on: \(problem)") }
        case "": break
        default: return refuse(".\(name) takes on or off")
        }
        Console.write("\(name) is \(isOn() ? "on" : "off")\n")
        return .done
      })
  }

  private func refuse(_ message: String) -> DotCommand.Outcome {
    Console.write("\(message)\n", toStandardError: true)
    return .failed
  }
}
