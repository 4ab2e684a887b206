// The shell's own rows of the table of dot commands.

extension Shell {
  var ownCommands: [DotCommand] {
    [
      DotCommand("help", "", "Lists the commands of the shell.") { [unowned self] _ in
        Terminal.write(table.help(columns: Terminal.columns) + "help() lists what Lua has here.\n")
        return .done
      },
      DotCommand("exit", "", "Ends the session, as Ctrl-D does.") { _ in .leave(code: 0) },
    ] + historyCommands
  }
}
