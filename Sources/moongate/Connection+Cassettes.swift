// Cassettes of a connection: what is recorded, and what answers instead of a service.
import AWSCore
import Host

extension Connection {
  /// What would be believed to have a part in it.
  static func checkCassettes(_ arguments: Arguments) throws(Report) {
    // It is written at the end, and that is too late to learn that it cannot be.
    if let file = arguments.recordFile { try NamedFiles.checkWriting(file, for: "--record") }
    guard arguments.replayFile != nil else { return }
    guard arguments.recordFile == nil else {
      throw Report(message: "--record and --replay exclude each other", exitCode: ExitCode.usage)
    }
    guard !arguments.isLocal, arguments.profile == nil, arguments.region == nil, arguments.endpoint == nil
    else {
      throw Report(
        message:
          "--replay answers for the sessions of the recording; leave out --local, --profile, --region and "
          + "--endpoint", exitCode: ExitCode.usage)
    }
  }

  /// At the prompt recording may begin at any time.
  static func tap(_ arguments: Arguments, _ loop: EventLoop) -> CassetteTap? {
    guard arguments.replayFile == nil, arguments.recordFile != nil || arguments.isInteractive else {
      return nil
    }
    let tap = CassetteTap(loop)
    guard arguments.recordFile != nil else { return tap }
    // Typed lines take their time; a script is to print the same when it is replayed.
    let clock = arguments.isInteractive ? nil : RecordingClock()
    loop.clock = clock
    tap.recorder = CassetteRecorder(clock: clock)
    return tap
  }

  /// From now on a cassette answers.
  func beginReplay(_ file: String) throws(Report) -> (CassettePlayer, Session) {
    let cassette = try Cassette(file: file)
    endReplay()
    let player = CassettePlayer(cassette, loop)
    sessions.player = player
    tap?.isReplaying = true
    do throws(CallError) { return (player, try sessions.first()) } catch {
      endReplay()
      throw Report(error)
    }
  }

  func endReplay() {
    sessions.player?.end()
    sessions.player = nil
    tap?.isReplaying = false
  }

  /// What is to be done when a run has ended.
  /// - Returns: the exit code.
  func ended(_ code: Int32, _ arguments: Arguments) -> Int32 {
    if let leftovers = arguments.isInteractive ? nil : player?.leftovers {
      Command.tell("moongate: \(leftovers)")
    }
    guard let file = arguments.recordFile, let recorder = tap?.recorder else { return code }
    do throws(Report) {
      try recorder.write(to: file)
      return code
    } catch {
      return Command.fail(error.message, code == ExitCode.ok ? error.exitCode : code)
    }
  }
}
