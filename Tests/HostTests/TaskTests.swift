// Tasks: several at once, in the order in which their waits end; what `parallel` promises; where no other task may run.
import AWSCore
import Host
import TestSupport
import Testing

@Suite struct TaskTests {
  /// Scripts that must finish.
  @Test(arguments: [
    (
      "a task begins when the one that started it waits, and gives its results",
      """
      local order = {}
      local task = spawn(function(a, b) order[#order + 1] = "task" return a, nil, b end, 1, 3)
      order[#order + 1] = "main"
      assert(select("#", task:wait()) == 3 and select(3, task:wait()) == 3)
      assert(table.concat(order, " ") == "main task")
      """
    ),
    (
      "tasks go on in the order in which their waits end",
      """
      local order, tasks = {}, {}
      for i = 5, 1, -1 do tasks[i] = spawn(function() sleep(i / 100) order[#order + 1] = i end) end
      for i = 1, 5 do tasks[i]:wait() end
      assert(table.concat(order) == "12345", table.concat(order))
      """
    ),
    (
      "an error is raised where it is waited for, the same value as often as one asks",
      """
      local e = {}
      local task = spawn(error, e)
      for i = 1, 2 do local ok, got = pcall(task.wait, task) assert(not ok and got == e) end
      """
    ),
    (
      "a task calls the service from coroutines, metamethods, pcall and iterators",
      """
      local names = setmetatable({}, { __index = function(_, arn) return get_virtual_machine(arn) end })
      local function in_all_ways(arn)
        assert(pcall(get_virtual_machine, arn))
        local _ = names[arn]
        for vm in coroutine.wrap(function() for vm in list_virtual_machines() do coroutine.yield(vm) end end) do sleep(0) end
        return list_virtual_machines():count()
      end
      local tasks = {}
      for i = 1, 10 do tasks[i] = spawn(in_all_ways, "\(FakeService.arn(1))") end
      for i = 1, 10 do assert(tasks[i]:wait() == 10) end
      """
    ),
    (
      "a call waits in place in sort and gsub, and no other task runs meanwhile",
      """
      local others = 0
      spawn(function() for i = 1, 100 do others = others + 1 sleep(0) end end)
      sleep(0)
      local t = { 3, 1, 2 }
      table.sort(t, function(a, b)
        local before = others
        get_virtual_machine("\(FakeService.arn(1))")
        sleep(0.001)
        assert(others == before)
        return a < b
      end)
      assert((("ab"):gsub(".", function(c) sleep(0) return c .. c end)) == "aabb")
      assert(table.concat(t) == "123" and others > 0)
      """
    ),
    (
      "in place, a task that has ended gives its results, and one that has not is an error",
      """
      local ended, never = spawn(function() return 1 end), spawn(function() sleep(0.01) end)
      ended:wait()
      local _ = ("x"):gsub("x", function()
        assert(ended:wait() == 1)
        local ok, e = pcall(never.wait, never)
        assert(not ok and e.message:find("cannot be waited for here"))
      end)
      """
    ),
    (
      "tasks that wait for each other are told",
      """
      local a, b
      a = spawn(function() sleep(0) return b:wait() end)
      b = spawn(function() sleep(0) return a:wait() end)
      local ok, e = pcall(a.wait, a)
      assert(not ok and e.message:find("would never end"), e)
      assert(not pcall(b.wait, b))
      local me
      me = spawn(function() return me:wait() end)
      assert(not pcall(me.wait, me))
      """
    ),
    (
      "parallel keeps the order and its limit",
      """
      local running, most, items = 0, 0, {}
      for i = 1, 50 do items[i] = i end
      local results = parallel(items, function(i)
        running = running + 1
        most = math.max(most, running)
        sleep(((i * 7) % 5) / 1000)
        running = running - 1
        return i * i
      end, { limit = 8 })
      assert(results.n == 50 and most == 8, most)
      for i = 1, 50 do assert(results[i] == i * i) end
      """
    ),
    (
      "parallel takes arrays with holes, listings, iterators and nothing",
      """
      local again = parallel({ n = 3, 1, nil, 3 }, function(i) return i end)
      assert(again.n == 3 and again[2] == nil and again[3] == 3)
      assert(list_virtual_machines():parallel(function(vm) return vm.Name end)[10] == "vm 10")
      assert(parallel(list_virtual_machines():pages(), function(page) return #page.VirtualMachines end).n == 4)
      assert(parallel({}, print).n == 0 and items{ 1, 2 }:parallel(tostring)[2] == "2")
      """
    ),
    (
      "the first error starts nothing more and closes what the others have open",
      """
      local begun, closed = 0, 0
      local ok, e = pcall(parallel, { 1, 2, 3, 4, 5, 6 }, function(i)
        begun = begun + 1
        local c <close> = setmetatable({}, { __close = function() sleep(0) closed = closed + 1 end })
        if i == 2 then error("no " .. i, 0) end
        pcall(sleep, 1000)
      end, { limit = 3 })
      assert(not ok and e == "no 2" and begun <= 3 and closed == begun, begun .. " " .. closed)
      """
    ),
    (
      "collected errors stand at the place of their item",
      """
      local results, errors = parallel({ "a", "b", "c" }, function(x)
        if x == "b" then error({ code = "Mine" }) end
        return x
      end, { on_error = "collect", limit = 1 })
      assert(results.n == 3 and results[1] == "a" and results[2] == nil and results[3] == "c")
      assert(errors[2].code == "Mine" and next(errors, 2) == nil)
      """
    ),
    (
      "an iterator that fails ends it",
      """
      local n = 0
      local ok, e = pcall(parallel, function() n = n + 1 if n == 3 then error("dry", 0) end return n end, print)
      assert(not ok and e == "dry")
      """
    ),
    (
      "parallel in parallel",
      """
      local sums = parallel({ 1, 2, 3 }, function(i)
        local sum = 0
        for _, v in ipairs(parallel({ 1, 2, 3 }, function(j) sleep(0) return i * j end)) do sum = sum + v end
        return sum
      end)
      assert(sums[1] == 6 and sums[3] == 18)
      """
    ),
    (
      "misuse says what to write",
      """
      for call, words in pairs{
        ["spawn(1)"] = "spawn takes a function", ["spawn(print).wait()"] = "task:wait()",
        ["return spawn(print).result"] = "a task has no result", ["parallel(1, print)"] = "an array, a listing or an iterator",
        ["parallel({ a = 1 }, print)"] = "no item [1]", ["parallel({}, print, { limit = 0 })"] = "at least 1",
        ["parallel({}, print, { limt = 1 })"] = "no option limt", ["parallel({}, print, { on_error = 'x' })"] = "on_error is",
        ["wait(print)"] = "what to wait for", ["wait(print, 1, { is = 1 })"] = "say which in field",
        ["wait(print, 1, { field = 'a' })"] = "needs is",
        ["wait(print, 1, { ready = print, settle = '1h', timeout = '1m' })"] = "settle must be shorter",
      } do
        local ok, e = pcall(load(call))
        assert(not ok and e.message:find(words, 1, true), call .. ": " .. tostring(e))
      end
      """
    ),
  ])
  func tasks(_ promise: String, _ script: String) throws {
    let bench = try Bench()
    #expect(bench.run(script)?.message == nil, "\(promise)")
  }

  /// No step may take time that grows with the number of tasks: quadratic, this takes minutes.
  @Test func tenThousandTasks() throws {
    let bench = try Bench(memoryLimit: 256 << 20)
    let script = """
      local tasks = {}
      for i = 1, 10000 do tasks[i] = spawn(function() sleep(i % 10 / 1000) sleep(0) return i end) end
      local sum = 0
      for i = 1, 10000 do sum = sum + tasks[i]:wait() end
      assert(sum == 50005000)
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test func aTypedLineWaitsForItsTasks() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate("t = spawn(function() sleep(0.01) done = true return 7 end)") == .done)
    #expect(bench.console.evaluate("assert(done and t:wait() == 7)") == .done, "its results are kept")
    #expect(bench.console.evaluate("spawn(error, 'no')") == .failed)
  }

  /// Its tasks waited for the next item for ever, and the run for them.
  @Test(.timeLimit(.minutes(20))) func aParallelThatIsLeftBehindHoldsNothingUp() throws {
    let bench = try Bench()
    let script = """
      local n, seen = 0, {}
      local co = coroutine.create(function()
        parallel(function()
          n = n + 1
          if n == 3 then coroutine.yield() end
          return n
        end, function(i) sleep(0) seen[i] = true end)
      end)
      assert(coroutine.resume(co))
      assert(coroutine.status(co) == "suspended")
      spawn(function() sleep(0.01) assert(seen[1] and seen[2]) end)
      """
    #expect(bench.run(script)?.message == nil)
  }

  /// The request of a sibling that was sent is waited for; the next one it would send it does not.
  @Test func anErrorInASiblingLetsSentRequestsEnd() throws {
    let bench = try Bench()
    let script = """
      pcall(parallel, { "fails", "reads" }, function(what)
        if what == "fails" then sleep(0) error("no") end
        for i = 1, 100 do get_virtual_machine("\(FakeService.arn(1))") end
      end)
      """
    #expect(bench.run(script)?.message == nil)
    #expect(bench.service.requests.count < 10)
    #expect(bench.service.cancelled == 0)
  }

  @Test func everyRunEndsWithNothingUnderWay() throws {
    let bench = try Bench()
    #expect(bench.run("spawn(function() for _ in list_virtual_machines() do end end) exit(3)")?.exitCode == 3)
    #expect(bench.service.isIdle)
    #expect(bench.run("assert(list_virtual_machines():count() == 10)")?.message == nil)
  }

  // MARK: wait

  @Test func waitReadsUntilAMemberIsWhatItShouldBe() throws {
    let bench = try Bench()
    var states = ["PENDING", "PENDING", "ONLINE"]
    bench.service.answer = { _ in
      FakeService.json(
        #"{"Hypervisor":{"Name":"h","State":"\#(states.count > 1 ? states.removeFirst() : states[0])"}}"#)
    }
    let script = """
      local arn = "arn:aws:backup-gateway:us-east-1:123456789012:hypervisor/hype-12345678"
      local h = wait(get_hypervisor, arn, { field = "State", is = { "ONLINE", "READY" }, never = "ERROR", every = 0.001 })
      assert(h.State == "ONLINE" and h.Name == "h")
      assert(wait(get_hypervisor, arn, { ready = function(r) return r.Name == "h" end, settle = 0.01 }).Name == "h")
      local ok, e = pcall(wait, get_hypervisor, arn, { field = "State", is = "X", never = { "ONLINE" }, every = 0.001 })
      assert(not ok and e.code == "WaitFailed" and e.last.State == "ONLINE", e)
      assert(tostring(e):find('State of ' .. arn .. ' to be "X", and after 0s it is "ONLINE"', 1, true), tostring(e))
      ok, e = pcall(wait, get_hypervisor, arn, { field = "State", is = "X", every = 0.001, timeout = 0.02 })
      assert(not ok and e.code == "WaitTimeout" and e.last.State == "ONLINE")
      assert(tostring(e):find('it is "ONLINE", since 0s', 1, true), tostring(e))
      """
    #expect(bench.run(script)?.message == nil)
  }

  @Test func waitUntilGivesWhatItsFunctionGives() throws {
    let bench = try Bench()
    let script = """
      local n = 0
      assert(wait_until(function() n = n + 1 return n > 2 and "there" end, { every = 0.001 }) == "there")
      local ok, e = pcall(wait_until, function() end, { every = 0.001, timeout = 0.01, label = "the copy" })
      assert(not ok and e.code == "WaitTimeout" and e.message:find("for the copy"))
      assert(not pcall(wait_until, function() error("not a passing failure") end))
      """
    #expect(bench.run(script)?.message == nil)
  }
}
