// LocalGatewayError: why a local gateway could not be started, for people.

/// Why a local gateway could not be started.
public struct LocalGatewayError: Error, Sendable, CustomStringConvertible {
  /// What happened, to what, why, and what to do.
  public var message: String
  /// The running server that owns the folder, when that is the reason.
  public var owner: FolderOwner?

  public init(_ message: String, owner: FolderOwner? = nil) {
    self.message = message
    self.owner = owner
  }

  public var description: String { message }
}

/// The server that keeps its world in a folder, as its lock file tells.
public struct FolderOwner: Sendable, Equatable {
  public var pid: Int32
  /// `http://127.0.0.1:N`; nil while it is still starting.
  public var endpoint: String?
  /// Nil when it has no control endpoint.
  public var control: ControlAccess?

  public init(pid: Int32, endpoint: String?, control: ControlAccess? = nil) {
    self.pid = pid
    self.endpoint = endpoint
    self.control = control
  }
}
