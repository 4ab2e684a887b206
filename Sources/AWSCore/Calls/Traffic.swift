// Traffic: what calls have cost, counted where requests leave and answers arrive.

/// Counts that only grow: the difference of two is what happened between them.
public struct Traffic: Sendable, Equatable {
  /// Attempts that were sent.
  public var requests = 0
  /// Those of them that repeat an earlier one.
  public var retries = 0
  /// Answers that asked to send less.
  public var throttles = 0
  /// Answers that were a page of a listing.
  public var pages = 0
  /// Of bodies, as they are on the wire.
  public var bytesSent = 0
  public var bytesReceived = 0

  public init() {}

  /// What happened since.
  public func since(_ earlier: Traffic) -> Traffic {
    var difference = self
    difference.requests -= earlier.requests
    difference.retries -= earlier.retries
    difference.throttles -= earlier.throttles
    difference.pages -= earlier.pages
    difference.bytesSent -= earlier.bytesSent
    difference.bytesReceived -= earlier.bytesReceived
    return difference
  }
}
