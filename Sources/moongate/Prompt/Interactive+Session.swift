// The dot commands about the session: whom the operations talk to, and what they may do.
import Host
import Shell

extension Interactive {
  var sessionCommands: [DotCommand] { [] }
}
