// Options of moongate that stand behind a script. There they would do nothing, and whoever wrote --dry-run or --profile
// there means it: so they are refused, unless the script's header declares an option of that name.
import Host
import Scripts

extension Option {
  /// Reads the words behind a script; behind `--` all of them are the script's.
  /// - Parameters:
  ///   - script: what the operator calls it by.
  ///   - instead: what to do about an option that stands there; nil for what a command line does.
  /// - Throws: a report with exit code 252.
  static func read(
    _ words: [String], behind script: String, _ header: ScriptHeader, source: [UInt8], instead: String? = nil
  ) throws(Report) -> ReadArguments {
    let options = words.prefix { $0 != "--" }
    for (index, word) in options.enumerated() where word.hasPrefix("--") {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard let option = all.first(where: { "--\($0.name)" == parts[0] && $0.isTaken(by: .run) }),
        option.name != "help", !header.declares(option: option.name)
      else { continue }
      let value = parts.count > 1 ? parts[1] : options.dropFirst(index + 1).first
      let advice =
        instead
        ?? "put it before the script, as in moongate \(option.written(with: value)) run \(script)"
      throw header.refusal(
        "\(parts[0]) is Moongate's own option: \(advice)"
          + (header.isThere ? "" : "; behind -- all words are the script's"), of: script)
    }
    return try header.read(words, of: script, source: source)
  }

  /// As it stands on a command line, with a value that was given, or else with what stands for one.
  private func written(with value: String?) -> String {
    guard let argument else { return "--\(name)" }
    guard let value, value.contains(/^[A-Za-z0-9_.,:=\/][A-Za-z0-9_.,:=\/-]*$/) else {
      return "--\(name) \(argument)"
    }
    return "--\(name) \(value)"
  }
}
