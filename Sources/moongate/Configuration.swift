// Configuration: what the operator's own file says: ~/.config/moongate/config, by the rules of AWS's configuration files.
//
//   [moongate]
//   production = prod*, 123456789012     profiles or accounts in which typed writes are asked about
//   output = json                        as --output
//   max_writes = 50                      as --max-writes
//   history = off                        what is typed is not kept
//
//   [trust]                              TrustSettings.swift
//   [registry NAME]                      RegistrySettings.swift
//
// What the command line says wins.
import AWSCore
import Host

struct Configuration {
  private(set) var production: [String] = []
  private(set) var output: OutputForm?
  private(set) var mostWrites: Int?
  private(set) var keepsHistory = true
  private(set) var trust = TrustSettings()
  private(set) var registries: [RegistrySettings] = []

  /// Why a value cannot be used.
  private struct Problem: Error {
    let message: String
  }

  private typealias Setting = @Sendable (inout Configuration, String) throws(Problem) -> Void

  /// By section.
  private static let settings: [String: [String: Setting]] = ["moongate": ofMoongate, "trust": ofTrust]
  /// The word before the name of a section that has one.
  private static let registry = "registry"

  private static let ofMoongate: [String: Setting] = [
    "production": { configuration, value throws(Problem) in
      configuration.production = value.split { ",\n".contains($0) }.map { trimmed($0) }.filter { !$0.isEmpty }
    },
    "output": { configuration, value throws(Problem) in
      guard let form = OutputForm(rawValue: value) else {
        throw Problem(message: "output is one of \(listed(OutputForm.allCases.map(\.rawValue)))")
      }
      configuration.output = form
    },
    "max_writes": { configuration, value throws(Problem) in
      guard let number = Int(value), number >= 0 else { throw Problem(message: "max_writes is a number") }
      configuration.mostWrites = number
    },
    "history": { configuration, value throws(Problem) in
      guard ["on", "off"].contains(value) else { throw Problem(message: "history is on or off") }
      configuration.keepsHistory = value == "on"
    },
  ]

  private static let ofTrust: [String: Setting] = [
    "allowed_signers": { configuration, value throws(Problem) in
      configuration.trust.allowedSigners = try file("allowed_signers", value)
    },
    "revoked": { configuration, value throws(Problem) in
      configuration.trust.revoked = try file("revoked", value)
    },
    "signing_key": { configuration, value throws(Problem) in
      configuration.trust.signingKey = try file("signing_key", value)
    },
  ]

  /// A file's path, which must not depend on where moongate is started.
  private static func file(_ name: String, _ value: String) throws(Problem) -> String {
    guard value.hasPrefix("/") || value.hasPrefix("~/"), !value.unicodeScalars.contains(where: \.isHidden)
    else {
      throw Problem(message: "\(name) is a file by its whole path, as in ~/.config/moongate/\(name)")
    }
    return value
  }

  /// Of the registry that was named last.
  private static let ofRegistry: [String: Setting] = [
    "url": { configuration, value throws(Problem) in
      if let problem = RegistrySettings.problem(withPlace: value) { throw Problem(message: problem) }
      configuration.registries[configuration.registries.count - 1].url = value
    },
    "ca_bundle": { configuration, value throws(Problem) in
      configuration.registries[configuration.registries.count - 1].caBundle = try file("ca_bundle", value)
    },
  ]

  /// Reads the file; where there is none, nothing is said.
  /// - Throws: a report with file and line for what cannot be used: a setting that does nothing would be believed.
  init(_ environment: Environment) throws(Report) {
    guard let path = environment.configurationFolder.map({ "\($0)/config" }) else { return }
    let bytes: [UInt8]?
    do throws(Environment.FileError) { bytes = try environment.readFile(path) } catch {
      throw Self.report("\(path) cannot be read: \(error.reason)")
    }
    if let bytes { try read(bytes, path) }
  }

  private mutating func read(_ bytes: [UInt8], _ path: String) throws(Report) {
    let sections: [INI.Section]
    do throws(INIError) { sections = try INI(bytes, file: path).sections } catch {
      throw Self.report(error.message)
    }
    for section in sections {
      let kind = section.name.split(separator: " ", maxSplits: 1).first.map(String.init) ?? ""
      if kind == Self.registry {
        try readRegistry(section, path)
        continue
      }
      guard let settings = Self.settings[section.name] else {
        throw Self.unknown(
          "section", "[\(section.name)]", kind, (Self.settings.keys + [Self.registry]).sorted(),
          path, section.line)
      }
      try read(section, settings, path)
    }
  }

  private mutating func readRegistry(_ section: INI.Section, _ path: String) throws(Report) {
    let name = trimmed(section.name.dropFirst(Self.registry.count))
    if let problem = RegistrySettings.problem(withName: name) {
      throw Self.report("\(path):\(section.line): [\(section.name)]: \(problem)")
    }
    guard !registries.contains(where: { $0.name == name }) else {
      throw Self.report("\(path):\(section.line): there is a [\(section.name)] already")
    }
    registries.append(RegistrySettings(name: name))
    try read(section, Self.ofRegistry, path)
    guard registries.last?.url.isEmpty == false else {
      throw Self.report("\(path):\(section.line): [\(section.name)] needs url = …")
    }
  }

  private mutating func read(
    _ section: INI.Section, _ settings: [String: Setting], _ path: String
  ) throws(Report) {
    let known = settings.keys.sorted()
    if let (name, line) = section.ignored.min(by: { $0.value < $1.value }) {
      throw Self.unknown("setting", quoted(name), name, known, path, line)
    }
    for (name, property) in section.properties.sorted(by: { $0.value.line < $1.value.line }) {
      guard let setting = settings[name] else {
        throw Self.unknown("setting", quoted(name), name, known, path, property.line)
      }
      do throws(Problem) { try setting(&self, property.value) } catch {
        throw Self.report("\(path):\(property.line): \(error.message), not \(Self.shown(property.value))")
      }
    }
  }

  /// A value as an error tells it: without the password that a URL may have in front of its host.
  private static func shown(_ value: String) -> String {
    guard let scheme = value.firstRange(of: "://"), let at = value.lastIndex(of: "@"),
      scheme.upperBound <= at
    else { return quoted(value) }
    return quoted("\(value[..<scheme.upperBound])•••\(value[at...])")
  }

  private static func unknown(
    _ what: String, _ shown: String, _ name: String, _ known: [String], _ path: String, _ line: Int
  ) -> Report {
    let hint = nearest(to: name, in: known).map { "did you mean \($0)?" } ?? "there are \(listed(known))"
    return report("\(path):\(line): there is no \(what) \(shown); \(hint)")
  }

  private static func report(_ message: String) -> Report {
    Report(message: Console.visible(message), exitCode: ExitCode.configuration)
  }
}

extension Arguments {
  /// Adds what the operator's configuration says, where the command line says nothing.
  mutating func read(_ environment: Environment) throws(Report) {
    guard !isPlain else { return }
    let configuration = try Configuration(environment)
    permissions.production = Production(configuration.production)
    permissions.mostWrites = permissions.mostWrites ?? configuration.mostWrites
    output = output ?? configuration.output
    keepsHistory = configuration.keepsHistory
    trust = configuration.trust
    registries = configuration.registries
  }
}
