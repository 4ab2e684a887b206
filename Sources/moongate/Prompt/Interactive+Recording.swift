// The dot commands that keep a session: .record, .save and .replay.
import AWSCore
import Host
import Shell

extension Interactive {
  /// What is kept of a session, and what answers instead of the service.
  struct Recording {
    /// Every line that ran without an error and holds no secret.
    var lines: [TypedLine] = []
    /// How many lines were left out because they hold one, before each line of `lines`.
    var secrets = 0
    /// The first line since `.record`; 0 without it.
    var first = 0
    /// Where the operations acted when the first of `lines` that count was typed; nil for where the session began.
    var target: SessionFacts?
    /// The cassette that answers.
    var replayed: String?
    /// Where the cassette goes that is being recorded.
    var file: String?
    /// The session that `.replay off` goes back to.
    var live: Session?
    var player: CassettePlayer?
  }

  var recordingCommands: [DotCommand] {
    [
      DotCommand(
        "record", "[FILE [!]|off]",
        "Keeps what follows for .save, and calls and answers in a new cassette FILE; ! overwrites.",
        completions: { _ in [Completion("off")] }, run: { [unowned self] in record($0) }),
      DotCommand(
        "save", "FILE.lua [!]", "Writes the lines since .record, or all, as a script; ! overwrites.",
        run: { [unowned self] in save($0) }),
      DotCommand(
        "replay", "FILE|off", "Has a cassette answer instead of the service; off goes back.",
        completions: { _ in [Completion("off")] }, run: { [unowned self] in replay($0) }),
    ]
  }

  /// Keeps a line that has just run.
  func keep(_ source: String) {
    guard succeeded, let line = console.typedLine, line.source == source else { return }
    if console.isSensitive(source) { recording.secrets += 1 } else { recording.lines.append(line) }
  }

  // MARK: .record

  private func record(_ argument: String) -> DotCommand.Outcome {
    switch argument {
    case "off": return stopRecording()
    case "": break
    default:
      guard let tap = connection.tap, recording.player == nil else {
        return refuse("what a cassette answers is not recorded again")
      }
      guard tap.recorder == nil else {
        return refuse("\(recording.file ?? "a cassette") is being recorded; .record off ends that")
      }
      let (path, overwrites) = Self.overwriting(argument)
      guard !path.isEmpty else {
        return refuse(".record takes the name of a cassette, as in .record night.json")
      }
      guard overwrites || !WholeFile.exists(path) else {
        return refuse("\(Console.visible(path)) is there already; .record \(path) ! overwrites it")
      }
      let recorder = CassetteRecorder(clock: nil)
      recorder.mask = { [weak console] in console?.masked($0) ?? $0 }
      // It is written when recording ends, and that is too late to learn that it cannot be.
      do throws(Report) { try recorder.write(to: path) } catch { return refuse(error.message) }
      tap.recorder = recorder
      recording.file = path
    }
    recording.first = recording.lines.count
    recording.target = console.session.facts
    recording.secrets = 0
    Console.write(
      recording.file.map { "recording lines, and calls into \(Console.visible($0))\n" } ?? "recording lines\n"
    )
    return .done
  }

  private func stopRecording() -> DotCommand.Outcome {
    guard let file = recording.file, let recorder = connection.tap?.recorder else {
      return refuse("no cassette is being recorded")
    }
    connection.tap?.recorder = nil
    recording.file = nil
    do throws(Report) { try recorder.write(to: file) } catch { return refuse(error.message) }
    let calls = recorder.count == 1 ? "1 call" : "\(recorder.count) calls"
    Console.write("\(Console.visible(file)): \(calls)\n")
    return .done
  }

  /// Writes a cassette that is still being recorded.
  func endRecording() {
    if recording.file != nil { _ = stopRecording() }
  }

  /// The file that is named, and whether a `!` behind it says that it may take the place of another.
  private static func overwriting(_ argument: String) -> (path: String, overwrites: Bool) {
    let overwrites = argument.hasSuffix(" !") || argument == "!"
    return (trimmed(overwrites ? String(argument.dropLast()) : argument), overwrites)
  }

  // MARK: .save

  private func save(_ argument: String) -> DotCommand.Outcome {
    let (path, overwrites) = Self.overwriting(argument)
    guard path.hasSuffix(".lua"), path.count > 4 else {
      return refuse(".save takes the name of a script, as in .save report.lua")
    }
    let script = SessionScript(Array(recording.lines[recording.first...]))
    guard !script.isEmpty else { return refuse("nothing that can be kept has run yet") }
    guard overwrites || !WholeFile.exists(path) else {
      return refuse("\(Console.visible(path)) is there already; .save \(path) ! overwrites it")
    }
    let name = path.split(separator: "/").last?.dropLast(4) ?? "session"
    let text = script.text(
      name: String(name), summary: "Recorded at the prompt on \(Timestamp.systemNow().iso8601.prefix(10)).")
    do throws(Report) { try WholeFile.write(Array(text.utf8), to: path, isPrivate: true) } catch {
      return refuse(error.message)
    }
    if recording.secrets > 0 {
      Console.write(
        "a line that holds a secret is not in it; write secret(\"NAME\") there\n", toStandardError: true)
    }
    let options = (optionsOfRun(script) + [path]).map { Console.visible(PromptWords.quoted($0)) }
    Console.write("\(Console.visible(path)): run it with moongate \(options.joined(separator: " "))\n")
    return .done
  }

  /// The options with which the runner does what the prompt did.
  private func optionsOfRun(_ script: SessionScript) -> [String] {
    var options: [String] = []
    if let cassette = recording.replayed ?? arguments.replayFile {
      options += ["--replay", cassette]
    } else {
      let target = recording.target ?? connection.session.facts
      if connection.sessions.isLocal {
        options.append("--local")
        if let folder = arguments.dataFolder { options += ["--data", folder] }
      } else {
        // What is called so without having been chosen may be no profile at all.
        if target.profile != "default" { options += ["--profile", target.profile] }
        if let endpoint = arguments.endpoint { options += ["--endpoint", endpoint] }
      }
      if let region = target.region { options += ["--region", region] }
    }
    for write in script.writes { options += ["--allow", write] }
    if console.outputForm != .table { options += ["--output", console.outputForm.rawValue] }
    return options
  }

  // MARK: .replay

  private func replay(_ argument: String) -> DotCommand.Outcome {
    guard connection.player == nil else { return refuse("this session was begun with --replay") }
    switch argument {
    case "": return refuse(".replay takes a cassette, or off")
    case "off":
      guard let live = recording.live else { return refuse("no cassette answers") }
      let leftovers = recording.player?.leftovers
      (recording.live, recording.player, recording.replayed) = (nil, nil, nil)
      connection.endReplay()
      console.act(on: live)
      if let leftovers { Console.write("\(leftovers)\n", toStandardError: true) }
    default:
      guard recording.file == nil else {
        return refuse("a cassette is being recorded; .record off ends that")
      }
      do throws(Report) {
        let (player, session) = try connection.beginReplay(argument)
        recording.live = recording.live ?? console.session
        recording.player = player
        recording.replayed = argument
        console.act(on: session)
      } catch {
        return refuse(error.message)
      }
    }
    Console.write("\(promptLabel)\n")
    return .done
  }

  private func refuse(_ message: String) -> DotCommand.Outcome {
    Console.write("\(message)\n", toStandardError: true)
    return .failed
  }
}
