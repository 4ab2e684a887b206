// AWSService: a service of AWS, as endpoints, signatures and configuration name it.

public struct AWSService: Sendable, Hashable {
  /// The first labels of its host: `backup-gateway`, `portal.sso`.
  public var hostPrefix: String
  /// Its name in signatures.
  public var signingName: String
  /// Its name in configuration: AWS_ENDPOINT_URL_⟨KEY⟩ in capitals, and the key in a services section.
  public var configurationKey: String

  public init(hostPrefix: String, signingName: String, configurationKey: String) {
    self.hostPrefix = hostPrefix
    self.signingName = signingName
    self.configurationKey = configurationKey
  }

  /// The service that moongate is for.
  public static let backupGateway = AWSService(
    hostPrefix: "backup-gateway", signingName: "backup-gateway", configurationKey: "backup_gateway")
  /// AWS Security Token Service: roles and web identities.
  public static let sts = AWSService(hostPrefix: "sts", signingName: "sts", configurationKey: "sts")
  /// The access portal of IAM Identity Center: keys for a token.
  public static let sso = AWSService(
    hostPrefix: "portal.sso", signingName: "awsssoportal", configurationKey: "sso")
  /// IAM Identity Center's OpenID Connect: a new token for an old one.
  static let ssoOIDC = AWSService(
    hostPrefix: "oidc", signingName: "sso-oauth", configurationKey: "sso_oidc")
}
