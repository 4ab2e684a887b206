// Configuration: the syntax of the shared files, and which of options, variables and profile wins.
import Glibc
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
    ("[a]\n\nkey : value", "config:3: Expected an '=' sign defining a property, as in name = value."),
    ("[a]\n= v", "config:2: Property did not have a name."),
    (
      "[a]\ns3 =\n x",
      "config:3: Expected an '=' sign defining a property in sub-property, as in name = value."
    ),
    ("[a]\nx = 1\n[b]\n more", "config:4: Expected a property definition, as in name = value."),
    (" more", "config:1: Expected a section definition, as in [default]."),
    ("[a] b", "config:1: Section definition must end with ']'."),
    ("x = 1", "config:1: Expected a section definition, as in [default]."),
  ])
  func namesFileAndLineOfWhatItCannotRead(_ text: String, _ message: String) {
    #expect(throws: INIError(message: message)) { try sections(text) }
  }

  /// Files that the AWS CLI reads, and that the SDKs' rules say nothing of.
  @Test func readsIndentedFilesAsTheCLIDoes() throws {
    let found = try sections(
      "[default]\n  # mine\n  region = eu-west-1\n    ; why\n  output = json\n  s3 =\n    # fast\n    a = b\n  c = d\n"
    )
    #expect(
      found[0].properties.mapValues(\.value) == ["region": "eu-west-1", "output": "json", "s3": "", "c": "d"])
    #expect(found[0].properties["s3"]?.nested == ["a": "b"])
  }

  /// U+2028 and the form feed ended a line here, and nowhere else: half a role's name was a new property.
  @Test(arguments: ["\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\r"])
  func onlyALineFeedEndsALine(_ character: Character) throws {
    let found = try sections("[a]\nx = one\(character)y = two\r\nz = three\r\n")
    #expect(found[0].properties["x"]?.value == "one\(character)y = two")
    #expect(found[0].properties["z"] == INI.Property(value: "three", line: 3))
  }

  /// Swift takes `=` with an accent for one character, and the property had no `=`.
  @Test func signsCountWhateverFollowsThem() throws {
    let found = try sections("[a]\nx=\u{301}y\nz = #\u{301}\n")
    #expect(found[0].properties["x"]?.value == "\u{301}y")
    #expect(found[0].properties["z"]?.value == "")
  }

  /// Each line copied the value so far: 200,000 of them took minutes. Four times the lines may take nine times as long,
  /// in time of this thread, since beside all the other tests the clock on the wall says nothing.
  @Test func longValuesCostWhatTheyAreLong() throws {
    func seconds(_ count: Int) throws -> Double {
      let text = "[a]\nx = 0\n" + String(repeating: "  1\n", count: count) + "y =\n"
      let nested = (0..<count).map { "  k\($0) = v\n" }.joined()
      let start = nanoseconds(of: CLOCK_THREAD_CPUTIME_ID)
      let found = try sections(text + nested)
      let end = nanoseconds(of: CLOCK_THREAD_CPUTIME_ID)
      #expect(found[0].properties["x"]?.value.utf8.count == 1 + 2 * count)
      #expect(found[0].properties["y"]?.nested.count == count)
      return Double(end - start) / 1e9
    }
    let few = try seconds(10_000)
    #expect(try seconds(40_000) < 9 * few)
  }

  private func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

@Suite struct SharedConfigTests {
  @Test func namesInQuotesMayHoldSpaces() throws {
    let config = try SharedConfig(
      environment: environment(
        config:
          "[profile \"my profile\"]\na = 1\n[profile 'other one']\n[profile \"half]\n[services \"s\"]\n[profile \"\"]\n"
      ))
    #expect(config.profiles.keys.sorted() == ["my profile", "other one"])
    #expect(config.services.keys.sorted() == ["s"])
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

  /// An operator's file had its keys indented under `region`: the region then held the secret key, and messages and
  /// the User-Agent header showed it.
  @Test(arguments: ["region = us-east-1", "sdk_ua_app_id = x", "aws_access_key_id = AKIA", "role_arn = arn"])
  func anIndentedPropertyIsNoPartOfTheValueAbove(_ property: String) throws {
    let lines = "\(property)\n  aws_secret_access_key = hush\n"
    let text = message(environment(config: "[default]\n\(lines)"))
    #expect(text?.contains("'aws_secret_access_key' after ~/.aws/config:2 is indented") == true)
    #expect(text?.contains("hush") == false)
    // Another profile's mistake is none of ours.
    #expect(message(environment(config: "[profile other]\n\(lines)")) == nil)
    let config = try SharedConfig(environment: environment(config: "[profile other]\n\(lines)"))
    #expect(throws: CallError.self) { try ProfilePlan.resolve("other", in: config) }
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
        + "They hold dev, prod. Did you mean 'prod'?"
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
    "https://h\\@evil", "https://h?q=1", "https://169.254.169.254", "https://[fd00:ec2::254]",
    "https://0xa9fea9fe", "https://2852039166", "https://169.254.43518", "https://[::ffff:169.254.169.254]",
    "https://[fe80::1]",
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

  /// A region that is listed nowhere belongs where its name says, and else to the partition aws.
  @Test(arguments: [
    ("eu-central-1", "aws"), ("mx-south-9", "aws"), ("us-gov-north-1", "aws-us-gov"), ("cn-east-1", "aws-cn"),
    ("us-isob-middle-1", "aws-iso-b"), ("eusc-de-west-2", "aws-eusc"), ("aws-cn-global", "aws-cn"),
    ("us-gov-west", "aws"), ("eusc-fr-west-1", "aws"), ("cn-north-1a", "aws"), ("cn--1", "aws"), ("", "aws"),
  ])
  func everyRegionHasAPartition(_ region: String, _ partition: String) {
    #expect(Partition.of(region: region).name == partition)
  }

  @Test func knownRegionsArePlacesOnly() {
    #expect(Partition.isKnown(region: "ap-southeast-7"))
    #expect(!Partition.isKnown(region: "us-esat-1"))
    #expect(!Partition.isKnown(region: "aws-global"))
  }

  /// In GovCloud the hosts of these services are FIPS endpoints under their plain names.
  @Test(arguments: ["sts", "portal.sso", "oidc"])
  func someServicesHaveNoFIPSHostInGovCloud(_ service: String) throws {
    func host(_ region: String, dualStack: Bool = false) throws -> String {
      try Endpoint.resolve(service: service, region: region, useFIPS: true, useDualStack: dualStack).host
    }
    #expect(try host("us-gov-west-1") == "\(service).us-gov-west-1.amazonaws.com")
    #expect(try host("us-gov-west-1", dualStack: true) == "\(service)-fips.us-gov-west-1.api.aws")
    #expect(try host("us-east-1") == "\(service)-fips.us-east-1.amazonaws.com")
  }

  @Test func theGlobalHostOfSTSIsSignedForUSEast1() throws {
    func sts(_ region: String, fips: Bool = false, global: Bool = true) throws -> String {
      let found = try Endpoint.sts(region: region, useFIPS: fips, useGlobal: global)
      return "\(found.url.host) \(found.signingRegion ?? "none")"
    }
    #expect(try sts("eu-west-1") == "sts.amazonaws.com us-east-1")
    #expect(try sts("eu-west-1", global: false) == "sts.eu-west-1.amazonaws.com eu-west-1")
    #expect(try sts("eu-west-1", fips: true) == "sts-fips.eu-west-1.amazonaws.com eu-west-1")
    #expect(try sts("eu-south-1") == "sts.eu-south-1.amazonaws.com eu-south-1")
    #expect(try sts("aws-global", global: false) == "sts.amazonaws.com us-east-1")
  }
}
