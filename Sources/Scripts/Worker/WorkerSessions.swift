// WorkerSessions: the sessions of a worker: the one that the run began with, and the targets that the operator named. It
// opens none itself.
import AWSCore
import Host

final class WorkerSessions: SessionSource {
  let canConnect = false
  private let named: [Session]

  init(_ named: [Session]) { self.named = named }

  func operatorTargets(beside current: Session) throws(CallError) -> [FleetTarget] {
    named.isEmpty ? [FleetTarget(current)] : named.map { FleetTarget($0) }
  }

  func open(_ wish: SessionWish, beside current: Session) throws(CallError) -> Session { throw Self.refusal }

  func targets(_ wish: FleetWish, beside current: Session) throws(CallError) -> [FleetTarget] {
    throw Self.refusal
  }

  private static let refusal = CallError(
    .parameters, code: "NotAllowed",
    message: "Shared code has the sessions that its operator gave it, and no others.")
}
