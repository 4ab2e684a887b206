// SeedScript: `--seed FILE.lua`, a world that a script describes.
import AWSCore
import Glibc
import Host
import LocalGateway
import Scripts

enum SeedScript {
  /// Runs the script, before there is a server, and checks what it returns. Throws a LocalGatewayError.
  static func read(_ path: String, region: String, memoryLimit: Int?) throws(LocalGatewayError) -> SeedFile {
    let source: ScriptSource
    do throws(ScriptSource.Failure) {
      source = try ScriptSource(path)
    } catch {
      throw LocalGatewayError("The seed cannot be used: \(error.message).")
    }
    // Standard output belongs to what comes after: the line that `serve` prints, or the script that is run.
    let output = dup(STDOUT_FILENO)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    defer {
      fflush(nil)
      dup2(output, STDOUT_FILENO)
      close(output)
    }
    let value: Value
    do throws(Report) {
      value = try DataScript.run(
        source.bytes, name: path, chunkName: source.chunkName, purpose: "a seed", as: SeedFile.shape,
        region: region, memoryLimit: memoryLimit)
    } catch {
      throw LocalGatewayError(error.message)
    }
    return try SeedFile(value, path: path, firstIndex: 1)
  }
}
