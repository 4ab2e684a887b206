// AnswerBytes: an answer in the form of HTTP/1.1 (RFC 9112), head and body in one piece.
import AWSCore
import NIOCore
import NIOHTTP1

extension ByteBufferAllocator {
  /// An answer as it leaves. No field of one has anything of a request in it that could break a line.
  /// - Parameters:
  ///   - version: of the request.
  ///   - withBody: false for the answer to a HEAD, which has the length of the body and not the body.
  ///   - keepsAlive: whether the connection goes on.
  func buffer(answer reply: Reply, to version: HTTPVersion, withBody: Bool, keepsAlive: Bool) -> ByteBuffer {
    let response = reply.response
    var head: [UInt8] = []
    head.reserveCapacity(512)
    let status = HTTPResponseStatus(statusCode: response.status)
    if version == .http1_1, status == .ok {
      head += "HTTP/1.1 200 OK\r\n".utf8
    } else {
      head += "HTTP/\(version.major).\(version.minor) \(status.code) \(status.reasonPhrase)\r\n".utf8
    }
    for (name, value) in response.headers.fields { head.append(field: name, value) }
    head.append(field: "Content-Length", String(response.body.count))
    if !keepsAlive {
      head.append(field: "Connection", "close")
    } else if version == .http1_0 {
      head.append(field: "Connection", "keep-alive")
    }
    head += "\r\n".utf8
    let body = withBody ? reply.bodyAsSent : []
    var bytes = buffer(capacity: head.count + body.count)
    bytes.writeBytes(head)
    bytes.writeBytes(body)
    return bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(field name: String, _ value: String) {
    self += name.utf8
    self += ": ".utf8
    self += value.utf8
    self += "\r\n".utf8
  }
}
