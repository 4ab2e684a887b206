// The profile-config suite: what the AWS SDKs read from the shared configuration files, and where the files are.
//
// Two sets describe the syntax. The newer one (smithy-python) is the rule; the older one (smithy-rs) says the same in
// other forms, and differs in two rules, which decide what of it does not apply. botocore-cfg has files without
// expectations.
import TestSupport
import Testing

@testable import AWSCore

@Test func profileConfigConformance() {
  conformance("profile-config") { report in
    for path in Conformance.files(under: report.folder, suffix: ".json") {
      let file = String(path.dropFirst(report.folder.count + 1))
      let tests = Conformance.json(path)?["tests"]?.array ?? []
      // The older set has everything under `config`, and sub-properties as raw text.
      let isOlder = tests.contains { $0["output"]?["config"] != nil }
      for (index, item) in tests.enumerated() {
        let id = "\(file)#\(index) \(item["name"]?.string ?? "")"
        if item["configLocation"] != nil {
          location(item, id, report)
        } else {
          syntax(item, isOlder: isOlder, id, report)
        }
      }
    }
  }
}

// MARK: Syntax

private func syntax(_ item: Value, isOlder: Bool, _ id: String, _ report: Report) {
  if isOlder, let reason = differingRule(item) { return report.skip(id, because: reason) }
  let output = item["output"]
  let expected = isOlder ? output?["config"] : output
  report.check(id) {
    do throws(CallError) {
      let config = try SharedConfig(
        environment: environment(
          config: item["input"]?["configFile"]?.string, credentials: item["input"]?["credentialsFile"]?.string
        ))
      if let error = output?["errorContaining"]?.string { return "no error, but \(error) is expected" }
      if let wanted = expected?["profiles"], value(of: config.profiles) != structured(wanted) {
        return "\(config.profiles)"
      }
      if let wanted = expected?[isOlder ? "sso_sessions" : "ssoSessions"],
        value(of: config.ssoSessions) != structured(wanted)
      {
        return "\(config.ssoSessions)"
      }
      return nil
    } catch {
      let wanted = output?["errorContaining"]?.string ?? "no error"
      return error.message.contains(isOlder ? newerWording(wanted) : wanted) ? nil : error.message
    }
  }
}

/// The rules in which the sets differ.
private func differingRule(_ item: Value) -> String? {
  let lines = (item["input"]?.object?.members ?? []).flatMap {
    ($0.value.string ?? "").split(whereSeparator: \.isNewline)
  }
  for line in lines where !line.hasPrefix("[") && !line.hasPrefix("#") && !line.hasPrefix(";") {
    guard let equals = line.firstIndex(of: "=") else { continue }
    let name = trimmed(line[..<equals])
    let isIndented = line.first == " " || line.first == "\t"
    if isIndented && name.contains(" ") {
      return "the newer rule drops sub-properties with a space in the name"
    }
    if name.contains(where: { "/.%@:+".contains($0) }) {
      return "the newer rule allows / . % @ : + in the names of properties"
    }
  }
  return nil
}

/// The sets word their errors differently.
private func newerWording(_ text: String) -> String {
  text.replacing("Profile definition", with: "Section definition")
    .replacing("Expected a profile definition", with: "Expected a section definition")
    .replacing("defining a sub-property", with: "defining a property in sub-property")
    .replacing("Sub-property did not have a name", with: "Property did not have a name in sub-property")
}

/// Sub-properties that are written as the text of their lines become an object.
private func structured(_ value: Value) -> Value {
  switch value {
  case .object(let object):
    var result = Value.Object()
    for (name, value) in object.members { result[name] = structured(value) }
    return .object(result)
  case .string(let text) where text.hasPrefix("\n"):
    var result = Value.Object()
    for line in text.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      result[trimmed(line[..<equals]).lowercased()] = .string(trimmed(line[line.index(after: equals)...]))
    }
    return .object(result)
  default: return value
  }
}

private func value(of sections: [String: SharedConfig.Section]) -> Value {
  var result = Value.Object()
  for (name, section) in sections {
    var properties = Value.Object()
    for (key, entry) in section {
      var nested = Value.Object()
      for (name, value) in entry.nested { nested[name] = .string(value) }
      properties[key] = entry.nested.isEmpty ? .string(entry.value) : .object(nested)
    }
    result[name] = .object(properties)
  }
  return .object(result)
}

private func environment(config: String?, credentials: String?) -> Environment {
  let files = ["/h/.aws/config": config, "/h/.aws/credentials": credentials]
  return Environment(homeDirectory: "/h") { path in files[path].flatMap { $0 }.map { Array($0.utf8) } }
}

// MARK: Places

private func location(_ item: Value, _ id: String, _ report: Report) {
  guard item["platform"] != "windows" else {
    return report.skip(id, because: "the program is for Linux")
  }
  report.check(id) {
    var variables: [String: String] = [:]
    for (name, value) in item["environment"]?.object?.members ?? [] { variables[name] = value.string }
    let home = Environment.homeDirectory(variables, ofUser: item["languageSpecificHome"]?.string)
    let profile = item["profile"]?.string ?? ""
    let environment = Environment(variables: variables, homeDirectory: home) { path in
      path == item["configLocation"]?.string ? Array("[profile \(profile)]\n".utf8) : nil
    }
    let config = try SharedConfig(environment: environment)
    let found = [config.configPath, config.credentialsPath].map(environment.expanded)
    let wanted = [item["configLocation"]?.string, item["credentialsLocation"]?.string]
    if found != wanted { return "\(found)" }
    let named = try Settings.resolve(environment: environment).profile.value
    return named == profile ? nil : named
  }
}
