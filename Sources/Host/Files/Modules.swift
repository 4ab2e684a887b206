// Modules: where `require` finds a module of the script's, and its bytes.
import LuaRuntime

/// Reads a module's file; nil when there is none.
public typealias ModuleReader = (_ path: String) throws(ModuleProblem) -> [UInt8]?

/// Why a module's file could not be read, for people.
public struct ModuleProblem: Error {
  public let message: String
  public init(_ message: String) { self.message = message }
}

/// Where modules are looked for.
public struct ModulePath {
  /// The user's own folder; nil for none.
  public var userFolder: String?
  /// Nil where no file may be read.
  public var read: ModuleReader?
  /// What shared code may require, by name; nothing else is looked for then.
  public var pinned: [String: [UInt8]]?

  public init() {}
}

extension Console {
  func defineModules(_ define: Define) {
    define("read_module") { [unowned self] call throws(LuaRaise) in
      let name = call.stack.string(at: 1) ?? ""
      if let pinned = surroundings.modules.pinned {
        guard let source = pinned[name] else {
          call.stack.push(.nil)
          return call.returning(second: "the script's header does not @require it")
        }
        call.stack.push(.bytes(source))
        return call.returning(second: "=\(name)")
      }
      guard let read = surroundings.modules.read else {
        call.stack.push(.nil)
        return call.returning(second: "shared code has no files")
      }
      var tried: [String] = []
      for folder in [scriptFolder, surroundings.modules.userFolder].compactMap({ $0 }) {
        let path = folder == "." ? "\(name).lua" : "\(folder)/\(name).lua"
        do throws(ModuleProblem) {
          guard let source = try read(path) else {
            tried.append(path)
            continue
          }
          call.stack.push(.bytes(source))
          return call.returning(second: path)
        } catch {
          throw LuaRaise.refused("require: \(error.message)")
        }
      }
      call.stack.push(.nil)
      return call.returning(
        second: tried.isEmpty
          ? "there is no folder to look in" : "no file " + tried.joined(separator: ", no file "))
    }
  }

  /// The folder that a script's file is in; nil for code that is in no file.
  static func folder(ofScript name: String, chunkName: String) -> String? {
    guard chunkName.hasPrefix("@") else { return nil }
    guard let slash = name.lastIndex(of: "/") else { return "." }
    return slash == name.startIndex ? "/" : String(name[..<slash])
  }
}

extension LuaCall {
  /// Two results: what was pushed, and this text.
  fileprivate func returning(second: String) -> LuaVM.Outcome {
    stack.push(second)
    return .results(2)
  }
}
