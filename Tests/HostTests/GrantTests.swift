// What code may reach beyond the service, as decisions. What the files then do is in Tests/Scripts/test_grants.py.
import AWSCore
import Glibc
import LuaRuntime
import Testing

@testable import Host

@Suite struct GrantTests {
  private let folder: String

  init() throws {
    var template = Array("/tmp/moongate-grants-XXXXXX".utf8CString)
    folder = String(cString: try #require(mkdtemp(&template)))
    for name in ["in", "in/sub", "inner", "home", "home/.aws"] {
      #expect(mkdir("\(folder)/\(name)", 0o700) == 0)
    }
    for name in ["in/file", "in/sub/file", "inner/file", "home/.aws/config", "home/other"] {
      close(open("\(folder)/\(name)", O_CREAT | O_WRONLY, 0o600))
    }
    #expect(symlink("\(folder)/in", "\(folder)/way") == 0)
  }

  private func grants(_ texts: String...) throws -> Grants {
    let environment = Environment(
      variables: ["AWS_SECRET_ACCESS_KEY": "CANARY", "AWS_SHARED_CREDENTIALS_FILE": "\(folder)/in/sub/file"],
      homeDirectory: "\(folder)/home")
    var grants = Grants(
      protected: ProtectedPlaces(environment, audit: AuditLog(path: "\(folder)/in/audit.log")))
    for text in texts { try grants.add(text) }
    return grants
  }

  private func opens(_ grants: Grants, _ path: String, for use: Grants.Use = .read) -> String {
    do throws(FileProblem) {
      close(try grants.open(path, use == .read ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, for: [use]))
      return "open"
    } catch {
      switch error {
      case .refused: return "NotAllowed"
      case .system(let cause): return String(cString: strerror(cause))
      }
    }
  }

  @Test func aGrantIsForAFolderAndWhatIsBelow() throws {
    let grants = try grants("read=\(folder)/in")
    #expect(opens(grants, "\(folder)/in/file") == "open")
    #expect(opens(grants, "\(folder)/./in//sub/../file") == "open")
    #expect(opens(grants, "\(folder)/in/none") == "No such file or directory")
    // A name that begins the same is another folder.
    for path in ["inner/file", "in/../inner/file", "in", "in/sub", "home/other", "way/file"] {
      #expect(opens(grants, "\(folder)/\(path)") == "NotAllowed", "\(path)")
    }
    #expect(opens(grants, "\(folder)/in/file", for: .write) == "NotAllowed")
  }

  @Test func theWayToAGrantedFolderIsTheOperators() throws {
    let grants = try grants("read=\(folder)/way")
    #expect(opens(grants, "\(folder)/way/file") == "open")
    #expect(opens(grants, "\(folder)/in/file") == "open")
  }

  @Test func whatIsProtectedStaysClosed() throws {
    let grants = try grants("read=\(folder)", "write=\(folder)")
    #expect(opens(grants, "\(folder)/in/file") == "open")
    for path in ["home/.aws/config", "home/.aws/none", "in/sub/file", "in/audit.log"] {
      #expect(opens(grants, "\(folder)/\(path)") == "NotAllowed", "\(path)")
      #expect(opens(grants, "\(folder)/\(path)", for: .write) == "NotAllowed", "\(path)")
    }
    #expect(throws: Grants.Problem.self) { try self.grants("read=\(folder)/home/.aws") }
  }

  @Test func endpointsAreGrantedOneByOne() throws {
    let grants = try grants("endpoint=https://proxy.example:8443")
    #expect(grants.allows(endpoint: try #require(URLParts("https://PROXY.example:8443/"))))
    #expect(!grants.allows(endpoint: try #require(URLParts("https://proxy.example/"))))
    #expect(!grants.allows(endpoint: try #require(URLParts("http://proxy.example:8443/"))))
  }

  @Test(arguments: [
    "", "read", "read=", "run=1", "env=", "env=AWS_SECRET_ACCESS_KEY", "endpoint=x", "endpoint=https://a@b/",
    "all",
  ])
  func whatIsNoGrantIsRefused(text: String) {
    #expect(throws: Grants.Problem.self) { try self.grants(text) }
  }
}
