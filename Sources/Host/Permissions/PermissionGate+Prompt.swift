// What the prompt has of the gate: two switches, and what the session may do, in words.

extension PermissionGate {
  /// Turns `--read-only` or `--dry-run` on or off, for the rest of the session.
  /// - Returns: why it stays on: what the command line says cannot be taken back.
  public func setReadOnly(_ isOn: Bool) -> String? {
    guard isOn || !initial.isReadOnly else { return "moongate was started with --read-only" }
    permissions.isReadOnly = isOn
    return nil
  }

  /// The same of `--dry-run`.
  public func setDryRun(_ isOn: Bool) -> String? {
    guard isOn || !initial.isDryRun else { return "moongate was started with --dry-run" }
    permissions.isDryRun = isOn
    return nil
  }

  /// What the session may do, for people.
  public func rows(for session: Session) -> [(name: String, value: String)] {
    func state(_ isOn: Bool, _ wasOn: Bool, _ option: String) -> String {
      isOn ? "on (\(wasOn ? "--" : ".")\(option))" : "off"
    }
    let production =
      switch permissions.production.includes(session) {
      case .yes: "yes"
      case .perhaps: "perhaps: it depends on the account, which is not known yet; taken for yes"
      case .no: permissions.production.patterns.isEmpty ? "no; the configuration names none" : "no"
      }
    let typed =
      if permissions.isReadOnly {
        "refused"
      } else if permissions.isDryRun {
        "shown and not sent"
      } else if permissions.production.includes(session) != .no {
        "asked about; a deletion goes when its name is typed"
      } else {
        "sent"
      }
    let rules = permissions.allowed.map { "\($0.operation)\($0.pattern.map { ":\($0)" } ?? "")" }
    let answers = given.map { "all further \($0.operation) in \($0.session.name)" }
    let most = permissions.mostWrites.map { "\($0), \(max(0, $0 - sent)) of them left" }
    return [
      ("session", session.name), ("production", production),
      ("read-only", state(permissions.isReadOnly, initial.isReadOnly, "read-only")),
      ("dry-run", state(permissions.isDryRun, initial.isDryRun, "dry-run")),
      ("typed writes", typed),
      ("allowed", rules.isEmpty ? "nothing in advance" : rules.joined(separator: ", ")),
      ("answers", answers.isEmpty ? "none for further writes" : answers.joined(separator: ", ")),
      ("max-writes", most ?? "no bound; \(sent) sent so far"), ("audit log", audit?.path ?? "off"),
    ]
  }
}
