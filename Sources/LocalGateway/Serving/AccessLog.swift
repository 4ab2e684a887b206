// AccessLog: one line a request, for people or for programs.
import AWSCore
import Glibc

public struct AccessLog: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    case text
    case json
  }

  let format: Format
  /// Writes one line; called on the server's thread.
  let write: @Sendable (String) -> Void

  /// A log on stderr, a line at once.
  public static func standardError(_ format: Format) -> AccessLog {
    AccessLog(format: format) { line in
      let bytes = Array("\(line)\n".utf8)
      // What cannot be written at once is lost: a pipe that nobody reads must not stop the server. A pipe that can be
      // written to takes PIPE_BUF bytes (4,096) without waiting, more than a line has (poll(2), pipe(7)).
      var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      guard unsafe poll(&state, 1, 0) == 1 else { return }
      _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
  }

  func tell(_ outcome: Outcome) {
    write(format == .json ? Self.json(outcome) : Self.text(outcome))
  }

  private static func json(_ outcome: Outcome) -> String {
    let exchange = outcome.exchange
    let line: Value.Object = [
      "time": .string(exchange.time.iso8601), "request_id": .string(exchange.requestID),
      "access_key": text(exchange.accessKey), "account": text(exchange.account),
      "region": text(exchange.region), "operation": text(exchange.operation),
      "status": outcome.status.map { .integer(Int64($0)) } ?? .null, "error": text(exchange.error),
      "faults": .array(exchange.faults.map(Value.string)), "bytes": .integer(Int64(outcome.bytesSent)),
      "milliseconds": .number(milliseconds(outcome)),
    ]
    return String(decoding: JSON.encode(.object(line)), as: UTF8.self)
  }

  private static func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }

  /// `TIME STATUS OPERATION ERROR ACCOUNT REGION KEY BYTES MILLISECONDS REQUEST-ID FAULTS`, `-` for nothing.
  private static func text(_ outcome: Outcome) -> String {
    let exchange = outcome.exchange
    let fields: [String?] = [
      exchange.time.iso8601, outcome.status.map(String.init), exchange.operation, exchange.error,
      exchange.account,
      exchange.region, exchange.accessKey.map { "*\($0)" }, "\(outcome.bytesSent)B",
      "\(milliseconds(outcome))ms", exchange.requestID,
      exchange.faults.isEmpty ? nil : exchange.faults.joined(separator: ","),
    ]
    return fields.map { $0 ?? "-" }.joined(separator: " ")
  }

  private static func milliseconds(_ outcome: Outcome) -> Double {
    Double(outcome.took.microseconds) / 1_000
  }
}
