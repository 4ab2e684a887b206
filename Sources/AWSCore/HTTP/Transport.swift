// Transport: the seam between the client and the network. Everything happens on one thread: completions and timers
// run inside the event loop's turn, never inside `start`.

/// A request under way, to cancel it by.
public struct TransferID: Hashable, Sendable {
  public let number: UInt64
  public init(_ number: UInt64) { self.number = number }
}

/// Carries one HTTP exchange. The real one is `CurlTransport`; tests write their own.
public protocol Transport: AnyObject {
  /// Sends a request; `completion` is called once, later, unless the transfer is cancelled.
  func start(
    _ request: HTTPRequest, limits: TransferLimits,
    completion: @escaping (Result<HTTPResponse, TransportError>) -> Void
  ) -> TransferID

  /// Removes a transfer; its completion is never called.
  func cancel(_ transfer: TransferID)
}

/// How long an exchange may take, how much it may bring, whom it may trust, and which way it may go.
public struct TransferLimits: Sendable, Equatable {
  /// Seconds to connect (AWS SDK for Rust's default).
  public var connect: Double = 3.1
  /// Seconds for the whole exchange.
  public var total: Double = 20
  /// Bytes of body; more is an error, not a memory problem.
  public var bodyBytes: Int = 32 << 20
  /// A file of certificate authorities (PEM) to trust instead of the system's, or a folder of them as
  /// `openssl rehash` leaves it.
  public var caBundle: String?
  /// False when no proxy may be used whatever the environment says: behind one, the metadata service of a
  /// machine would be that of the proxy's machine.
  public var usesProxy = true
  public init() {}
}

/// Why an exchange brought no complete response.
public struct TransportError: Error, Sendable {
  public enum Reason: Sendable, Equatable {
    case cannotResolve, cannotConnect, timedOut, brokenConnection, tls, tooLarge, notHTTP, other
  }
  /// What happened, for programs.
  public var reason: Reason
  /// What happened, for people; names the host, never a secret.
  public var message: String
  /// True when the server cannot have seen a complete request, so that even a write may be sent again.
  public var beforeSending: Bool
  /// True when a setting is at fault (a CA bundle that cannot be read, a proxy that is no URL): it would
  /// fail again, and who knows where the setting came from should say so.
  public var isConfiguration: Bool

  public init(
    _ reason: Reason, _ message: String, beforeSending: Bool = false, isConfiguration: Bool = false
  ) {
    self.reason = reason
    self.message = message
    self.beforeSending = beforeSending
    self.isConfiguration = isConfiguration
  }
}

/// A timer that has been set, to cancel it by.
public struct TimerID: Hashable, Sendable {
  public let number: UInt64
  public init(_ number: UInt64) { self.number = number }
}

/// Clock and timers of the event loop.
public protocol Timers: AnyObject {
  /// The time of day, for signatures.
  var now: Timestamp { get }
  /// Seconds on a clock that only goes forward, for deadlines and durations.
  var monotonicSeconds: Double { get }
  /// Calls `body` once, `seconds` from now, from the event loop's turn.
  func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID
  func cancel(_ timer: TimerID)
}
