// Greeting: the first lines of a session: whom one talks to, and, the first time, three things to try.
import AWSCore
import Glibc

enum Greeting {
  /// At most five lines, three once there is a history.
  /// - Parameters:
  ///   - notice: what is to be known about the gateway behind the session.
  ///   - historyPath: where earlier sessions left their lines; nil where none is kept.
  static func lines(notice: String?, historyPath: String?) -> [String] {
    let isFirst = historyPath.map { unsafe access($0, F_OK) } != 0
    let suggestions = [
      "Try  list_gateways()   what is there, as a table",
      "     get_gateway?      what a name does; help() lists them all",
      "     .help             the shell's own commands; Tab completes, Ctrl-D leaves",
    ]
    return ["Moongate \(Version.current), Lua console for AWS Backup Gateway."] + [notice].compactMap(\.self)
      + (isFirst ? suggestions : ["help() and .help tell what there is; Ctrl-D leaves."])
  }
}
