// The header of a script: comments that say what it is and may do, read strictly.
import BackupGateway
import Scripts
import Testing

@Suite struct ScriptHeaderTests {
  private func header(_ text: String) throws(ScriptHeader.Problem) -> ScriptHeader {
    try ScriptHeader(Array(text.utf8))
  }

  private func problem(_ text: String) -> ScriptHeader.Problem? {
    do throws(ScriptHeader.Problem) {
      _ = try header(text)
      return nil
    } catch {
      return error
    }
  }

  @Test func theDesignsExampleIsRead() throws {
    let header = try header(
      """
      --- Virtual machines whose last backup is older than some age.
      -- @name stale-vms
      -- @version 1.0.0
      -- @arg age duration=7d        Age of the last backup
      -- @arg hypervisor hypervisor? Only this hypervisor
      -- @allow ListVirtualMachines
      -- @limit time=30m calls=20000 writes=5 memory=128M busy=10s output=16M

      for vm in list_virtual_machines() do print(vm.Name) end
      """)
    #expect(header.summary == "Virtual machines whose last backup is older than some age.")
    #expect(header.name == "stale-vms")
    #expect(header.version?.description == "1.0.0")
    #expect(header.allowed == ["ListVirtualMachines"])
    #expect(header.tags.filter { $0.name == "arg" }.count == 2)
    #expect(header.tags.first?.line == 2)
    #expect(header.limits.time == 1800)
    #expect(header.limits.busy == 10)
    #expect(header.limits.calls == 20_000)
    #expect(header.limits.writes == 5)
    #expect(header.limits.memory == 128 << 20)
    #expect(header.limits.output == 16 << 20)
  }

  @Test func aScriptWithoutHeaderAsksForNothing() throws {
    for text in ["", "print(1)", "\n-- @allow read", "#!/usr/bin/env moongate\nprint(1)\n-- @allow read"] {
      let header = try header(text)
      #expect(header.allowed == nil)
      #expect(header.tags.isEmpty)
      #expect(header.limits == RequestedLimits())
    }
  }

  @Test func readStandsForEveryReadingOperationAndNoOther() throws {
    let reading = Set(Service.operations.filter(\.isReading).map(\.name))
    #expect(try header("-- @allow read").allowed == reading)
    #expect(try header("-- @allow read, DeleteGateway").allowed == reading.union(["DeleteGateway"]))
  }

  @Test(arguments: [
    "#!/usr/bin/moongate\n", "--#!/usr/bin/moongate\n", "\u{FEFF}", "-- words\r\n", "---words\n\r",
  ])
  func theHeaderMayFollow(_ start: String) throws {
    #expect(try header(start + "-- @allow GetGateway\n").allowed == ["GetGateway"])
  }

  @Test(arguments: [
    "print(1)\n-- @allow read", "-- a\n\n-- @allow read", " -- @allow read", "--[[\n-- @allow read\n]]",
    "--[==[ ]==] x = 1\n-- @allow read", "-- a\rprint(1)\r-- @allow read",
  ])
  func whatIsNotInTheFirstBlockOfLineCommentsCountsForNothing(_ text: String) throws {
    #expect(try header(text).allowed == nil)
  }

  @Test(arguments: [
    ("-- @alow read", "there is no tag @alow; did you mean @allow?", 1),
    ("-- x\n-- @allow read\n-- @allow GetGateway", "@allow stands in line 2 already", 3),
    ("-- @allow", "@allow names operations, or read for all that only read", 1),
    ("-- @allow *", "@allow takes exact names, no wildcards; read stands for all that only read", 1),
    ("-- @allow Get*", "@allow takes exact names, no wildcards; read stands for all that only read", 1),
    ("-- @allow GetGateways", "@allow: there is no operation GetGateways; did you mean GetGateway?", 1),
    ("-- @allow getgateway", "@allow: there is no operation getgateway; did you mean GetGateway?", 1),
    ("-- @allow get_gateway", "@allow: there is no operation get_gateway; did you mean GetGateway?", 1),
    ("-- @allow GetGateway GetGateway", "@allow names GetGateway twice", 1),
    ("-- @name Stale VMs", "@name takes small letters, digits and dashes, as in stale-vms", 1),
    ("-- @version 1.0", "@version takes three numbers, as in 1.0.0", 1),
    ("-- @version 1.0.01", "@version takes three numbers, as in 1.0.0", 1),
    ("-- @limit", "@limit takes what it raises, as in @limit time=30m calls=20000", 1),
    ("-- @limit cpu=3", "@limit has no cpu; it takes busy, calls, memory, output, time, writes", 1),
    ("-- @limit calls=5 calls=6", "@limit gives calls twice", 1),
    ("-- @name a\u{202E}b", "a tag must not hold control characters", 1),
    ("-- @author a\u{1B}[2K", "a tag must not hold control characters", 1),
    ("-- @author a\0b", "a tag must not hold control characters", 1),
  ])
  func aSlipIsAnError(_ text: String, _ message: String, _ line: Int) {
    #expect(problem(text)?.message == message)
    #expect(problem(text)?.line == line)
  }

  @Test(arguments: [
    "calls", "calls=", "calls=-1", "calls=1.5", "calls=99999999999", "time=0s", "time=soon",
    "memory=0", "memory=1T", "memory=x",
  ])
  func aLimitThatIsNoNumberIsAnError(_ text: String) {
    #expect(problem("-- @limit " + text) != nil)
  }

  @Test func aTagThatIsNotUTF8IsAnError() {
    #expect(throws: ScriptHeader.Problem.self) { try ScriptHeader(Array("-- @author ".utf8) + [0xFF]) }
  }

  @Test func annotationsOfEditorsAreRemarks() throws {
    #expect(try header("---@meta\n---@diagnostic disable\n-- @allow GetGateway").allowed == ["GetGateway"])
    #expect(problem("-- @diagnostic disable")?.line == 1)
  }
}
