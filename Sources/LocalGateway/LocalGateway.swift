// LocalGateway: AWS Backup Gateway's API on this machine, for trying scripts out. A real HTTP server on
// loopback that checks real signatures, with SQLite underneath; `--local` and `serve` start it, any AWS
// client can use it.
//
//   Server, HTTPHandler   bytes on a socket                     Perimeter       keeps web pages out
//   Responder             a request in, a response out          Authentication  whose signature it is
//   AwsJson10             the wire protocol
//
//   Operations  what the service does                           Rules       every decision AWS left open
//   Records     what there is                                   Store       the world in SQLite
//   World       what is in a new one (SampleFleet, SeedFile), and what happens outside the API (Lab)
import AWSCore
import Glibc

/// A running local gateway. Use it from one thread; it serves from a thread of its own.
public final class LocalGateway {
  /// The key that always works, in any region.
  public static let accessKeyID = "MOONGATELOCAL"
  public static let secretAccessKey = "moongate-local-secret"
  /// The account of that key.
  public static let account = "123456789012"

  /// What a new world holds.
  public enum Seed: Sendable {
    /// Two hypervisors, three gateways, and virtual machines.
    case sample
    case empty
    /// What a file says.
    case file(SeedFile)
  }

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
    /// The time of day.
    public var clock: @Sendable () -> Timestamp = { Timestamp.systemNow() }

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

  /// `http://127.0.0.1:N`.
  public let endpoint: String
  public let port: Int
  public let region: String

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
      accessKeyID: Self.accessKeyID, secretAccessKey: Self.secretAccessKey, accountID: Self.account,
      source: "the local gateway")
    let store = try Self.store(options)
    let responder: Responder
    do {
      responder = try Responder(store: store, keys: [key], clock: options.clock)
    } catch {
      throw LocalGatewayError("Cannot read the local gateway's store: \(error).")
    }
    let server = try Server(responder, port: options.port)
    self.server = server
    port = server.port
    endpoint = "http://127.0.0.1:\(port)"
    lock?.announce(endpoint: endpoint)
  }

  deinit { stop() }

  /// The store that the options ask for, filled when it is new.
  static func store(_ options: Options) throws(LocalGatewayError) -> Store {
    let home = World(account: account, region: options.region)
    let fill = { (store: Store) throws in
      try PageToken.prepare(store)
      switch options.seed {
      case .empty: return
      case .sample:
        try SampleFleet(world: home, virtualMachines: options.virtualMachines, start: options.clock())
          .write(to: store)
      case .file(let seed): try seed.write(to: store, home: home, start: options.clock())
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
    let line: Value.Object = [
      "endpoint": .string(endpoint), "region": .string(region), "account": .string(Self.account),
      "access_key_id": .string(Self.accessKeyID), "secret_access_key": .string(Self.secretAccessKey),
      "pid": .integer(Int64(getpid())),
    ]
    return String(decoding: JSON.encode(.object(line)), as: UTF8.self)
  }
}
