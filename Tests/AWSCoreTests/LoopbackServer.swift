// LoopbackServer: the other end of the transport's tests, on a free port of 127.0.0.1. It has no thread: the
// test turns it beside the transport, so what arrived can be read at any time.
import Glibc

final class LoopbackServer {
  /// What becomes of a request.
  enum Answer {
    /// The answer's bytes, and the connection stays open.
    case kept(String)
    /// The answer's bytes, and the end of the connection; "" is an end without an answer.
    case last(String)
    /// Nothing, ever.
    case silence

    static let ok = Answer.kept("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
  }

  private struct Connection {
    let descriptor: Int32
    var received: [UInt8] = []
    var unsent: [UInt8] = []
    var closesWhenSent = false
  }

  let port: Int
  /// Every request as it arrived, head and body.
  private(set) var requests: [String] = []
  private(set) var connectionCount = 0
  private let listener: Int32
  private let answers: [Answer]
  private var connections: [Connection] = []

  /// - Parameter answers: to the first request, the second and so on, on whatever connection; the last one is
  ///   for all that follow.
  init(_ answers: Answer...) {
    self.answers = answers
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length)
        listen(listener, 8)
        getsockname(listener, generic, &length)
      }
      return Int(UInt16(bigEndian: pointer.pointee.sin_port))
    }
  }

  deinit {
    for connection in connections { close(connection.descriptor) }
    close(listener)
  }

  /// Does what can be done now, without waiting.
  func turn() {
    while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
      connections.append(Connection(descriptor: descriptor))
      connectionCount += 1
    }
    connections = connections.compactMap(serve)
  }

  /// The connection as it is afterwards; nil when it has ended.
  private func serve(_ connection: Connection) -> Connection? {
    var connection = connection
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while !connection.closesWhenSent {
      let count = recv(connection.descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      if count == 0 { return end(connection) }
      guard count > 0 else { break }
      connection.received += chunk.prefix(count)
      while !connection.closesWhenSent, let request = nextRequest(&connection.received) {
        requests.append(request)
        switch answers[min(requests.count, answers.count) - 1] {
        case .kept(let answer): connection.unsent += Array(answer.utf8)
        case .last(let answer):
          connection.unsent += Array(answer.utf8)
          connection.closesWhenSent = true
        case .silence: break
        }
      }
    }
    if !connection.unsent.isEmpty {
      let sent = send(
        connection.descriptor, connection.unsent, connection.unsent.count,
        Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      if sent > 0 { connection.unsent.removeFirst(sent) }
    }
    return connection.closesWhenSent && connection.unsent.isEmpty ? end(connection) : connection
  }

  private func end(_ connection: Connection) -> Connection? {
    close(connection.descriptor)
    return nil
  }

  /// Takes one request off the bytes that have arrived.
  private func nextRequest(_ received: inout [UInt8]) -> String? {
    let text = String(decoding: received, as: UTF8.self)
    guard let headEnd = text.firstRange(of: "\r\n\r\n")?.upperBound else { return nil }
    let lengthLine = text[..<headEnd].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
    let length = lengthLine.flatMap { Int($0.dropFirst("Content-Length: ".count)) } ?? 0
    let size = text[..<headEnd].utf8.count + length
    guard received.count >= size else { return nil }
    defer { received.removeFirst(size) }
    return String(decoding: received.prefix(size), as: UTF8.self)
  }
}
