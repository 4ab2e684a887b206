// Bench: a console that talks to a fake service.
import AWSCore
import BackupGateway
import Host
import LuaRuntime

public final class Bench {
  public let service = FakeService()
  public let console: Console
  private var captured: LuaValue?

  /// - Parameter options: what else the console is to have than sessions.
  public init(options: Console.Options) throws {
    let loop = EventLoop(network: service)
    let endpoint = URLParts(scheme: "http", host: "127.0.0.1", port: 1)
    let settings = Settings(region: "us-east-1", endpoint: endpoint, source: "the test")
    let keys = StaticCredentials(
      Credentials(accessKeyID: "AKID", secretAccessKey: "secret", source: "the test"))
    // Delays between attempts are a part of nothing.
    let caller = ServiceCaller(settings: settings, transport: service, timers: loop, random: { 0 })
    let client = Client(settings: settings, caller: caller, credentials: CredentialChain([keys]))
    console = try Console(session: Session(door: client), loop: loop, options: options)
  }

  public convenience init(memoryLimit: Int = 64 << 20, gate: PermissionGate) throws {
    var options = Console.Options()
    options.memoryLimit = memoryLimit
    options.gate = gate
    try self.init(options: options)
  }

  /// A console whose sessions are those of a world's files and variables; every host is the fake service.
  public init(world: CredentialWorld, profile: String? = nil) throws {
    let loop = EventLoop(network: service)
    let sessions = Sessions(
      .aws(world.environment), base: SessionWish(profile: profile.map { .init($0, from: "--profile") }),
      tools: Sessions.Tools(
        transport: service, timers: loop, processes: world.processes, random: { 0 }))
    console = try Console(session: sessions.first(), sessions: sessions, loop: loop)
  }

  public convenience init(memoryLimit: Int = 64 << 20, permissions: Permissions = Permissions()) throws {
    try self.init(memoryLimit: memoryLimit, gate: PermissionGate(permissions))
  }

  /// Runs a script; its error, or nil.
  public func run(_ source: String) -> Report? {
    switch console.run(Array(source.utf8), name: "test", chunkName: "=test", arguments: []) {
    case .finished: nil
    case .exit(let code, let message): Report(message: message ?? "", exitCode: code)
    case .failed(let report): report
    }
  }

  /// The value of an expression.
  /// - Throws: the script's error.
  public func value(of expression: String) throws -> LuaValue {
    let capture = console.vm.register { [weak self] call throws(LuaRaise) in
      self?.captured = try call.stack.value(at: 1)
      return .results(0)
    }
    console.vm.main.push(function: capture)
    console.vm.main.setGlobal("capture")
    if let report = run("capture(\(expression))") { throw report }
    return captured ?? .nil
  }
}

extension Permissions {
  /// Every writing operation is allowed.
  public static var everything: Permissions {
    var permissions = Permissions()
    permissions.allowed = Service.operations.map { AllowRule($0) }
    return permissions
  }
}
