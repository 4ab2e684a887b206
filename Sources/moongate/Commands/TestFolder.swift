// TestFolder: where the scripts of a test write: a folder of its own, which is made for the first that needs one and removed
// with the test's world, so that tests leave nothing behind and do not see each other's files.
import AWSCore
import Glibc
import Host

final class TestFolder {
  private var folder: PrivateFolder?

  /// - Throws: a report when there is no place for one.
  func path() throws(Report) -> String {
    if let folder { return folder.path }
    do throws(Environment.FileError) {
      let made = try PrivateFolder()
      folder = made
      return made.path
    } catch {
      throw Report(message: "the files of a test: \(error.reason)", exitCode: ExitCode.network)
    }
  }

  /// What was written so far, by name.
  func files() throws(Report) -> [(name: String, bytes: [UInt8])] {
    guard let folder, let stream = unsafe opendir(folder.path) else { return [] }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    unsafe closedir(stream)
    return try names.sorted().map { (name) throws(Report) in
      do throws(Environment.FileError) {
        return (name, try Environment.process().readFile("\(folder.path)/\(name)") ?? [])
      } catch {
        throw Report(message: "\(Console.visible(name)) \(error.reason)", exitCode: ExitCode.network)
      }
    }
  }

  func remove() {
    folder?.remove()
    folder = nil
  }
}
