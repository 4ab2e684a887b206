// Download: one file over https, whole and bounded, from exactly the place that was named.
import AWSCore
import Host

public struct Download {
  private let caBundle: String?
  private let transport = CurlTransport()

  /// - Parameter caBundle: a file of certificate authorities (PEM) to trust instead of the system's.
  public init(caBundle: String?) { self.caBundle = caBundle }

  /// The body of a successful answer.
  /// - Parameter most: bytes that it may have.
  /// - Throws: a report (exit code 255) for everything else; a redirect is not followed.
  func bytes(_ url: URLParts, most: Int) throws(Report) -> [UInt8] {
    var limits = TransferLimits()
    limits.bodyBytes = most
    limits.caBundle = caBundle
    var request = HTTPRequest(method: "GET", url: url)
    request.headers.append("User-Agent", "moongate/\(Version.current)")
    request.headers.append("Accept", "*/*")
    var outcome: Result<HTTPResponse, TransportError>?
    let id = transport.start(request, limits: limits) { outcome = $0 }
    while outcome == nil {
      transport.turn(waitMilliseconds: 100, wakeDescriptors: [])
      if Console.takeSignals() > 0 {
        transport.cancel(id)
        throw Report(message: "interrupted", exitCode: ExitCode.interrupted)
      }
    }
    switch outcome {
    case .success(let response) where response.status == 200: return response.body
    case .success(let response):
      let place = (300..<400).contains(response.status) ? "; a redirect is not followed" : ""
      throw Report(
        message: "\(url) answers with status \(response.status)\(place)", exitCode: ExitCode.network)
    case .failure(let error):
      throw Report(
        message: error.message, exitCode: error.isConfiguration ? ExitCode.configuration : ExitCode.network)
    case nil: throw Report(message: "\(url) gave no answer", exitCode: ExitCode.network)
    }
  }
}
