// The shell's own rows of the table of dot commands.

extension Shell {
  var ownCommands: [DotCommand] {
    [
      DotCommand(
        "help", "[NAME]", "Lists the commands of the shell, or tells of one.",
        completions: { [unowned self] _ in table.commands.map { Completion($0.name, detail: $0.summary) } },
        run: { [unowned self] in help($0) }),
      DotCommand("exit", "", "Ends the session, as Ctrl-D does.") { _ in .leave(code: 0) },
    ] + historyCommands
  }

  private func help(_ argument: String) -> DotCommand.Outcome {
    let columns = Terminal.columns
    guard !argument.isEmpty else {
      interpreter.page(table.help(columns: columns) + "help() lists what Lua has here.\n")
      return .done
    }
    let name = String(argument.drop { $0 == "." })
    guard let command = table[name] else {
      Terminal.write(table.unknown(name) + "\n")
      return .failed
    }
    interpreter.page(CommandTable([command]).help(columns: columns))
    return .done
  }
}
