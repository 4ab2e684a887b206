// VCenter: what is behind a hypervisor's host, outside the service: whether it answers, and whom it lets in.
import AWSCore

struct VCenter {
  /// Whom it lets in.
  enum Door: Equatable {
    /// Everybody, also without a login.
    case everybody
    case nobody
    case only(Login)
  }

  var isReachable = true
  /// `takes` and `login` of the table.
  private var takes = "any"
  private var sealedLogin: [UInt8]?

  /// A host that nobody has said anything about: it answers and takes any login.
  init() {}

  init(_ row: Statement, from column: Int32) {
    isReachable = row.flag(column)
    takes = row.text(column + 1) ?? "any"
    sealedLogin = row.blob(column + 2)
  }

  func accepts(_ login: Login?, _ vault: AES256GCM) -> Bool {
    switch takes {
    case "any": return true
    case "login":
      guard let login, let wanted = Login(sealedLogin, for: Self.context, vault) else { return false }
      return login.username == wanted.username && login.password == wanted.password
    default: return false
    }
  }

  mutating func set(_ door: Door, _ vault: AES256GCM) throws(Fault) {
    switch door {
    case .everybody: (takes, sealedLogin) = ("any", nil)
    case .nobody: (takes, sealedLogin) = ("none", nil)
    case .only(let login): (takes, sealedLogin) = ("login", try login.sealed(for: Self.context, vault))
    }
  }

  /// What the login is sealed for.
  private static let context = "vcenter"

  /// The values of a row after world and host.
  var row: [SQLValue] { [SQLValue(isReachable), .text(takes), SQLValue(sealedLogin)] }
}

/// What a gateway logs in to vCenter with. Never printed; in the store it is sealed.
struct Login: Equatable, CustomStringConvertible, CustomReflectable {
  var username: String?
  var password: String?

  var description: String { "a login" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

extension Login {
  /// - Parameter context: what it was sealed for: it opens for nothing else.
  init?(_ sealed: [UInt8]?, for context: String, _ vault: AES256GCM) {
    guard let sealed, let bytes = vault.open(sealed, for: context), let value = try? JSON.decode(bytes) else {
      return nil
    }
    self.init(username: value["Username"]?.string, password: value["Password"]?.string)
  }

  func sealed(for context: String, _ vault: AES256GCM) throws(Fault) -> [UInt8] {
    var members = Value.Object()
    members["Username"] = username.map(Value.string)
    members["Password"] = password.map(Value.string)
    guard let sealed = vault.seal(JSON.encode(.object(members)), for: context) else {
      throw .internalFailure("The credentials could not be encrypted.")
    }
    return sealed
  }
}
