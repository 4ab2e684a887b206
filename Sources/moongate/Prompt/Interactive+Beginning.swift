// init.lua: the operator's own file that runs before the first prompt, with the operator's own rights: it reads freely, and
// asks before it writes.
import AWSCore
import Host
import Scripts

extension Interactive {
  /// Runs `~/.config/moongate/init.lua`, where there is one. What is wrong with it is told, and the prompt opens all the
  /// same.
  /// - Returns: an exit code when it called `exit`.
  func begin() -> Int32? {
    guard let folder = Environment.process().configurationFolder else { return nil }
    do throws(ScriptSource.Failure) {
      guard let source = try ScriptSource(ofOwner: "\(folder)/init.lua") else { return nil }
      let author: Author
      do throws(Report) { author = Command.author(of: source, try Command.header(of: source)) } catch {
        Command.tell("moongate: \(error.message)")
        return nil
      }
      let evaluation = console.begin(with: source.bytes, chunkName: source.chunkName, author: author)
      connection.rest()
      guard case .leave(let code) = evaluation else { return nil }
      return code
    } catch {
      Command.tell("moongate: \(error.message)")
      return nil
    }
  }
}
