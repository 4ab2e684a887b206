// SharedConfig: the profiles, SSO sessions and services of ~/.aws/config and ~/.aws/credentials, merged as
// the AWS SDKs merge them.

struct SharedConfig: Sendable {
  /// A value, and where it is written: `~/.aws/config:12`.
  struct Entry: Sendable, Equatable {
    var value: String
    var nested: [String: String] = [:]
    var source: String
  }
  typealias Section = [String: Entry]

  var profiles: [String: Section] = [:]
  var ssoSessions: [String: Section] = [:]
  var services: [String: Section] = [:]
  /// The titles of the configuration file that would be profiles in the credentials file: `prod` of `[prod]`.
  private(set) var bareTitles: Set<String> = []
  /// The files as they were looked for, for messages: the path as the user would write it.
  var configPath: String
  var credentialsPath: String

  /// Reads both files. A missing one is empty; one that cannot be read or parsed is an error.
  init(environment: Environment) throws(CallError) {
    configPath = environment.variable("AWS_CONFIG_FILE") ?? "~/.aws/config"
    credentialsPath = environment.variable("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials"
    try readConfig(Self.sections(of: configPath, environment))
    // The credentials file comes second: its keys win.
    for section in try Self.sections(of: credentialsPath, environment) where INI.isWord(section.name) {
      merge(section, credentialsPath, into: &profiles[section.name, default: [:]])
    }
  }

  /// The entries of a profile.
  /// - Throws: `CallError` of category `.configuration` for an indented line that reads as a property: it continues
  ///   the value above it, so a secret would become part of a region, and stand in messages about that.
  func profile(_ name: String) throws(CallError) -> Section? { try checked(profiles[name]) }

  /// The same of an sso-session.
  func ssoSession(_ name: String) throws(CallError) -> Section? { try checked(ssoSessions[name]) }

  private func checked(_ section: Section?) throws(CallError) -> Section? {
    // A command may well have lines of that form.
    for (key, entry) in section ?? [:] where key != "credential_process" {
      for line in entry.value.split(separator: "\n").dropFirst() {
        guard let equals = line.firstIndex(of: "="), INI.isWord(trimmed(line[..<equals])) else { continue }
        throw CallError(
          .configuration, code: "Configuration",
          message:
            "'\(trimmed(line[..<equals]))' after \(entry.source) is indented, and so continues the value of "
            + "'\(key)' there. Remove the indent.")
      }
    }
    return section
  }

  private mutating func readConfig(_ sections: [INI.Section]) {
    // [profile default] replaces [default]; the two are never mixed.
    let hasPrefixedDefault = sections.contains { section in
      Self.kindAndName(section.name).map { $0 == ("profile", "default") } ?? false
    }
    for section in sections {
      guard let (kind, name) = Self.kindAndName(section.name) else {
        bareTitles.insert(section.name)
        continue
      }
      switch kind {
      case "profile": merge(section, configPath, into: &profiles[name, default: [:]])
      case "default" where !hasPrefixedDefault:
        merge(section, configPath, into: &profiles["default", default: [:]])
      case "sso-session": merge(section, configPath, into: &ssoSessions[name, default: [:]])
      case "services": merge(section, configPath, into: &services[name, default: [:]])
      default: break
      }
    }
  }

  private func merge(_ section: INI.Section, _ path: String, into entries: inout Section) {
    for (name, property) in section.properties {
      entries[name] = Entry(
        value: property.value, nested: property.nested, source: "\(path):\(property.line)")
    }
  }

  /// `profile dev` → ("profile", "dev"), `default` → ("default", "default"); nil for other titles. A name in quotes
  /// is what `aws configure` writes for one with spaces.
  private static func kindAndName(_ title: String) -> (kind: String, name: String)? {
    guard let space = title.firstIndex(where: { $0 == " " || $0 == "\t" }) else {
      return title == "default" ? (title, title) : nil
    }
    let kind = String(title[..<space])
    guard ["profile", "sso-session", "services"].contains(kind) else { return nil }
    let name = trimmed(title[space...])
    for quote in ["\"", "'"] where name.hasPrefix(quote) && name.hasSuffix(quote) && name.count > 2 {
      return (kind, String(name.dropFirst().dropLast()))
    }
    return INI.isWord(name) ? (kind, name) : nil
  }

  private static func sections(of path: String, _ environment: Environment) throws(CallError) -> [INI.Section]
  {
    do {
      guard let bytes = try environment.readFile(environment.expanded(path)) else { return [] }
      return try INI(bytes, file: path).sections
    } catch let error as INIError {
      throw CallError(.configuration, code: "Configuration", message: error.message)
    } catch let error as Environment.FileError {
      throw CallError(
        .configuration, code: "Configuration", message: "\(path) cannot be read: \(error.reason).")
    } catch {
      throw CallError(.configuration, code: "Configuration", message: "\(path) cannot be read: \(error).")
    }
  }
}
