// The dot command that looks at something again and again.
import AWSCore
import Host
import Shell

extension Interactive {
  /// Seconds between two looks: what is usual, and the least.
  private static let usualPause = 2.0
  private static let shortestPause = 0.5

  var watchingCommands: [DotCommand] {
    [
      DotCommand(
        "watch", "[SECONDS] EXPRESSION", "Shows a value over and over, changes marked.",
        completions: { _ in [] }, run: { [unowned self] argument in watch(argument) })
    ]
  }

  private func watch(_ argument: String) -> DotCommand.Outcome {
    let word = argument.prefix { !$0.isWhitespace }
    let rest = argument[word.endIndex...].drop { $0.isWhitespace }
    let pause = Double(word) ?? Duration(word).map(\.inSeconds)
    // A number alone is no expression that anybody wants to watch.
    let source = pause == nil ? argument[...] : rest
    guard !source.isEmpty else {
      Console.write("what is to be watched? .watch 5 get_gateway(arn)\n")
      return .failed
    }
    guard pause.map({ $0 >= Self.shortestPause && $0 <= 86_400 }) ?? true else {
      Console.write(".watch looks every half second at most, and once a day at least\n")
      return .failed
    }
    defer {
      connection.rest()
      told = Effort.now(self)
    }
    switch console.watch(String(source), every: pause ?? Self.usualPause) {
    case .done: return .done
    case .failed: return .failed
    case .leave(let code): return .leave(code: code)
    }
  }
}
