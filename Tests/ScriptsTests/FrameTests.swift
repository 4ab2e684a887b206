// Frames between the host and a worker: whole again in whatever pieces they come, and refused when they are none.
import AWSCore
import Testing

@testable import Scripts

@Suite struct FrameTests {
  private func bytes(_ total: UInt32, _ head: UInt32, _ rest: String = "") -> [UInt8] {
    var bytes: [UInt8] = []
    for number in [total, head] {
      for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    return bytes + rest.utf8
  }

  @Test(arguments: [1, 2, 7, 8, 9, 1000])
  func framesAreReadInWhateverPiecesTheyCome(_ size: Int) throws {
    let frames = [
      Frame(head: ["kind": "a", "text": "é\n"], payload: []),
      Frame(head: ["kind": "b"], payload: [0, 255, 10, 0]),
      Frame(head: [:], payload: Array(repeating: 7, count: 5_000)),
    ]
    let stream = frames.flatMap { $0.encoded() }
    var reader = Frame.Reader(largest: 1 << 20, mayHavePayload: true)
    var found: [Frame] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      reader.append(stream[start..<min(start + size, stream.count)])
      while let frame = try reader.next() { found.append(frame) }
    }
    #expect(found == frames)
  }

  @Test func aFrameCanBeReadWithoutAByteOfTheNext() throws {
    let stream = Frame(head: ["kind": "begin"]).encoded() + Frame(head: [:], payload: [1, 2, 3]).encoded()
    var position = 0
    var reader = Frame.Reader(largest: 1 << 20, mayHavePayload: true)
    while try reader.next() == nil {
      let count = reader.missing
      reader.append(stream[position..<position + count])
      position += count
    }
    #expect(position == Frame(head: ["kind": "begin"]).encoded().count)
  }

  @Test func whatIsNoFrameIsRefused() {
    let cases: [([UInt8], String)] = [
      (bytes(1 << 20 + 1, 2), "a message of 1048577 bytes"),
      (bytes(.max, .max), "a message of 4294967295 bytes"),
      (bytes(4, 5), "a message that is no message"),
      (bytes(4, 2, "{}ab"), "a message that is no message"),
      (bytes(0, 0), "a message that is not JSON"),
      (bytes(2, 2, "[]"), "a message that is not JSON"),
      (bytes(2, 2, "{]"), "a message that is not JSON"),
      (bytes(13, 13, "{\"a\":1,\"a\":2}"), "a message that is not JSON"),
      (bytes(4, 4, "null"), "a message that is not JSON"),
    ]
    for (stream, message) in cases {
      var reader = Frame.Reader(largest: 1 << 20, mayHavePayload: false)
      reader.append(stream)
      #expect(throws: Frame.Problem(message: message)) { try reader.next() }
    }
  }

  /// A length that is too large is refused before its bytes are waited for, so that nobody has to hold them.
  @Test func theLengthIsLookedAtFirst() {
    var reader = Frame.Reader(largest: 100, mayHavePayload: false)
    reader.append(bytes(101, 101))
    #expect(throws: Frame.Problem.self) { try reader.next() }
  }

  @Test func messagesOfAWorkerArriveAsTheyWereSent() throws {
    let messages: [WorkerMessage] = [
      .refused("Landlock: no"),
      .call(number: 7, operation: "GetGateway", parameters: ["GatewayArn": "a"], target: 2),
      .cancel(number: 7), .zone(number: 8, name: "Europe/Berlin"), .rested, .ended(code: 255),
    ]
    for message in messages {
      var reader = Frame.Reader(largest: Frame.largestUp, mayHavePayload: false)
      reader.append(message.frame.encoded())
      #expect(try reader.next().map { try WorkerMessage($0) } == message)
    }
  }

  @Test func answersArriveWithTheServicesOwnBytes() throws {
    let body = Array(#"{"Gateway" : {"GatewayDisplayName":"a","LastSeenTime":1.5}}"#.utf8)
    let response = Response(body: body, requestID: "r", httpStatus: 200, attempts: 2, seconds: 0.5)
    var error = CallError(
      .service, code: "AccessDeniedException", message: "no", operation: "GetGateway", requestID: "r",
      httpStatus: 403, attempts: 3, isRetryable: true)
    error.host = "127.0.0.1"
    guard case .answer(3, let read, false) = try HostMessage(HostMessage.answer(number: 3, response).frame)
    else {
      Issue.record("no answer")
      return
    }
    #expect(read.body == body)
    #expect(read.requestID == "r")
    #expect((read.httpStatus, read.attempts, read.seconds) == (200, 2, 0.5))
    guard case .failure(4, let told) = try HostMessage(HostMessage.failure(number: 4, error).frame) else {
      Issue.record("no failure")
      return
    }
    #expect(told.category == .service)
    #expect(
      (told.code, told.message, told.operation, told.host) == (error.code, "no", "GetGateway", "127.0.0.1"))
    #expect((told.requestID, told.httpStatus, told.attempts, told.isRetryable) == ("r", 403, 3, true))
  }
}
