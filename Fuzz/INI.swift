// INI: the files ~/.aws/config and ~/.aws/credentials, and the settings that follow from them.

@testable import AWSCore

extension FuzzTarget {
  static let ini = FuzzTarget(name: "ini") { bytes in
    _ = try? INI(bytes, file: "config")
    // The first byte tells how much of it is the file of credentials.
    let middle = bytes.isEmpty ? 0 : bytes.count * Int(bytes[0]) / 256
    let files = ["/h/.aws/config": Array(bytes[middle...]), "/h/.aws/credentials": Array(bytes[..<middle])]
    let environment = Environment(
      variables: ["HOME": "/h"], homeDirectory: "/h",
      readFile: { path throws(Environment.FileError) in files[path] },
      writeFile: { _, _, _ throws(Environment.FileError) in })
    guard let shared = try? SharedConfig(environment: environment) else { return }
    for name in ["default", "a", "b"] {
      _ = try? shared.profile(name)
      _ = try? shared.ssoSession(name)
      _ = try? Settings.resolve(options: .init(profile: name), environment: environment)
    }
  }
}
