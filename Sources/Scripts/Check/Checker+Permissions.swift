// Rules about permissions: what a script calls, against what its header asks for.
import AWSCore
import BackupGateway

extension Checker {
  func uses(_ operation: Operation, at range: Range<Int>) { operations.append((operation.name, range)) }

  func checkPermissions() {
    // A header that cannot be read asks for nothing that can be compared; an own script without @allow may read, and is
    // asked for before it writes.
    guard header.problems.isEmpty, let allowed = header.allowed ?? (isSnippet ? [] : nil) else { return }
    var told: Set<String> = []
    for (name, range) in operations where !allowed.contains(name) && told.insert(name).inserted {
      let ask =
        header.allowed == nil ? "shared code asks for it with -- @allow \(name)" : "@allow does not name it"
      add("not-allowed", "\(name) is called, and \(ask)", at: range, suggestion: name)
    }
    if let first = unclear.first {
      add(
        "unclear-permission",
        "which operation is called here is decided while it runs; check cannot compare it with @allow",
        at: first)
    }
    // What runs elsewhere, or is named while it runs, may need any of them.
    guard unclear.isEmpty else { return }
    let used = Set(operations.map(\.name))
    for word in header.allowedWords {
      let range = range(of: word, inLine: header.allowLine)
      if word == "read" {
        let reads = Service.operations.filter(\.isReading).contains { used.contains($0.name) }
        if !reads { add("unused-permission", "nothing that reads is called", at: range) }
      } else if let operation = Service.operation(word), !used.contains(operation.name) {
        add("unused-permission", "\(word) is never called", at: range)
      }
    }
  }
}
