// credential_process: what is made of its answer; and commands under /bin/sh: what they are given and how they end.
import Glibc
import TestSupport
import Testing

@testable import AWSCore

@Suite struct ProcessCredentialsTests {
  private let world = CredentialWorld(config: "[default]\ncredential_process = get-keys --for me\n")

  private func load() throws -> Result<CredentialLookup, CallError> {
    let command = try #require(
      SharedConfig(environment: world.environment).profiles["default"]?["credential_process"])
    return world.load(ProcessCredentials(try world.context(), command: command, profile: "default"))
  }

  private func document(_ members: String) -> String {
    #"{"Version":1,"AccessKeyId":"ASIAPROC","SecretAccessKey":"hush","# + members
      + #""SessionToken":"quiet"}"#
  }

  @Test func theCommandsAnswerIsTheKeys() throws {
    world.processes.end(
      printing: document(#""Expiration":"2026-01-01T01:00:00+00:00","AccountId":"123456789012","#))
    let found = try #require(try load().found)
    #expect(world.processes.commands == ["get-keys --for me"])
    #expect(
      found.accessKeyID == "ASIAPROC" && found.secretAccessKey == "hush" && found.sessionToken == "quiet")
    #expect(found.expiration?.iso8601 == "2026-01-01T01:00:00Z")
    #expect(found.accountID == "123456789012")
    #expect(found.source == "credential_process of profile 'default' (~/.aws/config:2)")
  }

  @Test func keysMayHaveNoEnd() throws {
    world.processes.end(printing: document(""))
    let found = try #require(try load().found)
    #expect(found.accountID == nil && found.expiration == nil)
  }

  @Test func keysThatHaveEndedAreAskedForOnceMore() throws {
    world.processes.end(printing: document(#""Expiration":"2025-12-31T23:59:59Z","#))
    world.processes.end(printing: document(#""Expiration":"2026-01-01T01:00:00Z","#))
    #expect(try load().found != nil)
    for _ in 0..<2 { world.processes.end(printing: document(#""Expiration":"2016-01-01T00:00:00Z","#)) }
    #expect(try load().error?.message.contains("had ended already, at 2016-01-01T00:00:00Z") == true)
    #expect(world.processes.commands.count == 4)
  }

  @Test(arguments: [
    ("", "not one JSON object"), ("{", "not one JSON object"), ("[1]", "not one JSON object"),
    (#"{"AccessKeyId":"hush"}"#, "Unsupported version"),
    (#"{"Version":2,"AccessKeyId":"hush"}"#, "Unsupported version"),
    (#"{"Version":"1","AccessKeyId":"hush"}"#, "Unsupported version"),
    (#"{"Version":1,"AccessKeyId":"hush"}"#, "Missing required key SecretAccessKey"),
    (#"{"Version":1,"AccessKeyId":"","SecretAccessKey":"hush"}"#, "Missing required key AccessKeyId"),
    (
      #"{"Version":1,"AccessKeyId":"hush","SecretAccessKey":"hush","Expiration":"hush"}"#,
      "Expiration is not a time"
    ),
    (
      #"{"Version":1,"AccessKeyId":"hush","SecretAccessKey":"hush","Expiration":1700000000}"#,
      "Expiration is not a time"
    ),
  ])
  func anAnswerThatIsNoneIsNamedAndNotQuoted(_ output: String, _ words: String) throws {
    world.processes.end(printing: output)
    let error = try load().error
    #expect(error?.code == "NoCredentials")
    #expect(error?.message.contains(words) == true)
    #expect(error?.message.contains("hush") == false)
  }

  @Test func aFailureIsToldByItsExitCode() throws {
    world.processes.end(3, printing: document(""))
    #expect(
      try load().error?.message
        == "The credential_process of profile 'default' (~/.aws/config:2) gave no keys: it ended with exit code 3. Run "
        + "the command by itself to see what it does.")
  }
}

/// Real commands, moved on by hand: a turn of the event loop is a call of `Hand.turn`.
@Suite(.timeLimit(.minutes(20))) struct ShellProcessesTests {
  /// Timers on the real clock.
  private final class Hand: Timers {
    private var pending: [(id: TimerID, due: Double, body: () -> Void)] = []
    private var lastNumber: UInt64 = 0
    var now: Timestamp { Timestamp(microseconds: Int64(time(nil)) * 1_000_000) }
    var monotonicSeconds: Double {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    func after(_ seconds: Double, _ body: @escaping () -> Void) -> TimerID {
      lastNumber += 1
      pending.append((TimerID(lastNumber), monotonicSeconds + seconds, body))
      return TimerID(lastNumber)
    }
    func cancel(_ timer: TimerID) { pending.removeAll { $0.id == timer } }
    func turn() {
      usleep(1_000)
      let due = pending.filter { $0.due <= monotonicSeconds }
      pending.removeAll { timer in due.contains { $0.id == timer.id } }
      for timer in due { timer.body() }
    }
    var isIdle: Bool { pending.isEmpty }
  }

  private typealias Outcome = Result<ProcessOutput, ProcessFailure>

  /// Runs a command to its end.
  private func run(_ command: String, timeout: Double = 60, outputLimit: Int = 64 << 10) -> Outcome {
    let hand = Hand()
    var outcome: Outcome?
    ShellProcesses(timers: hand).run(command, timeout: timeout, outputLimit: outputLimit) { outcome = $0 }
    while !hand.isIdle { hand.turn() }
    return outcome ?? .failure(ProcessFailure(reason: "never completed"))
  }

  private func output(_ outcome: Outcome) -> String? {
    (try? outcome.get()).map { String(decoding: $0.output, as: UTF8.self) }
  }

  private func reason(_ outcome: Outcome) -> String? {
    if case .failure(let failure) = outcome { failure.reason } else { nil }
  }

  private func isAlive(_ process: pid_t) -> Bool { kill(process, 0) == 0 }

  @Test func itIsShellSyntaxAndOnlyStandardOutputIsRead() {
    #expect(output(run("echo \"a b\" | tr a-z A-Z; printf '%s' err 2>/dev/null >&2")) == "A B\n")
    #expect(output(run("printf %s \"$HOME\"")) == (getenv("HOME").map { String(cString: $0) } ?? ""))
  }

  @Test func nothingIsLost() {
    #expect(output(run("head -c 60000 /dev/zero | tr '\\0' x"))?.utf8.count == 60_000)
  }

  @Test func theExitCodeIsTheCommandsAndASignalIs128AndItsNumber() {
    for (command, code) in [
      ("exit 7", 7), ("true", 0), ("kill -TERM $$", 143), ("no-such-command-here 2>&-", 127),
    ] {
      #expect((try? run(command).get().exitCode) == Int32(code))
    }
  }

  /// The shell prints its process id, waits in a child, and neither is there afterwards.
  @Test func theWholeGroupEndsWithItsTime() throws {
    let path = "/tmp/moongate-process-test-\(UUID.random())"
    defer { unlink(path) }
    let outcome = run("echo $$ >\(path); sleep 600 & echo $! >>\(path); wait", timeout: 1)
    #expect(reason(outcome) == "it did not end within 1 s")
    let children = try #require(Conformance.text(path)).split(separator: "\n").compactMap { pid_t($0) }
    #expect(children.count == 2)
    // The grandchild is reaped by whoever adopts it.
    for _ in 0..<5_000 where children.contains(where: isAlive) { usleep(1_000) }
    #expect(!children.contains(where: isAlive))
  }

  @Test func whoPrintsWithoutEndIsStopped() {
    #expect(reason(run("yes")) == "it printed more than 64 KiB")
    #expect(reason(run("head -c 100 /dev/zero", outputLimit: 99)) == "it printed more than 0 KiB")
  }

  @Test func whoWantsATerminalThatItHasNotIsStoppedToo() {
    #expect(reason(run("kill -STOP $$"))?.hasPrefix("it was stopped") == true)
  }

  /// An agent that the command leaves in the background keeps the pipe open, and lives on.
  @Test func aProcessLeftBehindIsNotWaitedFor() throws {
    let text = try #require(output(run("sleep 600 & echo $!")))
    let agent = try #require(pid_t(text.dropLast()))
    #expect(isAlive(agent))
    kill(agent, SIGKILL)
  }

  @Test func theLoopGoesOnMeanwhile() {
    let hand = Hand()
    var ended = false
    var ticks = 0
    func tick() {
      ticks += 1
      if !ended { _ = hand.after(0.005, tick) }
    }
    ShellProcesses(timers: hand).run("sleep 0.3", timeout: 60, outputLimit: 1) { _ in ended = true }
    tick()
    while !hand.isIdle { hand.turn() }
    #expect(ticks > 5)
  }

  /// Descriptors of this program are none of the command's; nor is what it does with signals.
  @Test func itInheritsNeitherDescriptorsNorSignals() throws {
    let descriptor = open("/dev/null", O_RDONLY)  // without O_CLOEXEC
    defer { close(descriptor) }
    signal(SIGPIPE, SIG_IGN)
    let found = try #require(output(run("ls /proc/self/fd; grep -E '^Sig(Ign|Blk)' /proc/self/status")))
    let lines = found.split(separator: "\n")
    // 0 to 2, and the one that ls reads the folder with.
    #expect(lines.prefix { !$0.hasPrefix("Sig") } == ["0", "1", "2", "3"])
    // The first 28 signals; glibc keeps 32 and 33 for itself.
    #expect(lines.suffix(2).allSatisfy { $0.hasSuffix("0000000") })
  }

  @Test func nothingIsLeftToReap() throws {
    let text = try #require(output(run("echo $$")))
    #expect(!isAlive(try #require(pid_t(text.dropLast()))))
  }
}
