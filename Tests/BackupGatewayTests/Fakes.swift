// Fakes: a network that answers from a list and a clock that moves when told.
import AWSCore
import BackupGateway

final class FakeTimers: Timers {
  var now = Timestamp(year: 2026, month: 1, day: 1)
  var monotonicSeconds = 0.0
  private var pending: [(id: TimerID, at: Double, body: () -> Void)] = []
  private var lastNumber: UInt64 = 0
  /// Every delay that was asked for.
  private(set) var delays: [Double] = []

  func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
    lastNumber += 1
    delays.append(seconds)
    pending.append((TimerID(lastNumber), monotonicSeconds + seconds, body))
    return TimerID(lastNumber)
  }

  func cancel(_ timer: TimerID) { pending.removeAll { $0.id == timer } }

  /// Moves on to the next timer; false when there is none.
  func fire() -> Bool {
    guard let next = pending.min(by: { $0.at < $1.at }) else { return false }
    pending.removeAll { $0.id == next.id }
    monotonicSeconds = max(monotonicSeconds, next.at)
    next.body()
    return true
  }
}

final class FakeTransport: Transport {
  typealias Outcome = Result<HTTPResponse, TransportError>
  private(set) var requests: [HTTPRequest] = []
  private(set) var cancelled: [TransferID] = []
  private var answers: [(HTTPRequest) -> Outcome]
  private var pending: [(id: TransferID, completion: (Outcome) -> Void, outcome: Outcome)] = []

  init(_ answers: [(HTTPRequest) -> Outcome]) { self.answers = answers }

  func start(_ request: HTTPRequest, limits: TransferLimits, completion: @escaping (Outcome) -> Void)
    -> TransferID
  {
    requests.append(request)
    let id = TransferID(UInt64(requests.count))
    let none: Outcome = .failure(TransportError(.other, "the test has no more answers"))
    pending.append((id, completion, answers.isEmpty ? none : answers.removeFirst()(request)))
    return id
  }

  func cancel(_ transfer: TransferID) {
    cancelled.append(transfer)
    pending.removeAll { $0.id == transfer }
  }

  /// Delivers the next outcome; false when there is none.
  func deliver() -> Bool {
    guard !pending.isEmpty else { return false }
    let next = pending.removeFirst()
    next.completion(next.outcome)
    return true
  }
}

/// An answer with this status, body and header fields.
func answer(_ status: Int, _ body: String = "{}", _ headers: HTTPHeaders = [:]) -> (HTTPRequest) ->
  FakeTransport.Outcome
{
  { _ in .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8))) }
}

/// No answer.
func broken(_ reason: TransportError.Reason, _ message: String, beforeSending: Bool = false) -> (HTTPRequest)
  ->
  FakeTransport.Outcome
{
  { _ in .failure(TransportError(reason, message, beforeSending: beforeSending)) }
}
