// What is over is gone: a console, its universe and everything its scripts began.
import Host
import TestSupport
import Testing

struct ConsoleLifeTests {
  /// Consoles held themselves by their scheduler, and LeakSanitizer found 13 MB of them after the tests.
  @Test(arguments: [
    "return 1",
    "parallel({ 1, 2, 3 }, function(i) return i end) spawn(sleep, 0):wait()",
    "list_gateways():first()",
    "local todo = changes('tags') todo.tag_resource('\(Sample.arn(.gateway))', { Tags = {{ Key = 'a', Value = 'b' }} })",
    "json.encode(json.decode('{\"a\":[null]}')) output.format('csv', {{ a = 1 }})",
    "error('no')",
    "spawn(function() error('no') end)",
    "for vm in list_virtual_machines() do break end",
    "connect{ region = 'eu-west-1' }",
    "exit(3)",
  ])
  func aConsoleIsLetGoOf(script: String) throws {
    weak var console: Console?
    do {
      let bench = try Bench()
      console = bench.console
      _ = bench.run(script)
      _ = bench.console.evaluate(script)
    }
    #expect(console == nil)
  }
}
