// ParkedOperation: what a script waits for: a call of the service, a timer, another task.

public final class ParkedOperation {
  /// Pushes the results.
  public typealias Finish = (borrowing LuaCall) throws(LuaRaise) -> LuaVM.Outcome

  /// Why nobody waits for it any more.
  public enum Cancellation: Sendable {
    /// Ctrl-C, a limit, exit.
    case interrupted
    /// Another task has failed, and this one's result is not wanted any more.
    case failedElsewhere
  }

  /// True when `finish` will not have to wait.
  public private(set) var isComplete = false
  public private(set) var isCancelled = false
  /// True when only another task can bring what it waits for; no other runs where Lua cannot yield.
  public var needsOtherTasks = false
  /// Told that the results are not wanted; true when it is better waited for nonetheless, as a write that was sent, and
  /// will complete by itself.
  public var settle: (Cancellation) -> Bool = { _ in false }
  private let cancelling: () -> Void
  private let finishing: Finish
  private var completion: (() -> Void)?

  /// - Parameters:
  ///   - cancel: lets go of what it waits for; called at most once, and not after completion.
  ///   - finish: pushes the results.
  public init(cancel: @escaping () -> Void, finish: @escaping Finish) {
    cancelling = cancel
    finishing = finish
  }

  /// Tells that the wait is over.
  public func complete() {
    guard !isComplete else { return }
    isComplete = true
    let completion = completion
    self.completion = nil
    completion?()
  }

  /// Calls `body` once, when the wait is over, or at once when it is. There is one such body.
  public func whenComplete(_ body: @escaping () -> Void) {
    if isComplete { body() } else { completion = body }
  }

  /// Lets go of it; its task is unwound when it goes on.
  public func cancel() {
    guard !isComplete else { return }
    isCancelled = true
    cancelling()
    complete()
  }

  func finish(_ call: borrowing LuaCall) throws(LuaRaise) -> LuaVM.Outcome { try finishing(call) }
}
