// CompletedResources: live resources for the completion of a command line: the session of its options is asked, for as long as
// people wait for a Tab, and says nothing when it cannot be.
import AWSCore
import BackupGateway
import Glibc
import Host

enum CompletedResources {
  /// A name that is only one resource's, or its ARN.
  /// - Parameter options: what stands before the script.
  static func candidates(
    _ kind: ResourceKind, _ typed: String, options: [String]
  ) -> [(text: String, detail: String)] {
    var arguments = Arguments()
    guard (try? Option.read(options, into: &arguments)) != nil else { return [] }
    arguments.isDebug = false
    // Whoever types has not asked for a world to be made.
    if let folder = arguments.dataFolder, unsafe access(folder, F_OK) != 0 { return [] }
    guard (try? arguments.read(Environment.process())) != nil, let connection = try? Connection(arguments)
    else { return [] }
    defer { connection.close() }
    return connection.withoutQuestions {
      ResourceFinder.completions(kind, typed, in: connection.session, loop: connection.loop)
    }
  }
}
