// StubsCommand: `moongate stubs [DIR]`: definition files for editors with lua-language-server.
import AWSCore
import Glibc
import Host
import LocalGateway
import Scripts

enum StubsCommand {
  /// Writes them to a folder, by default one of the operator's data folder, and prints what `.luarc.json` needs.
  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard arguments.rest.count < 2 else { throw UsageError(message: "stubs takes one folder") }
    let environment = Environment.process()
    guard let folder = arguments.rest.first ?? environment.dataFolder.map({ "\($0)/stubs" }) else {
      throw UsageError(message: "stubs takes a folder where no HOME is set")
    }
    do throws(Environment.FileError) {
      try makeFolders(folder)
      for file in Stubs.files(lab: ControlAccess.operations) {
        try environment.writeFile("\(folder)/\(file.name)", Array(file.text.utf8), 0o600)
      }
    } catch {
      throw UsageError(message: "cannot write to \(folder): \(error.reason)")
    }
    let whole = unsafe realpath(folder, nil)
    defer { unsafe free(whole) }
    let place = unsafe whole.map { unsafe String(cString: $0) } ?? folder
    Command.tell("wrote \(place); .luarc.json beside your scripts says so to the language server:")
    Console.write(Stubs.luarc(folder: place))
    return ExitCode.ok
  }

  private static func makeFolders(_ folder: String) throws(Environment.FileError) {
    var path = folder.hasPrefix("/") ? "" : "."
    for part in folder.split(separator: "/") {
      path += "/\(part)"
      guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
        throw Environment.FileError(reason: unsafe String(cString: strerror(errno)))
      }
    }
  }
}
