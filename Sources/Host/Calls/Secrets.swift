// Secrets: what `secret("vCenter password")` gives a script: a value that stands for a text the script never sees. Only
// a parameter that the model calls sensitive can be given one.
import AWSCore
import BackupGateway
import LuaRuntime

enum Secrets {
  /// What is shown in a secret's place; no script learns even its length.
  static let shown = "•••"
}

/// The texts of secrets, by the number that their stand-ins carry.
final class SecretStore {
  private var texts: [UInt64: String] = [:]

  /// Keeps a text and returns its number; numbers begin at 1.
  func keep(_ text: String) -> UInt64 {
    let number = UInt64(texts.count + 1)
    texts[number] = text
    return number
  }

  subscript(number: UInt64) -> String? { texts[number] }

  var all: [String] { Array(texts.values) }
}

extension Console {
  func defineSecrets(_ define: Define) {
    define("set_secret_metatable") { call throws(LuaRaise) in
      call.stack.setSecretMetatable()
      return .results(0)
    }
    define("secret") { [unowned self] call throws(LuaRaise) in
      guard let name = call.stack.string(at: 1), !name.isEmpty else {
        throw LuaRaise.refused("secret takes what to ask for, as in secret(\"vCenter password\")")
      }
      return call.returning(.secret(secrets.keep(try secret(name))))
    }
  }

  /// The one of the command line, or the operator's answer.
  private func secret(_ name: String) throws(LuaRaise) -> String {
    if let names = surroundings.secretNames, !names.contains(name) {
      let hint = nearest(to: name, in: names.sorted()).map { "; did you mean \($0)?" } ?? ""
      throw LuaRaise.refused(
        "shared code is given the secrets that its header declares, as in -- @secret password Text, and "
          + "\(quoted(name)) is none of them\(hint)", code: "NotAllowed")
    }
    if let given = surroundings.secrets[name] { return given }
    guard let ask = surroundings.askForSecret else {
      throw LuaRaise.refused(
        "there is no terminal to ask for \(quoted(name)) on; give it as --secret \"\(name)=@FILE\", "
          + "\"\(name)=env:NAME\" or \"\(name)=-\" for a line of standard input")
    }
    guard let answer = ask(name), !answer.isEmpty else {
      throw LuaRaise.refused("nothing was given for \(quoted(name))", code: "Declined")
    }
    return answer
  }
}
