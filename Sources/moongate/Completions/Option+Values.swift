// What may stand behind an option, for completion.
import AWSCore
import BackupGateway
import Host
import LocalGateway
import Scripts

extension Option {
  /// - Parameters:
  ///   - typed: what there is of the value.
  ///   - session: the options before it.
  func values(_ typed: String, session: [String]) -> WordCompletion {
    func words(_ words: [String], files: Bool = false) -> WordCompletion {
      WordCompletion(candidates: words.map { .init(text: $0) }, takesFiles: files)
    }
    switch name {
    case "profile": return words(Self.profiles)
    case "profiles": return words(Self.list(typed, of: Self.profiles))
    case "region": return words(Service.regions)
    case "regions": return words(["all"] + Self.list(typed, of: Service.regions))
    case "output": return words(OutputForm.allCases.map(\.rawValue))
    case "allow":
      return WordCompletion(
        candidates: Service.operations.filter { !$0.isReading }.map {
          .init(text: $0.name, detail: $0.summary)
        })
    case "grant": return words(["read=", "write=", "env=", "run", "endpoint="])
    case "seed": return words(["sample", "empty"], files: true)
    case "audit": return words(["off"], files: true)
    case "log": return words(["text", "json"])
    case "fault": return words(FaultKind.all.map { "\($0.name)=" })
    case _ where argument.map { $0.contains("FILE") || $0.contains("DIR") } == true:
      return WordCompletion(takesFiles: true)
    default: return WordCompletion()
    }
  }

  private static var profiles: [String] { (try? Settings.profiles(Environment.process())) ?? [] }

  /// The words of a list with commas, each behind what there is of the list.
  private static func list(_ typed: String, of words: [String]) -> [String] {
    let known = typed.lastIndex(of: ",").map { String(typed[...$0]) } ?? ""
    let used = known.split(separator: ",").map(String.init)
    return words.filter { !used.contains($0) }.map { known + $0 }
  }
}
