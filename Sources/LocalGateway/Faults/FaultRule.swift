// FaultRule: one fault as somebody asked for it.
//
//   KIND[:OPERATION[+OPERATION…]]=ARGUMENT
//
//   throttle:ListVirtualMachines=10/s      latency=20ms..200ms      error500=5%
//   reset-after:TagResource+UntagResource=next:2                    skew=+20m
import AWSCore
import BackupGateway

/// A fault to be injected: which kind, into which operations, and when.
public struct FaultRule: Sendable {
  enum Argument: Sendable {
    /// This many calls in this time, and at once when none came for as long.
    case rate(calls: Double, per: Duration)
    case delay(Delay)
    case occasion(Occasion)
    case shift(Duration)
  }

  /// How long a call takes.
  enum Delay: Sendable {
    case between(Duration, Duration)
    /// Shares of the calls, from 0 to 1 and rising, that take no longer than a time.
    case percentiles([(share: Double, within: Duration)])
  }

  /// Which of the calls are struck.
  enum Occasion: Sendable {
    case always
    /// Each with this probability, 0 to 1.
    case probability(Double)
    /// So many, and then none.
    case next(Int)
  }

  /// As it was written.
  public let text: String
  let kind: FaultKind
  /// Empty for all.
  let operations: [String]
  let argument: Argument

  /// Reads a rule. Throws a sentence about what is wrong with it.
  public init(_ text: String) throws(FaultRuleError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let target = parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(target[0])
    guard let kind = FaultKind.all.first(where: { $0.name == name }) else {
      let names = FaultKind.all.map(\.name)
      let hint = nearest(to: name, in: names).map { "did you mean \($0)?" } ?? "there is \(listed(names))"
      throw FaultRuleError("there is no fault '\(name.prefix(50))'; \(hint)")
    }
    guard parts.count == 2 else {
      throw FaultRuleError("\(name) needs an argument, as in \(name)=\(Self.example(kind))")
    }
    self.text = text
    self.kind = kind
    operations = target.count == 2 ? try Self.operations(target[1]) : []
    guard let argument = Self.argument(String(parts[1]), kind) else {
      throw FaultRuleError(
        "\(name) takes \(kind.placeholder) as in \(Self.example(kind)), not '\(parts[1].prefix(50))'")
    }
    self.argument = argument
  }

  func concerns(_ operation: String) -> Bool { operations.isEmpty || operations.contains(operation) }

  private static func operations(_ text: Substring) throws(FaultRuleError) -> [String] {
    var names: [String] = []
    for part in text.split(separator: "+", omittingEmptySubsequences: false) {
      let name = String(part)
      guard Service.operation(name) != nil else {
        let hint = nearest(to: name, in: Service.operations.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        throw FaultRuleError("the service has no operation '\(name.prefix(50))'\(hint)")
      }
      names.append(name)
    }
    return names
  }

  private static func example(_ kind: FaultKind) -> String {
    switch kind.argument {
    case .rate: "10/s"
    case .delay: "20ms, 20ms..200ms or p50=20ms,p99=1s"
    case .occasion: "5%, next:2 or always"
    case .shift: "+20m or -1h"
    }
  }

  private static func argument(_ text: String, _ kind: FaultKind) -> Argument? {
    switch kind.argument {
    case .rate: rate(text)
    case .delay: delay(text).map(Argument.delay)
    case .occasion: occasion(text).map(Argument.occasion)
    case .shift: Duration(text, signed: true).map(Argument.shift)
    }
  }

  private static func rate(_ text: String) -> Argument? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let calls = Double(parts[0]), (1...1_000_000).contains(calls),
      let period = Duration("1\(parts[1])"), period >= .seconds(1)
    else { return nil }
    return .rate(calls: calls, per: period)
  }

  private static func delay(_ text: String) -> Delay? {
    if text.hasPrefix("p") { return percentiles(text) }
    guard let dots = text.firstRange(of: "..") else { return Duration(text).map { .between($0, $0) } }
    guard let low = Duration(text[..<dots.lowerBound]), let high = Duration(text[dots.upperBound...]),
      low <= high
    else { return nil }
    return .between(low, high)
  }

  private static func percentiles(_ text: String) -> Delay? {
    var points: [(share: Double, within: Duration)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", omittingEmptySubsequences: false)
      guard pair.count == 2, pair[0].first == "p", let percent = Double(pair[0].dropFirst()),
        (0...100).contains(percent), let within = Duration(pair[1]),
        points.last.map({ $0.share < percent / 100 && $0.within <= within }) ?? true
      else { return nil }
      points.append((percent / 100, within))
    }
    return .percentiles(points)
  }

  private static func occasion(_ text: String) -> Occasion? {
    if text == "always" { return .always }
    if text.hasPrefix("next:") {
      return Int(text.dropFirst(5)).flatMap { (1...1_000_000_000).contains($0) ? .next($0) : nil }
    }
    guard text.last == "%", let percent = Double(text.dropLast()), (0...100).contains(percent) else {
      return nil
    }
    return .probability(percent / 100)
  }
}

/// Why a fault cannot be injected as it is written; a sentence for people.
public struct FaultRuleError: Error, Sendable {
  public let message: String
  init(_ message: String) { self.message = message }
}
