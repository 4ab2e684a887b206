// Configuration: the syntax of the shared files, and which of options, variables and profile wins.
import TestSupport
import Testing

@testable import AWSCore

/// An environment of these variables and files.
func environment(_ variables: [String: String] = [:], config: String? = nil, credentials: String? = nil)
  -> Environment
{
  let files = ["/home/op/.aws/config": config, "/home/op/.aws/credentials": credentials]
  return Environment(variables: variables, homeDirectory: "/home/op") { path in
    files[path].flatMap { $0 }.map { Array($0.utf8) }
  }
}

@Suite struct INITests {
  private func sections(_ text: String) throws(INIError) -> [INI.Section] {
    try INI(Array(text.utf8), file: "config").sections
  }

  @Test func readsSectionsPropertiesAndSubProperties() throws {
    let text =
      "\u{FEFF}# comment\r\n[profile dev] ; mine\r\nRegion = eu-west-1 # near\r\nsecret=a#b\r\nlong = one\r\n"
      + "  two # kept\r\ns3 =\r\n  max_retries = 5\r\n\r\n[services x]\r\n"
    let found = try sections(text)
    #expect(found.map(\.name) == ["profile dev", "services x"])
    #expect(found[0].properties["region"] == INI.Property(value: "eu-west-1", line: 3))
    #expect(found[0].properties["secret"]?.value == "a#b")
    #expect(found[0].properties["long"]?.value == "one\ntwo # kept")
    #expect(found[0].properties["s3"]?.nested == ["max_retries": "5"])
  }

  @Test(arguments: [
    ("[a", "config:1: Section definition must end with ']'."),
    ("[a]\n\nkey : value", "config:3: Expected an '=' sign defining a property."),
    ("[a]\n= v", "config:2: Property did not have a name."),
    ("[a]\ns3 =\n x", "config:3: Expected an '=' sign defining a property in sub-property."),
    ("[a]\nx = 1\n[b]\n more", "config:4: Expected a property definition."),
    ("x = 1", "config:1: Expected a section definition."),
  ])
  func namesFileAndLineOfWhatItCannotRead(_ text: String, _ message: String) {
    #expect(throws: INIError(message: message)) { try sections(text) }
  }

  /// smithy-python's cases of the AWS SDKs' configuration format.
  @Test func agreesWithThePublicSuite() throws {
    guard let folder = Conformance.suite("profile-config") else { return }
    for test in Conformance.json("\(folder)/config-file-parser-tests.json")?["tests"]?.array ?? [] {
      let name = test["name"]?.string ?? ""
      let input = test["input"]
      let output = test["output"]
      do {
        let config = try SharedConfig(
          environment: environment(
            config: input?["configFile"]?.string, credentials: input?["credentialsFile"]?.string))
        #expect(output?["errorContaining"] == nil, "\(name)")
        if let expected = output?["profiles"] { #expect(asValue(config.profiles) == expected, "\(name)") }
        if let expected = output?["ssoSessions"] {
          #expect(asValue(config.ssoSessions) == expected, "\(name)")
        }
      } catch {
        let expected = output?["errorContaining"]?.string ?? "no error"
        let isExpected = error.message.contains(expected)
        // One wording for every kind of place.
        #expect(isExpected, "\(name): \(error.message)")
      }
    }
  }

  private func asValue(_ sections: [String: SharedConfig.Section]) -> Value {
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
}

@Suite struct SettingsTests {
  private func message(_ options: Settings.Options = .init(), _ environment: Environment) -> String? {
    do throws(CallError) {
      _ = try Settings.resolve(options: options, environment: environment)
      return nil
    } catch {
      #expect(error.category == .configuration)
      return error.message
    }
  }

  @Test func theRegionComesFromTheFirstPlaceThatHasOne() throws {
    let config = "[default]\nregion = from-file\n"
    var variables = ["AWS_REGION": "from-env", "AWS_DEFAULT_REGION": "from-old"]
    let flag = Settings.Options(region: "from-flag")
    #expect(
      try Settings.resolve(options: flag, environment: environment(variables, config: config)).region
        == .init("from-flag", from: "--region"))
    #expect(
      try Settings.resolve(environment: environment(variables, config: config)).region
        == .init("from-env", from: "AWS_REGION"))
    variables["AWS_REGION"] = " "
    #expect(
      try Settings.resolve(environment: environment(variables, config: config)).region
        == .init("from-old", from: "AWS_DEFAULT_REGION"))
    #expect(
      try Settings.resolve(environment: environment(config: config)).region
        == .init("from-file", from: "~/.aws/config:2"))
  }

  @Test func aMissingRegionIsOnlyAnErrorWhenItIsNeeded() throws {
    let settings = try Settings.resolve(environment: environment())
    #expect(settings.region == nil)
    do throws(CallError) {
      _ = try settings.requiredRegion()
    } catch {
      #expect(error.code == "NoRegion")
      #expect(error.message.contains("AWS_DEFAULT_REGION") && error.message.contains("~/.aws/config"))
    }
  }

  @Test(arguments: [
    "x@evil.example/", "evil.example/#", "evil.example?", "a.b", "-a", "a-", "12", "a\r\nb", "é",
    String(repeating: "a", count: 64),
  ])
  func noRegionCanMoveARequestToAnotherHost(_ region: String) {
    #expect(message(.init(region: region), environment())?.contains("cannot be a region") == true)
    #expect(throws: CallError.self) { try Endpoint.resolve(service: "backup-gateway", region: region) }
  }

  @Test func anUnknownProfileIsNamedWithTheFiles() {
    let text = message(.init(profile: "prd"), environment(config: "[profile prod]\n[profile dev]\n"))
    #expect(
      text
        == "Profile 'prd' (from --profile) is neither in ~/.aws/config nor in ~/.aws/credentials. "
        + "They hold dev, prod."
    )
    #expect(message(environment(["AWS_PROFILE": "x"]))?.contains("from AWS_PROFILE") == true)
    #expect(message(environment()) == nil)
  }

  private func message(_ environment: Environment) -> String? { message(.init(), environment) }

  @Test func aFileThatCannotBeReadIsAnError() {
    let unreadable = Environment(homeDirectory: "/home/op") { _ throws(Environment.FileError) in
      throw Environment.FileError(reason: "Permission denied")
    }
    #expect(message(unreadable) == "~/.aws/config cannot be read: Permission denied.")
    #expect(message(environment(config: "[x"))?.hasPrefix("~/.aws/config:1: ") == true)
  }

  @Test func fileLocationsMayBeMoved() throws {
    let moved = Environment(variables: ["AWS_CONFIG_FILE": "~/c"], homeDirectory: "/h") { path in
      path == "/h/c" ? Array("[default]\nregion = moved\n".utf8) : nil
    }
    #expect(try Settings.resolve(environment: moved).region == .init("moved", from: "~/c:2"))
  }

  @Test(arguments: [
    "ftp://h", "https://u:p@h", "https://h#f", "http://example.com", "h:80", "https://", "https://h:0",
    "https://h\\@evil", "https://h?q=1",
  ])
  func endpointsThatSignedRequestsMayNotGoToAreRefused(_ endpoint: String) {
    let text = message(.init(endpoint: endpoint), environment())
    #expect(text?.contains("from --endpoint") == true)
    #expect(text?.contains("u:p") == false)
  }

  @Test func endpointsKeepTheirPathAndMayBePlainOnThisMachineOnly() throws {
    for endpoint in [
      "http://127.0.0.1:4566/prefix/", "http://localhost:1", "http://[::1]:8443", "https://h/p",
    ] {
      let settings = try Settings.resolve(options: .init(endpoint: endpoint), environment: environment())
      #expect(settings.endpoint?.value.description.hasPrefix(endpoint) == true)
    }
  }

  @Test func numbersAndFlagsAreChecked() throws {
    #expect(message(environment(["AWS_MAX_ATTEMPTS": "many"]))?.contains("AWS_MAX_ATTEMPTS") == true)
    #expect(message(environment(["AWS_MAX_ATTEMPTS": "0"])) != nil)
    #expect(message(environment(["AWS_USE_FIPS_ENDPOINT": "yes"])) != nil)
    let settings = try Settings.resolve(
      environment: environment([
        "AWS_MAX_ATTEMPTS": "5", "AWS_USE_FIPS_ENDPOINT": "TRUE", "AWS_CA_BUNDLE": "~/ca",
      ]))
    #expect(settings.maxAttempts.value == 5)
    #expect(settings.useFIPS.value)
    #expect(settings.caBundle?.value == "/home/op/ca")
    #expect(
      settings.explanation.map(\.name) == [
        "profile", "region", "use_fips_endpoint", "ca_bundle", "max_attempts", "retry_mode",
      ])
  }

  /// The AWS SDKs' table for endpoint URLs in variables and files, with s3 as the service.
  @Test func endpointURLsAgreeWithThePublicSuite() throws {
    guard let folder = Conformance.suite("endpoint-url-config") else { return }
    for suite in Conformance.json("\(folder)/profile-tests.json")?["testSuites"]?.array ?? [] {
      for test in suite["endpointUrlTests"]?.array ?? [] {
        let name = test["name"]?.string ?? ""
        let client = suite["client_configs"]?[test["client_config"]?.string ?? ""]
        var variables: [String: String] = [:]
        for (key, value) in suite["environments"]?[test["environment"]?.string ?? ""]?.object?.members ?? [] {
          variables[key] = value.string
        }
        // The client's own flag to ignore has no counterpart here but the variable.
        if client?["ignore_configured_endpoint_urls"] == true {
          variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        }
        variables["AWS_PROFILE"] = test["profile"]?.string
        let settings = try Settings.resolve(
          options: .init(endpoint: client?["endpoint_url"]?.string),
          environment: environment(variables, config: ini(suite)),
          service: AWSService(
            hostPrefix: "", signingName: "", configurationKey: test["service"]?.string ?? ""))
        // The service's own host is what the resolver makes when nothing is configured.
        let expected = test["output"]?["endpointUrl"]?.string.flatMap {
          $0.contains(".amazonaws.com") ? nil : $0
        }
        #expect(settings.endpoint?.value == expected.flatMap { URLParts($0) }, "\(name)")
      }
    }
  }

  private func ini(_ suite: Value) -> String {
    var text = ""
    for (kind, key) in [("profile", "profiles"), ("services", "services")] {
      for (name, section) in suite[key]?.object?.members ?? [] {
        text += "[\(kind) \(name)]\n"
        for (property, value) in section.object?.members ?? [] {
          text += "\(property) = \(value.string ?? "")\n"
          for (inner, value) in value.object?.members ?? [] { text += "  \(inner) = \(value.string ?? "")\n" }
        }
      }
    }
    return text
  }
}

@Suite struct EndpointTests {
  @Test(arguments: [
    ("eu-central-1", false, false, "https://backup-gateway.eu-central-1.amazonaws.com/"),
    ("cn-north-1", false, false, "https://backup-gateway.cn-north-1.amazonaws.com.cn/"),
    ("us-gov-west-1", true, true, "https://backup-gateway-fips.us-gov-west-1.api.aws/"),
    ("us-iso-east-1", true, false, "https://backup-gateway-fips.us-iso-east-1.c2s.ic.gov/"),
    ("us-isob-east-1", false, false, "https://backup-gateway.us-isob-east-1.sc2s.sgov.gov/"),
    ("eusc-de-east-1", false, true, "https://backup-gateway.eusc-de-east-1.api.amazonwebservices.eu/"),
    ("mars-1", false, false, "https://backup-gateway.mars-1.amazonaws.com/"),
  ])
  func followsThePartition(_ region: String, _ fips: Bool, _ dualStack: Bool, _ url: String) throws {
    let found = try Endpoint.resolve(
      service: "backup-gateway", region: region, useFIPS: fips, useDualStack: dualStack)
    #expect(found.description == url)
  }

  @Test func anExcludedCombinationNamesTheSettings() throws {
    let settings = try Settings.resolve(
      options: .init(region: "us-east-1", endpoint: "https://h"),
      environment: environment(["AWS_USE_FIPS_ENDPOINT": "true"]))
    do throws(CallError) {
      _ = try settings.endpointURL(of: .backupGateway)
      Issue.record("no error")
    } catch {
      #expect(
        error.message
          == "Invalid Configuration: FIPS and custom endpoint are not supported: use_fips_endpoint from "
          + "AWS_USE_FIPS_ENDPOINT, the endpoint from --endpoint.")
    }
  }

  @Test func agreesWithThePublicRuleTests() {
    guard let folder = Conformance.suite("endpoints/backup-gateway") else { return }
    for test in Conformance.json("\(folder)/endpoint-tests-1.json")?["testCases"]?.array ?? [] {
      let parameters = test["params"]
      let expected = test["expect"]
      do throws(CallError) {
        let url = try Endpoint.resolve(
          service: "backup-gateway", region: parameters?["Region"]?.string,
          override: parameters?["Endpoint"]?.string.flatMap { URLParts($0) },
          useFIPS: parameters?["UseFIPS"] == true, useDualStack: parameters?["UseDualStack"] == true)
        #expect(url.description == expected?["endpoint"]?["url"]?.string.map { $0 + "/" })
      } catch {
        #expect(expected?["error"]?.string.map { error.message.contains($0) } == true, "\(error.message)")
      }
    }
  }
}
