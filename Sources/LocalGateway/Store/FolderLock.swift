// FolderLock: one server a folder. The lock is flock(2) on `gateway.lock`, which the kernel gives back
// however the process ends; the file's text says who holds it, so that a second one can join instead.
import AWSCore
import Glibc

@safe final class FolderLock {
  static let fileName = "gateway.lock"

  private let descriptor: Int32
  /// Whether this process has the lock, and so owns the file's text.
  private var isHeld = false

  /// Takes the lock, or throws an error that carries its owner.
  init(folder: String) throws(LocalGatewayError) {
    let path = "\(folder)/\(Self.fileName)"
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw LocalGatewayError("Cannot open \(path): \(errorText()). Choose a folder that you can write to.")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      guard code == EWOULDBLOCK else { throw LocalGatewayError("Cannot lock \(path): \(errorText(code)).") }
      throw Self.refusal(folder, owner: Self.owner(descriptor))
    }
    isHeld = true
    // The token of the control endpoint stands in it.
    fchmod(descriptor, 0o600)
    announce(FolderOwner(pid: getpid(), endpoint: nil))
  }

  deinit {
    // The file stays: unlinking it would let two servers lock two files of one name.
    if isHeld { ftruncate(descriptor, 0) }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes who holds the lock. Without it the lock still holds, so a failure is no reason to stop.
  func announce(_ owner: FolderOwner) {
    var members: Value.Object = ["pid": .integer(Int64(owner.pid))]
    members["endpoint"] = owner.endpoint.map(Value.string)
    members["control_endpoint"] = (owner.control?.address).map(Value.string)
    members["control_token"] = (owner.control?.token).map(Value.string)
    let text = JSON.encode(.object(members)) + [UInt8(ascii: "\n")]
    ftruncate(descriptor, 0)
    _ = unsafe pwrite(descriptor, text, text.count, 0)
  }

  /// Who holds the lock. A starting owner has the lock before it has an endpoint, and the file may still name
  /// an earlier one that crashed: so a living owner with an endpoint is waited for, up to 2 seconds.
  private static func owner(_ descriptor: Int32) -> FolderOwner? {
    var found: FolderOwner?
    for _ in 0..<100 {
      found = read(descriptor)
      if found?.endpoint != nil { return found }
      usleep(20_000)
    }
    return found
  }

  private static func read(_ descriptor: Int32) -> FolderOwner? {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0, let text = try? JSON.decode(Array(bytes.prefix(count))),
      let pid = text["pid"]?.integer.flatMap({ Int32(exactly: $0) }), pid > 0,
      kill(pid, 0) == 0 || errno == EPERM
    else { return nil }
    // Requests follow this text, so it may only lead to this machine.
    func place(_ name: String) -> String? {
      text[name]?.string.flatMap { URLParts($0)?.isLoopback == true ? $0 : nil }
    }
    var owner = FolderOwner(pid: pid, endpoint: place("endpoint"))
    if let endpoint = place("control_endpoint").flatMap(URLParts.init),
      let token = text["control_token"]?.string
    {
      owner.control = ControlAccess(endpoint: endpoint, token: token)
    }
    return owner
  }

  private static func refusal(_ folder: String, owner: FolderOwner?) -> LocalGatewayError {
    let who =
      switch (owner?.pid, owner?.endpoint) {
      case (let pid?, let endpoint?): "the local gateway with pid \(pid) at \(endpoint)"
      case (let pid?, nil): "the local gateway with pid \(pid), which is still starting"
      default: "another process"
      }
    return LocalGatewayError(
      "The folder \(folder) is in use by \(who). Use that one, stop it first, or choose another folder.",
      owner: owner)
  }
}

/// What the system says about an error number.
func errorText(_ code: Int32 = errno) -> String { unsafe String(cString: strerror(code)) }
