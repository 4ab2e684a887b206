// What was typed at a prompt as a script.
import Testing

@testable import Host

@Suite struct SessionScriptTests {
  private func line(
    _ source: String, _ values: [Int?] = [], isExpression: Bool? = nil, operations: Set<String> = []
  ) -> TypedLine {
    TypedLine(
      source: source, isExpression: isExpression ?? !values.isEmpty, values: values, operations: operations,
      isQuestion: source.hasSuffix("?"))
  }

  private func body(_ lines: TypedLine...) -> [String] {
    SessionScript(lines).text(name: "x", summary: "S").split(separator: "\n").dropFirst(2).map(String.init)
  }

  @Test func theHeaderHasWhatWasCalledAndAUsableName() {
    let script = SessionScript([
      line("list_gateways()", [1], operations: ["ListGateways"]),
      line("tag_resource(a, b)", operations: ["TagResource", "ListGateways"]),
    ])
    let text = script.text(name: "-Über Nacht.2", summary: "Words")
    #expect(text.hasPrefix("--- Words\n-- @name ber-nacht-2\n-- @allow ListGateways, TagResource\n"))
  }

  @Test func statementsStayAndExpressionsAreShown() {
    #expect(
      body(line("local x = 1"), line("x", [1]), line("f()", isExpression: true)) == [
        "local x = 1", "show((x))", "f()",
      ])
    #expect(body(line("nothing", [nil])) == ["show(nothing)"])
    #expect(body(line("f()", [nil])) == ["f()"])
    #expect(body(line("return x", [1], isExpression: false)) == ["show((x))"])
    #expect(body(line("help?")) == [])
  }

  @Test func aSilentLineIsNotShown() {
    #expect(body(line("f();", [1])) == ["f()"])
    #expect(body(line("1 + 1;", [1])) == ["local _ = 1 + 1"])
  }

  @Test func severalValuesAreShownEach() {
    #expect(
      body(line("1, nil, 2", [4, nil, 5])) == [
        "do local _4, _, _5 = 1, nil, 2; show(_4) show(nil) show(_5) end"
      ])
  }

  @Test func resultsThatAreNamedLaterHaveNames() {
    #expect(body(line("f()", [7]), line("#_", [8])) == ["_7 = f()", "show(_7)", "show((#_7))"])
    #expect(
      body(line("a", [1]), line("b", [2]), line("c", [3]), line("___ .. __ .. _", [4]))
        == ["_1 = a", "show(_1)", "_2 = b", "show(_2)", "_3 = c", "show(_3)", "show((_1 .. _2 .. _3))"])
    #expect(body(line("f();", [7]), line("print(_7)", isExpression: true)) == ["_7 = f()", "print(_7)"])
    #expect(body(line("local _ = 1"), line("a", [1])) == ["local _ = 1", "show((a))"])
  }
}
