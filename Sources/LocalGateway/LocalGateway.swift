// LocalGateway: AWS Backup Gateway's API on this machine, for trying scripts out. A real HTTP server on
// loopback that checks real signatures, with SQLite underneath; `--local` and `serve` start it, any AWS
// client can use it.
//
//   Serving     Server, HTTPHandler   bytes on a socket          Responder    a request in, steps out
//               AccessLog, Metrics    being seen from outside
//   Access      Perimeter             keeps web pages out        AccessKey, Authentication   whose signature
//   Protocols   AwsJson10, RpcV2Cbor  the two wire protocols     Deserialization   a document as a shape
//   Faults      what goes wrong when somebody asks for it        Control      its switches, on a port of their own
//   Time        ServerClock           the time of day, which can be moved
//
//   Operations  what the service does                            Rules        every decision AWS left open
//   Records     what there is                                    Store        the world in SQLite
//   World       what is in a new one (SampleFleet, SeedFile), and what happens outside the API (Lab)
import AWSCore
import Glibc

/// A running local gateway. Use it from one thread; it serves from a thread of its own.
public final class LocalGateway {
  /// The key that always works, in any region.
  public static let accessKeyID = "MOONGATELOCAL"
  public static let secretAccessKey = "moongate-local-secret"
  /// The version of SQLite, as `3.40.1`.
  public static var sqliteVersion: String { Database.version }
  /// The account of that key.
  public static let account = "123456789012"

  /// Whether something is where a folder's world is kept, or the folder cannot be looked into.
  public static func hasWorld(_ folder: String) -> Bool {
    unsafe access("\(folder)/\(StoreFile.fileName)", F_OK) == 0 || errno != ENOENT
  }

  /// What a new world holds.
  public enum Seed: Sendable {
    /// Two hypervisors, three gateways, and virtual machines.
    case sample
    case empty
    /// What a file says.
    case file(SeedFile)
  }

  /// How a server is started.
  public struct Options: Sendable {
    /// 0 takes a free port.
    public var port = 0
    /// Where the world is kept; nil keeps it in memory.
    public var folder: String?
    /// The region that a new world's sample fleet is in.
    public var region = "us-east-1"
    public var seed = Seed.sample
    /// How many virtual machines the sample fleet has.
    public var virtualMachines = 250
    /// The machine's time of day.
    public var clock: @Sendable () -> Timestamp = { Timestamp.systemNow() }
    /// The time that a new world begins at, where its clock stands still; nil: it goes with the machine's.
    public var start: Timestamp?
    /// Where to listen. Beyond loopback everybody who reaches the machine can use it; see `warning`.
    public var address = IPAddress.loopback
    /// By which other names clients call this server, in lower case.
    public var hostNames: Set<String> = []
    /// Further keys beside the one that always works.
    public var keys: [AccessKey] = []
    public var faults: [FaultRule] = []
    /// What the faults' chances follow from.
    public var faultSeed: Int64 = 1
    public var log: AccessLog?
    /// Whether there is a control endpoint.
    public var hasControl = false

    public init(
      port: Int = 0, folder: String? = nil, region: String = "us-east-1", seed: Seed = .sample,
      virtualMachines: Int = 250
    ) {
      self.port = port
      self.folder = folder
      self.region = region
      self.seed = seed
      self.virtualMachines = virtualMachines
    }
  }

  /// Where to reach it from this machine: `http://127.0.0.1:N`.
  public let endpoint: String
  public let port: Int
  public let region: String
  /// Where it is controlled, and the token that this takes; nil without a control endpoint.
  public let control: ControlAccess?
  /// What to tell the operator about who can reach it; nil when it listens on loopback.
  public let warning: String?

  private var server: Server?
  private var lock: FolderLock?

  /// Starts a server and returns when it answers. Throws a LocalGatewayError: when another server has the
  /// folder, the error's `owner` says which, so that the caller can use its endpoint instead.
  public static func start(_ options: Options) throws(LocalGatewayError) -> LocalGateway {
    try LocalGateway(options)
  }

  private init(_ options: Options) throws(LocalGatewayError) {
    try Self.check(options)
    region = options.region
    if let folder = options.folder {
      try StoreFile.prepare(folder: folder)
      lock = try FolderLock(folder: folder)
    }
    let key = Credentials(
      accessKeyID: Self.accessKeyID, secretAccessKey: Self.secretAccessKey, source: "the local gateway")
    let store = try Self.store(options)
    let responder: Responder
    do throws(DatabaseError) {
      let clock = ServerClock(options.clock, lead: try store.clockLead())
      if let start = options.start { clock.stop(at: start) }
      responder = try Responder(
        store: store, keys: [AccessKey(key, account: Self.account)] + options.keys, clock: clock,
        perimeter: Perimeter(names: options.hostNames, takesAddresses: !options.address.isLoopback),
        faults: FaultInjector(options.faults, seed: options.faultSeed), log: options.log)
    } catch {
      throw LocalGatewayError("Cannot read the local gateway's store: \(error).")
    }
    let token = options.hasControl ? Self.newToken() : nil
    let home = World(account: Self.account, region: options.region)
    let server = try Server(
      responder, at: options.address, port: options.port, control: token.map { ($0, home) })
    self.server = server
    port = server.port
    endpoint = "http://\(options.address.fromHere.host):\(port)"
    control = token.map {
      ControlAccess(
        endpoint: URLParts(scheme: "http", host: IPAddress.loopback.host, port: server.controlPort), token: $0
      )
    }
    warning = options.address.isLoopback ? nil : Self.warning(options.address, port)
    lock?.announce(FolderOwner(pid: getpid(), endpoint: endpoint, control: control))
  }

  deinit { stop() }

  /// The world's time of day. Setting it stops the world's clock there; a time that no clock shows changes nothing.
  public var time: Timestamp {
    get { server?.onLoop { $0.clock.now } ?? Timestamp.systemNow() }
    set { server?.onLoop { $0.clock.stop(at: newValue) } }
  }

  /// 256 bits that nobody can guess.
  private static func newToken() -> String {
    Digest.hex(AES256GCM.random(32))
  }

  static func warning(_ address: IPAddress, _ port: Int) -> String {
    let place = address.isUnspecified ? "every address of this machine" : address.text
    return
      "WARNING: the local gateway listens on \(place), port \(port). Everybody who can reach that can read and "
      + "change its world: the built-in key is printed in the documentation, and nothing is encrypted. "
      + "Leave out --bind to serve this machine only."
  }

  /// The store that the options ask for, filled when it is new.
  static func store(_ options: Options) throws(LocalGatewayError) -> Store {
    let home = World(account: account, region: options.region)
    let fill = { (store: Store) throws in
      try PageToken.prepare(store)
      switch options.seed {
      case .empty: return
      case .sample:
        try SampleFleet(
          world: home, virtualMachines: options.virtualMachines, start: options.start ?? options.clock()
        )
        .write(to: store)
      case .file(let seed): try seed.write(to: store, home: home, start: options.start ?? options.clock())
      }
    }
    guard let folder = options.folder else { return try StoreFile.inMemory(fill) }
    return try StoreFile.open(in: folder, fill)
  }

  private static func check(_ options: Options) throws(LocalGatewayError) {
    guard (0...65_535).contains(options.port) else {
      throw LocalGatewayError("The port must be from 0 to 65535, got \(options.port); 0 takes a free one.")
    }
    guard isHostLabel(options.region) else {
      throw LocalGatewayError(
        "'\(options.region)' is not the name of a region; names are letters, digits and hyphens, as us-east-1."
      )
    }
    // Twenty times the largest fleet that the benchmark uses; more is a slip of the finger.
    guard (0...20_000_000).contains(options.virtualMachines) else {
      throw LocalGatewayError(
        "The number of virtual machines must be from 0 to 20000000, got \(options.virtualMachines).")
    }
    guard options.folder?.isEmpty != true else {
      throw LocalGatewayError("The folder's name is empty. Name the folder that the local gateway may use.")
    }
  }

  /// Lets requests under way end, then closes the port, the store and the folder's lock. A second call does
  /// nothing.
  public func stop() {
    server?.stop()
    // The store goes with the server, and before the lock that guards it.
    server = nil
    lock = nil
  }

  /// The line that `serve` prints when it is ready: one JSON object with everything that a client needs.
  public var readyLine: String {
    var line: Value.Object = [
      "endpoint": .string(endpoint), "region": .string(region), "account": .string(Self.account),
      "access_key_id": .string(Self.accessKeyID), "secret_access_key": .string(Self.secretAccessKey),
      "pid": .integer(Int64(getpid())),
    ]
    if let control {
      line["control_endpoint"] = .string(control.address)
      line["control_token"] = .string(control.token)
    }
    return String(decoding: JSON.encode(.object(line)), as: UTF8.self)
  }
}
