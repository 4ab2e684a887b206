// What a typed line has cost, and what it sent: .time and .trace.
import AWSCore
import CLinux
import Glibc
import Host
import Shell

/// What is told of each line when it has run.
enum Timing: String, CaseIterable {
  case off, on, verbose
}

/// Time and traffic: of the whole session so far, or of one line.
struct Effort: Equatable {
  /// Seconds on the clock, and of this thread's processor; a local gateway in this process has threads of its own.
  var seconds: Double
  var processor: Double
  var traffic: Traffic
  /// Lists that completion had already.
  var cacheHits: Int

  /// Of the session so far.
  static func now(_ interactive: Interactive) -> Effort {
    Effort(
      seconds: clock(CLOCK_MONOTONIC), processor: clock(CLOCK_THREAD_CPUTIME_ID),
      traffic: interactive.connection.sessions.traffic, cacheHits: interactive.console.completionCacheHits)
  }

  private static func clock(_ id: clockid_t) -> Double {
    Double(clinux_nanoseconds(id)) / 1e9
  }

  /// Of a line that began at one moment. What was sent counts from the end of the line before: so what completion asked
  /// for while the line was typed is told with it, and each request once.
  func ofLine(begun: Effort, before: Effort?) -> Effort {
    Effort(
      seconds: seconds - begun.seconds, processor: processor - begun.processor,
      traffic: traffic.since(before?.traffic ?? Traffic()), cacheHits: cacheHits - (before?.cacheHits ?? 0))
  }

  /// `0.213 s`, and with `verbose` all of it.
  func text(_ timing: Timing) -> String {
    let time = Elapsed.text(seconds)
    guard timing == .verbose else { return time }
    let counts = [
      (traffic.requests, "request", "requests"), (traffic.retries, "retry", "retries"),
      (traffic.throttles, "throttle", "throttles"), (traffic.pages, "page", "pages"),
      (cacheHits, "cache hit", "cache hits"), (traffic.bytesSent, "byte out", "bytes out"),
    ]
    let words = counts.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }
    return (["\(time), CPU \(Elapsed.text(processor))"] + words + ["\(traffic.bytesReceived) in"])
      .joined(separator: ", ")
  }
}

extension Interactive {
  var timingCommands: [DotCommand] {
    [
      DotCommand(
        "time", "[off|on|verbose]", "Tells how long each line takes, or all it costs.",
        completions: { _ in Timing.allCases.map { Completion($0.rawValue) } },
        run: { [unowned self] argument in chooseTiming(argument) }),
      DotCommand(
        "trace", "[on|off]", "Shows each request on stderr, signature masked.",
        completions: { _ in ["on", "off"].map { Completion($0) } },
        run: { [unowned self] argument in chooseTrace(argument) }),
    ]
  }

  /// Tells what a line has cost, where that is wanted.
  func tellCost(since begun: Effort) {
    let now = Effort.now(self)
    defer { told = now }
    guard timing != .off else { return }
    Console.write(now.ofLine(begun: begun, before: told).text(timing) + "\n", toStandardError: true)
  }

  private func chooseTiming(_ argument: String) -> DotCommand.Outcome {
    if argument.isEmpty {
      Console.write(".time is \(timing.rawValue)\n")
      return .done
    }
    guard let chosen = Timing(rawValue: argument) else {
      Console.write(".time takes off, on or verbose\n")
      return .failed
    }
    timing = chosen
    return .done
  }

  private func chooseTrace(_ argument: String) -> DotCommand.Outcome {
    switch argument {
    case "": Console.write(".trace is \(connection.sessions.trace == nil ? "off" : "on")\n")
    case "on": connection.sessions.trace = { Command.trace($0) }
    case "off": connection.sessions.trace = nil
    default:
      Console.write(".trace takes on or off\n")
      return .failed
    }
    return .done
  }
}
