// The dot commands about what is printed.
import Host
import Shell

extension Interactive {
  var outputCommands: [DotCommand] { [] }
}
