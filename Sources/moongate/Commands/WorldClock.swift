// WorldClock: the clock of a test: that of its world, so that what a script sees and what the service sees never differ.
import AWSCore
import Host
import LocalGateway

final class WorldClock: CodeClock {
  private let gateway: LocalGateway

  init(_ gateway: LocalGateway) { self.gateway = gateway }

  var now: Timestamp {
    get { gateway.time }
    set { gateway.time = newValue }
  }
}
