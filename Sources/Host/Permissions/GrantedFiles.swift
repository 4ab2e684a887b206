// GrantedFiles: opens, removes and renames files as far as grants go.
import AWSCore
import Glibc
import LuaRuntime

extension Grants {
  /// Opens a file.
  /// - Parameter flags: of open(2).
  /// - Returns: a descriptor that the caller closes.
  func open(_ path: String, _ flags: Int32, for uses: [Use]) throws(FileProblem) -> Int32 {
    if isTrusting {
      let file = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOCTTY, 0o666)
      guard file >= 0 else { throw .system(errno) }
      return file
    }
    var places: [Place] = []
    for use in uses { places.append(try place(of: path, for: use)) }
    return try places[places.count - 1].folder.open(places[places.count - 1].names, flags, protected)
  }

  func remove(_ path: String) throws(FileProblem) {
    let place = try place(of: path, for: .write)
    try place.folder.remove(place.names, protected)
  }

  func rename(_ path: String, to target: String) throws(FileProblem) {
    let from = try place(of: path, for: .write)
    let to = try place(of: target, for: .write)
    try from.folder.rename(from.names, to: to.folder, to.names, protected)
  }

  /// A new file in the first folder that may be written to; its path.
  func temporaryFile() throws(FileProblem) -> String {
    guard let folder = writable.first else {
      throw .refused("a temporary file needs a folder to be in; start moongate with --grant write=DIR")
    }
    let name = "lua_\(UUID.random())"
    close(try folder.open([name], O_RDWR | O_CREAT | O_EXCL, protected))
    return "\(folder.path)/\(name)"
  }

  /// What a process that code starts may inherit: the environment without credentials.
  func inheritable(_ environment: Environment) -> [String: String] {
    environment.variables.filter {
      !ProtectedPlaces.secretVariables.contains($0.key) && !protected.isSecret($0.value)
    }
  }

  /// A variable's value; nil when it is not set.
  func variable(_ name: String, in environment: Environment) throws(FileProblem) -> String? {
    guard isTrusting || variables.contains(name) else {
      throw .refused("code may not read the environment; start moongate with --grant env=\(name)")
    }
    guard let value = environment.variables[name] else { return nil }
    guard !ProtectedPlaces.secretVariables.contains(name), !protected.isSecret(value) else {
      throw .refused("\(name) holds credentials, which code never reads")
    }
    return value
  }

  func raising<Result>(
    _ path: String, _ body: () throws(FileProblem) -> Result
  ) throws(LuaRaise) -> Result {
    do throws(FileProblem) {
      return try body()
    } catch {
      switch error {
      case .refused(let message): throw LuaRaise.refused(message, code: "NotAllowed")
      case .system(let cause):
        throw LuaRaise(text: "\(path): \(unsafe String(cString: strerror(cause)))")
      }
    }
  }
}
