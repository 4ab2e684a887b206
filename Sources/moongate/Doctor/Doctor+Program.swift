// What the doctor looks at of the program itself: which one it is, what it opens when it is needed, and whether shared code
// can be locked in here.
import AWSCore
import Host
import Scripts

extension Doctor {
  static let ofProgram = [
    Check(name: "moongate") { _ in .ok("\(BuildReport.line.dropFirst("moongate ".count))") },
    Check(name: "libcrypto") { _ in
      library("every request is signed with it", "libssl3") { () throws(Libraries.Problem) in
        "OpenSSL \(try Libraries.openSSL())"
      }
    },
    Check(name: "libcurl") { _ in
      library("every request is sent by it", "libcurl4") { () throws(Libraries.Problem) in
        let (version, parts) = try Libraries.curl()
        return "\(version)\(parts.first.map { ", with \($0)" } ?? "")"
      }
    },
    Check(name: "sandbox") { _ in
      guard let problem = WorkerProbe.problem() else {
        return .ok("a process for shared code locks itself in and runs")
      }
      return .problem(
        "snippets and --untrusted are refused: the process for shared code \(problem)",
        "it takes Linux 5.13 with Landlock and seccomp, and in a container leave to use them; your own scripts run"
      )
    },
  ]

  private static func library(
    _ purpose: String, _ package: String, _ open: () throws(Libraries.Problem) -> String
  ) -> Finding {
    do throws(Libraries.Problem) { return .ok(try open()) } catch {
      return .problem(
        "\(error.reason); \(purpose)",
        error.reason.contains(package) ? nil : "Debian and Ubuntu have it in the package \(package)")
    }
  }
}
