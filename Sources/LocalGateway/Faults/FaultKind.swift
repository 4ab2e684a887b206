// FaultKind: everything that can be made to go wrong, as one table. A row is a name, what it takes, and what it
// does; --fault, the control endpoint, --help and the counters read it. Adding a kind of fault is adding a row.
//
// Before and after are different faults: a connection that is reset before a write was carried out may be tried
// again, one that is reset afterwards leaves a write behind that its caller does not know of.

/// A kind of fault.
public struct FaultKind: Sendable {
  /// What is written behind the `=`.
  enum Argument: String, Sendable {
    /// `10/s`, `100/m`, `1000/h`.
    case rate = "RATE"
    /// `20ms`, `20ms..200ms`, `p50=20ms,p99=1s`.
    case delay = "TIME"
    /// `5%`, `next:2`, `always`.
    case occasion = "WHEN"
    /// `+20m`, `-1h`.
    case shift = "SHIFT"
  }

  /// At which point of a call it strikes.
  enum Phase: Sendable {
    /// When the request has arrived, before its signature is checked.
    case arrival
    /// When the caller is known, before anything is done.
    case before
    /// When everything is done, before the answer leaves.
    case after
  }

  enum Effect: Sendable {
    /// The clock that signatures are checked by is off.
    case shift
    /// Nothing happens for a while.
    case pause
    /// The call ends so.
    case blow(Blow)
  }

  enum Blow: Sendable {
    case answer(Fault)
    /// An RST instead of an answer.
    case reset
    /// The whole Content-Length, half of the body, and the end.
    case cutShort
  }

  /// As it is written: `reset-after`.
  public let name: String
  let argument: Argument
  let phase: Phase
  let effect: Effect
  /// One sentence for help.
  public let help: String

  /// What is written behind the `=`, in one word.
  public var placeholder: String { argument.rawValue }

  private init(_ name: String, _ argument: Argument, _ phase: Phase, _ effect: Effect, _ help: String) {
    self.name = name
    self.argument = argument
    self.phase = phase
    self.effect = effect
    self.help = help
  }

  /// Every kind, in the order in which help lists them.
  public static let all: [FaultKind] = [
    FaultKind(
      "throttle", .rate, .before,
      .blow(.answer(Fault(origin: .service, name: "ThrottlingException", message: "Rate exceeded"))),
      "ThrottlingException for calls of an operation beyond a rate: 10/s, 100/m"),
    FaultKind(
      "latency", .delay, .before, .pause,
      "a call takes longer: 20ms, 20ms..200ms, or p50=20ms,p99=1s"),
    FaultKind(
      "latency-after", .delay, .after, .pause, "a call is carried out at once, its answer comes later"),
    FaultKind(
      "error500", .occasion, .before,
      .blow(.answer(.internalFailure("An injected fault: the call was not carried out."))),
      "InternalServerException, and nothing was done"),
    FaultKind(
      "error500-after", .occasion, .after,
      .blow(.answer(.internalFailure("An injected fault: the call was carried out."))),
      "InternalServerException, although it was done"),
    FaultKind(
      "error503", .occasion, .before,
      .blow(
        .answer(
          .framework("ServiceUnavailableException", "An injected fault: the call was not carried out."))),
      "ServiceUnavailableException with status 503, and nothing was done"),
    FaultKind(
      "expired-token", .occasion, .before, .blow(.answer(.expiredToken)),
      "ExpiredTokenException, as for a session that has ended"),
    FaultKind(
      "denied", .occasion, .before,
      .blow(
        .answer(
          .framework("AccessDeniedException", "An injected fault: the caller lacks this permission."))),
      "AccessDeniedException, as where a policy denies the call"),
    FaultKind("reset", .occasion, .before, .blow(.reset), "the connection is reset, and nothing was done"),
    FaultKind(
      "reset-after", .occasion, .after, .blow(.reset), "the connection is reset, although it was done"),
    FaultKind("truncate", .occasion, .after, .blow(.cutShort), "half of the answer, then the end"),
    FaultKind(
      "skew", .shift, .arrival, .shift,
      "the clock that signatures are checked by is off: +20m, -1h"),
  ]
}
