// CallError in one line, for people.

extension CallError: CustomStringConvertible {
  /// `GetGateway: ResourceNotFoundException: … (HTTP 400, request id 1f0c…, 2 attempts)`.
  /// The sentence of a refused parameter begins with the operation already.
  public var description: String {
    var lead = ""
    if let operation, !message.hasPrefix("\(operation):") { lead = "\(operation): " }
    if category == .service { lead += "\(code): " }
    var details: [String] = []
    if let httpStatus { details.append("HTTP \(httpStatus)") }
    if let requestID { details.append("request id \(requestID)") }
    if attempts > 0 { details.append(attempts == 1 ? "1 attempt" : "\(attempts) attempts") }
    return lead + message + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
  }
}
