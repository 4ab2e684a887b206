// InstanceMetadata: where the metadata service of an EC2 instance (IMDS) is asked and how, and what else than keys it
// knows. Source: AWS SDKs and Tools Reference, "IMDS credential provider"; EC2 User Guide, "Use the Instance Metadata
// Service".

/// What configuration says about the metadata service.
struct InstanceMetadata {
  var endpoint: Settings.Setting<URLParts>
  /// True when requests without a session token must not be sent.
  var isVersion1Disabled: Settings.Setting<Bool>
  /// Seconds for one request, where configuration says so.
  var seconds: Double?
  /// How often a request is sent at most, where configuration says so.
  var attempts: Int?
  /// True when the firmware says that this is EC2.
  var showsEC2: Bool

  /// Where switched off: the variable that did it.
  static func switchedOff(in environment: Environment) -> String? {
    let name = "AWS_EC2_METADATA_DISABLED"
    return environment.variable(name)?.lowercased() == "true" ? name : nil
  }

  init(settings: Settings, environment: Environment) throws(CallError) {
    endpoint = try Self.endpoint(settings)
    isVersion1Disabled = try settings.flag("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")
    if let text = settings.value("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout") {
      guard let number = Double(text.value), number > 0, number <= 60 else {
        throw Self.invalid(
          "metadata_service_timeout (from \(text.source)) must be a number of seconds up to 60, not "
            + "'\(text.value)'.")
      }
      seconds = number
    }
    if let text = settings.value("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts") {
      guard let number = Int(text.value), (1...10).contains(number) else {
        throw Self.invalid(
          "metadata_service_num_attempts (from \(text.source)) must be a whole number from 1 to 10, not "
            + "'\(text.value)'.")
      }
      attempts = number
    }
    showsEC2 = Self.showsEC2(environment)
  }

  /// The service as something that was looked at.
  func described(_ reason: String) -> String {
    "the instance metadata service at \(endpoint.value.hostHeader) (\(reason))"
  }

  private static func endpoint(_ settings: Settings) throws(CallError) -> Settings.Setting<URLParts> {
    if let given = settings.value("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint") {
      guard let url = URLParts(given.value), url.query == nil else {
        throw invalid(
          "The endpoint of the instance metadata service (from \(given.source)) is not a URL: write "
            + "http://HOST[:PORT].")
      }
      return Settings.Setting(url, from: given.source)
    }
    let mode = settings.value("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode")
    let host: String
    switch mode?.value.lowercased() {
    case nil, "ipv4": host = "169.254.169.254"
    case "ipv6": host = "[fd00:ec2::254]"
    default:
      throw invalid(
        "`\(mode?.value ?? "")` is not a valid endpoint mode of the instance metadata service (from "
          + "\(mode?.source ?? "")): write IPv4 or IPv6.")
    }
    return Settings.Setting(URLParts(scheme: "http", host: host), from: mode?.source ?? "default")
  }

  /// The marks that the EC2 User Guide names ("Determine whether your instance is an EC2 instance"). Some of the files
  /// are for root only.
  private static func showsEC2(_ environment: Environment) -> Bool {
    func begins(_ path: String, _ mark: String) -> Bool {
      guard let bytes = try? environment.readFile(path) else { return false }
      return String(decoding: bytes, as: UTF8.self).lowercased().hasPrefix(mark)
    }
    return begins("/sys/class/dmi/id/sys_vendor", "amazon ec2")
      || begins("/sys/class/dmi/id/product_uuid", "ec2") || begins("/sys/hypervisor/uuid", "ec2")
  }

  private static func invalid(_ message: String) -> CallError {
    CallError(.configuration, code: "Configuration", message: message)
  }

  /// The region that this instance is in; nil where there is no instance. `completion` is called once, at once or later
  /// on the event loop.
  static func region(_ context: CredentialContext, completion: @escaping (Result<String?, CallError>) -> Void)
  {
    if switchedOff(in: context.environment) != nil || context.knowledge.metadataSilence != nil {
      return completion(.success(nil))
    }
    do throws(CallError) {
      let service = try InstanceMetadata(settings: context.settings, environment: context.environment)
      let exchange = InstanceMetadataExchange<String>(
        service, path: "/latest/meta-data/placement/region"
      ) { body, _ in
        isHostLabel(body) ? .success(body) : .failure(.malformed)
      }
      context.carryOut(exchange) { output in
        switch output {
        case .found(let region): completion(.success(region))
        case .absent(let reason, let lack):
          if lack == .silence { context.knowledge.metadataSilence = service.described(reason) }
          completion(.success(nil))
        case .refused(let error): completion(.failure(error))
        }
      }
    } catch {
      completion(.failure(error))
    }
  }
}
