// Pipelining: what comes in while a request is being answered waits, whole or broken, and is answered in its turn.
import AWSCore
import Glibc
import Testing

@testable import LocalGateway

struct PipeliningTests {
  private let health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
  private let gateway: LocalGateway

  /// A gateway that takes its time for each call, but not for its health.
  init() throws {
    var options = LocalGateway.Options(virtualMachines: 1)
    options.faults = [try FaultRule("latency=100ms")]
    gateway = try LocalGateway.start(options)
  }

  private func call(_ operation: String) -> String { signedOnTheWire(operation, to: gateway) }

  @Test func whatIsSentAtOnceIsAnsweredInOrder() throws {
    let socket = try Socket(gateway.port)
    socket.write(call("ListGateways") + health + call("ListHypervisors") + health)
    #expect(try socket.response().body.contains("\"Gateways\""))
    #expect(try socket.response().body == "ok")
    #expect(try socket.response().body.contains("\"Hypervisors\""))
    #expect(try socket.response().body == "ok")
  }

  @Test func whatIsSentBeforeTheAnswerIsAnsweredAfterIt() throws {
    let socket = try Socket(gateway.port)
    socket.write(call("ListGateways"))
    usleep(20_000)
    socket.write(health)
    #expect(try socket.response().body.contains("\"Gateways\""))
    #expect(try socket.response().body == "ok")
  }

  @Test func whatIsNotHTTPIsRefusedInItsTurn() throws {
    let socket = try Socket(gateway.port)
    socket.write(call("ListGateways") + "what is this?\r\n\r\n" + health)
    #expect(try socket.response().body.contains("\"Gateways\""))
    #expect(try socket.response().status == 400)
    #expect(socket.isAtEnd())
  }

  @Test func aClientThatWantsNoMoreGetsItsAnswerOnly() throws {
    let socket = try Socket(gateway.port)
    let last = call("ListGateways").replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n")
    socket.write(last + health)
    let answer = try socket.response()
    #expect(answer.status == 200 && answer.head.contains("Connection: close"))
    #expect(socket.isAtEnd())
  }

  @Test func aClientThatLeavesBeforeItsAnswerHarmsNobody() throws {
    for _ in 0..<10 { try Socket(gateway.port).write(call("ListGateways") + health) }
    let socket = try Socket(gateway.port)
    socket.write(call("ListGateways"))
    #expect(try socket.response().status == 200)
  }
}
