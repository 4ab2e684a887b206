// The dot command about what went wrong.
import Host
import Shell

extension Interactive {
  var errorCommands: [DotCommand] {
    [
      DotCommand("error", "", "Shows all that is known of the last error.") { [unowned self] _ in
        page(console.lastErrorText)
        return .done
      }
    ]
  }
}
