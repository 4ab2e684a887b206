// Socket: a TCP connection to loopback that writes and reads bytes as they are.
import Glibc

struct SocketError: Error { let reason: String }

final class Socket: @unchecked Sendable {
  private let descriptor: Int32
  private var buffered: [UInt8] = []

  init(_ port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw SocketError(reason: String(cString: strerror(errno)))
    }
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Writes everything, or as much as the other side takes.
  func write(_ text: some StringProtocol) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes until nothing more has been taken for half a second; returns how many bytes went.
  func writeWithoutWaiting(_ text: String) -> Int {
    var timeout = timeval(tv_sec: 0, tv_usec: 500_000)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var size: Int32 = 65_536
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    let bytes = Array(text.utf8)
    return max(0, send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
  }

  /// The next response; its length is its Content-Length.
  func response(bodyless: Bool = false) throws -> (status: Int, head: String, body: String) {
    let end = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      headEnd = buffered.indices.first { buffered[$0...].starts(with: end) }
      if headEnd == nil { try fill() }
    }
    let head = String(decoding: buffered[..<(headEnd ?? 0)], as: UTF8.self)
    buffered.removeFirst((headEnd ?? 0) + 4)
    let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    var length = 0
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length: ") {
      length = Int(line.dropFirst(16)) ?? 0
    }
    if bodyless { length = 0 }
    while buffered.count < length { try fill() }
    let body = String(decoding: buffered.prefix(length), as: UTF8.self)
    buffered.removeFirst(length)
    return (status, head, body)
  }

  /// True when the other side has closed and nothing is left to read.
  func isAtEnd() -> Bool {
    guard buffered.isEmpty else { return false }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == 0
  }

  /// True when the other side has reset the connection and nothing is left to read.
  func isReset() -> Bool {
    guard buffered.isEmpty else { return false }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == -1 && errno == ECONNRESET
  }

  /// Everything until the other side closes.
  func rest() -> String {
    while (try? fill()) != nil {}
    return String(decoding: buffered, as: UTF8.self)
  }

  private func fill() throws {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else {
      throw SocketError(reason: count == 0 ? "closed" : String(cString: strerror(errno)))
    }
    buffered += chunk.prefix(count)
  }
}

/// A thread that is waited for.
final class Thread {
  private var id = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
      &id, nil,
      { pointer in
        pointer.map { Unmanaged<Box>.fromOpaque($0).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
  }

  func join() { pthread_join(id, nil) }

  private final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
