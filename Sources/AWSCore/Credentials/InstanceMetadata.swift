// InstanceMetadata: where the metadata service of an EC2 instance (IMDS) is asked and how, and what else than keys it
// knows. Source: AWS SDKs and Tools Reference, "IMDS credential provider"; EC2 User Guide, "Use the Instance Metadata
// Service".

/// What configuration says about the metadata service.
public struct InstanceMetadata {
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

  // MARK: Asking

  /// Asks for a document, or for that of the one entry of a folder. A service that has been silent in this process is
  /// not waited for again. `completion` is called once, at once or later on the event loop.
  static func ask<Found>(
    _ context: CredentialContext, for path: String, isFolder: Bool = false,
    completion: @escaping (Result<InstanceMetadataAnswer<Found>, CallError>) -> Void,
    read: @escaping InstanceMetadataExchange<Found>.Reading
  ) {
    if let name = switchedOff(in: context.environment) {
      return completion(
        .success(.absent("the instance metadata service (switched off by \(name))", .nothing)))
    }
    do throws(CallError) {
      let service = try InstanceMetadata(settings: context.settings, environment: context.environment)
      let url = service.endpoint.value
      func absent(_ reason: String, _ lack: InstanceMetadataLack) {
        completion(
          .success(.absent("the instance metadata service at \(url.hostHeader) (\(reason))", lack)))
      }
      let known = context.knowledge.metadataPresence[url]
      if case .silent(let reason) = known { return absent(reason, .silence) }
      context.carryOut(
        InstanceMetadataExchange(service, path: path, isFolder: isFolder, read: read)
      ) { answer in
        guard case .success(.absent(let reason, let lack)) = answer else {
          context.knowledge.metadataPresence[url] = .answers
          return completion(answer)
        }
        // A service that has answered once is out, not absent.
        context.knowledge.metadataPresence[url] = known ?? (lack == .silence ? .silent(reason) : .answers)
        absent(reason, lack)
      }
    } catch {
      completion(.failure(error))
    }
  }

  /// The region that this instance is in; nil where there is no instance. A machine that shows no sign of EC2 is not
  /// kept waiting for an answer that will not come. `completion` is called once, at once or later on the event loop.
  public static func region(
    _ context: CredentialContext, completion: @escaping (Result<String?, CallError>) -> Void
  ) {
    do throws(CallError) {
      let service = try InstanceMetadata(settings: context.settings, environment: context.environment)
      guard service.showsEC2 || service.endpoint.source != "default" else { return completion(.success(nil)) }
    } catch {
      return completion(.failure(error))
    }
    ask(context, for: "/latest/meta-data/placement/region") {
      (answer: Result<InstanceMetadataAnswer<String>, _>) in
      if case .success(.found(let region)) = answer { context.knowledge.region = region }
      completion(answer.map { if case .found(let region) = $0 { region } else { nil } })
    } read: { text, _ in
      isHostLabel(text) ? .success(text) : .failure(.malformed)
    }
  }
}

/// Whether there is a service at all.
enum InstanceMetadataPresence {
  case answers
  /// The reason is the words of the attempt that met silence.
  case silent(String)
}
