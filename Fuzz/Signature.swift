// Signature: requests as anybody may send them to the local gateway, and whether only those are taken that its key signed.
import AWSCore
import BackupGateway

@testable import LocalGateway

extension FuzzTarget {
  static let signature = FuzzTarget(name: "signature") { bytes in
    var choices = Choices(bytes)
    guard choices.flag() else {
      let request = HTTPRequest(text: choices.remainder())
      return check(!isTaken(request), "a request that nobody signed is taken: \(request.headers.fields)")
    }
    // What the client signs is taken, and no longer when anything that is signed has changed.
    var request = HTTPRequest(text: choices.remainder())
    request.headers["Host"] = "127.0.0.1:8080"
    for name in ["Authorization", "X-Amz-Date", "X-Amz-Security-Token"] { request.headers[name] = nil }
    SigV4(service: Service.name, region: "us-east-1").sign(
      &request, with: Gateway.credentials, at: Gateway.now)
    check(isTaken(request), "what the client signed is refused: \(request)")
    var changed = request
    changed.body.append(0)
    check(!isTaken(changed), "a body that was not signed is taken")
    changed = request
    changed.method += "X"
    check(!isTaken(changed), "a method that was not signed is taken")
    changed = request
    changed.url.path += "x"
    check(!isTaken(changed), "a path that was not signed is taken")
  }

  private static let authentication = Authentication([
    AccessKey(Gateway.credentials, account: LocalGateway.account)
  ])

  private static func isTaken(_ request: HTTPRequest) -> Bool {
    guard let claim = try? Claim(of: request) else { return false }
    return (try? authentication.world(of: request, claiming: claim, at: Gateway.now, now: Gateway.now)) != nil
  }
}
