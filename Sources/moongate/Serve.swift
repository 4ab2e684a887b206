// Serve: `moongate serve`, the local gateway as a server for any AWS client, until SIGTERM or Ctrl-C.
import CLinux
import Glibc
import Host
import LocalGateway

enum Serve {
  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let word = arguments.rest.first { throw UsageError(message: "serve takes no argument '\(word)'") }
    guard arguments.isEphemeral != (arguments.dataFolder != nil) else {
      throw UsageError(message: "serve needs --data DIR to keep its world in, or --ephemeral to keep nothing")
    }
    var options = LocalGateway.Options()
    options.port = arguments.port
    options.folder = arguments.dataFolder
    options.region = arguments.region ?? options.region
    options.address = arguments.bindAddress
    options.hostNames = arguments.hostNames
    options.faults = arguments.faults
    options.faultSeed = arguments.faultSeed ?? options.faultSeed
    options.log = arguments.logFormat.map(AccessLog.standardError)
    options.hasControl = arguments.hasControl

    do throws(LocalGatewayError) {
      // Before signals are blocked: Ctrl-C ends a seed that does not.
      try arguments.describeWorld(&options)
      if let file = arguments.credentialsFile { options.keys = try AccessKey.read(file) }
    } catch {
      Command.tell("moongate: \(error.message)")
      return ExitCode.configuration
    }

    // Blocked before the server's threads start, so that sigwait below is the one that gets them.
    var signals = sigset_t()
    _ = unsafe sigemptyset(&signals)
    for number in [SIGTERM, SIGINT, SIGHUP] { _ = unsafe sigaddset(&signals, number) }
    _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    _ = signal(SIGPIPE, SIG_IGN)

    // A page of 1,000 virtual machines takes half a megabyte and more until it is written. Given back to the kernel each
    // time and taken again, that was a tenth of a page's work.
    clinux_keep_freed_memory()

    let gateway: LocalGateway
    do throws(LocalGatewayError) {
      gateway = try LocalGateway.start(options)
    } catch {
      Command.tell("moongate: \(error.message)")
      return ExitCode.network
    }
    if let warning = gateway.warning { Command.tell("moongate: \(warning)") }
    print(gateway.readyLine)
    _ = fflush(nil)
    var arrived: Int32 = 0
    _ = unsafe sigwait(&signals, &arrived)
    // A second signal does not wait for requests under way.
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    gateway.stop()
    return arrived == SIGTERM ? ExitCode.ok : 128 + arrived
  }
}

extension Arguments {
  /// What a new world of a local gateway begins with. Throws a LocalGatewayError for a seed that cannot be used.
  func describeWorld(_ options: inout LocalGateway.Options) throws(LocalGatewayError) {
    switch seed {
    case "sample": options.seed = .sample
    case "empty": options.seed = .empty
    case let file where file.hasSuffix(".lua"):
      options.seed = .file(try SeedScript.read(file, region: options.region, memoryLimit: memoryLimit))
    default: options.seed = .file(try SeedFile(seed))
    }
    if let virtualMachines { options.virtualMachines = virtualMachines }
  }

  /// What a greeting says of it.
  var worldName: String {
    switch seed {
    case "sample": "a sample fleet"
    case "empty": "an empty world"
    default: "the world of \(seed)"
    }
  }
}
