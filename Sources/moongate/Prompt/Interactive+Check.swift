// The dot command that reads a script without running it.
import Host
import LocalGateway
import Scripts
import Shell

extension Interactive {
  var checkCommands: [DotCommand] {
    [
      DotCommand(
        "check", "FILE|FOLDER", "Tells what is wrong with a script, without running it.",
        completions: { FileNames.candidates($0, endingIn: ".lua").map { Completion($0) } },
        run: { [unowned self] in check($0) })
    ]
  }

  private func check(_ argument: String) -> DotCommand.Outcome {
    let (words, _, hasOpenQuote) = PromptWords.split(argument)
    guard !words.isEmpty, !words.contains("-"), !hasOpenQuote else {
      Console.write(".check takes a script or a folder, as in .check ./report.lua\n", toStandardError: true)
      return .failed
    }
    do throws(ScriptSource.Failure) {
      let report = try CheckCommand.report(on: words, asSnippet: false)
      page(report.text(.human, width: Terminal.width, ink: Ink(isColoured: false)))
      Console.write("\(report.summary ?? "nothing to say")\n")
      return report.hasProblems ? .failed : .done
    } catch {
      Console.write("\(error.message)\n", toStandardError: true)
      return .failed
    }
  }
}
