// Output: what rows look like in each form, and what a form refuses to hold.
import AWSCore
import BackupGateway
import LuaRuntime
import TestSupport
import Testing

@testable import Host

@Suite struct OutputTests {
  private static func row(_ fields: (name: String, value: LuaValue)...) -> LuaValue {
    .table(LuaTable(fields: fields))
  }

  private func written(
    _ form: OutputForm, _ rows: [[LuaValue]], columns: [String]? = nil, isSingle: Bool = false,
    frame: TableFrame = TableFrame(), indent: Int? = 2
  ) throws -> String {
    var writer = RowWriter(
      form, columns: columns?.map { OutputColumn(title: $0) }, isSingle: isSingle, order: MemberOrder(),
      frame: frame, indent: indent)
    var out: [UInt8] = []
    for values in rows { out += try writer.row(values) }
    return String(decoding: out + (try writer.end()), as: UTF8.self)
  }

  // MARK: CSV

  @Test func csvQuotesWhatItMustAndAltersNothing() throws {
    let cells: [LuaValue] = [
      .string("a,b"), .string("say \"hi\""), .string("two\nlines"), .string("=1+1"), .string(""), .nil,
      .bytes([0xFF]), .boolean(false), .integer(.max), .number(-0.0), .number(.nan),
    ]
    let line = try CSV().record(cells)
    #expect(
      line == Array("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",=1+1,\"\",,".utf8) + [0xFF]
        + Array(",false,9223372036854775807,-0.0,nan\r\n".utf8))
  }

  @Test func aCSVLineIsNeverEmpty() throws {
    #expect(try written(.csv, [[.nil], [.string("x")]], columns: ["a"]) == "a\r\n\"\"\r\nx\r\n")
    #expect(try written(.csv, [], columns: ["a", "b"]) == "a,b\r\n")
  }

  @Test func csvWithoutColumnsTakesTheMembersOfItsFirstRows() throws {
    let rows = [[Self.row(("b", .integer(1)))], [Self.row(("a", .integer(2)))]]
    #expect(try written(.csv, rows) == "a,b\r\n,1\r\n2,\r\n")
    let late = Array(repeating: rows[0], count: RowWriter.lookAhead) + [rows[1]]
    let error = #expect(throws: NotData.self) { try written(.csv, late) }
    #expect(error?.path == "a")
  }

  // MARK: Tables

  @Test func aReportHasItsTitleAboveItsTableAndWhatItComesToBelow() throws {
    let frame = TableFrame(title: "Silent \u{1B}gateways", summary: ["1 of 3", "see the network"])
    #expect(
      try written(.table, [[.string("gw\n1")]], columns: ["Name"], frame: frame) == """
        Silent ␛gateways

        Name
        gw\\n1

        1 of 3
        see the network

        """)
    #expect(try written(.table, [], columns: ["Name"], frame: TableFrame(title: "None")) == "None\n")
    #expect(try written(.csv, [], columns: ["Name"], frame: frame) == "Name\r\n")
  }

  // MARK: JSON

  @Test func jsonKeepsRowsApartByLines() throws {
    let rows = [
      [Self.row(("a", .integer(1)))], [Self.row(("a", .table(LuaTable(items: [.nil, .string("x")]))))],
    ]
    #expect(
      try written(.json, rows) == """
        [
          {
            "a": 1
          },
          {
            "a": [
              null,
              "x"
            ]
          }
        ]

        """)
    #expect(try written(.json, rows, indent: nil) == #"[{"a":1},{"a":[null,"x"]}]"# + "\n")
    #expect(try written(.json, []) == "[]\n")
    #expect(try written(.jsonl, rows) == "{\"a\":1}\n{\"a\":[null,\"x\"]}\n")
    #expect(try written(.json, [rows[0]], isSingle: true) == "{\n  \"a\": 1\n}\n")
  }

  @Test func anAbsentCellIsAnAbsentMember() throws {
    #expect(try written(.jsonl, [[.nil, .boolean(true)]], columns: ["a", "b"]) == "{\"b\":true}\n")
  }

  private static let refusals: [(LuaValue, String)] = [
    (LuaValue.number(.nan), "nan"), (.number(-.infinity), "-inf"), (.bytes([0xFF]), "not UTF-8"),
    (.opaque("function"), "a function is no data"),
    (.table(LuaTable(items: [.integer(1)], fields: [("x", .integer(2))])), "also has the member x"),
    (.table(LuaTable(items: [.integer(1)], fields: [("[3]", .integer(2))])), "no holes"),
  ]

  @Test(arguments: refusals) func jsonRefusesWhatItHasNot(_ value: LuaValue, _ words: String) {
    let error = #expect(throws: NotData.self) {
      try PlainData().document(Self.row(("list", .table(LuaTable(items: [value])))))
    }
    #expect(error?.path == "list[1]" && error?.problem.contains(words) == true, "\(error as Any)")
  }

  private static let scalars: [(LuaValue, String)] = [
    (LuaValue.integer(.min), "-9223372036854775808"),
    (.number(9_223_372_036_854_775_808), "9.223372036854776e+18"),
    (.number(-0.0), "-0.0"), (.number(1), "1.0"),
    (.string("\u{1B}\u{7F}\u{9B}\u{2028}"), "\"\\u001b\\u007f\u{9B}\u{2028}\""),
    (.timestamp(1_663_835_400_250_000), "\"2022-09-22T08:30:00.25Z\""), (.secret(1), "\"•••\""),
  ]

  @Test(arguments: scalars) func scalarsAreExact(_ value: LuaValue, _ text: String) throws {
    #expect(JSON.encode(try PlainData().document(value)) == Array(text.utf8))
  }

  // MARK: Members

  @Test func membersComeInTheModelsOrder() throws {
    let bench = try Bench()
    bench.service.answer = { _ in
      FakeService.json(
        #"{"Gateways":[{"HypervisorId":"h","Zed":1,"GatewayArn":"a","GatewayDisplayName":"n"}]}"#)
    }
    let text = try bench.value(of: "output.format('jsonl', list_gateways())")
    #expect(text.string == #"{"GatewayArn":"a","GatewayDisplayName":"n","HypervisorId":"h","Zed":1}"# + "\n")
    let csv = try bench.value(of: "output.format('csv', list_gateways())")
    #expect(
      csv.string
        == "GatewayArn,GatewayDisplayName,GatewayType,HypervisorId,LastSeenTime,Zed\r\na,n,,h,,1\r\n",
      "all members of the shape, so that a report's columns stay the same")
  }

  // MARK: YAML

  private static let texts: [(String, String)] = [
    ("web-01.example.com", "web-01.example.com"),
    (
      "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-1",
      "arn:aws:backup-gateway:us-east-1:123456789012:vm/vm-1"
    ),
    ("no", "\"no\""), ("Off", "\"Off\""), ("1e3", "\"1e3\""), ("2022-09-22", "\"2022-09-22\""),
    ("a: b", "\"a: b\""),
    ("a:", "\"a:\""), (" a", "\" a\""), ("a ", "\"a \""), ("a #b", "\"a #b\""), ("", "\"\""), ("~", "\"~\""),
    ("two\nlines", "\"two\\nlines\""), ("\u{85}\u{1B}\u{1F642}", "\"\\x85\\x1B\u{1F642}\""),
    ("\u{202E}", "\"\\u202E\""),
  ]

  @Test(arguments: texts) func yamlQuotesWhatCouldBeSomethingElse(_ text: String, _ expected: String) {
    #expect(YAML.string(text) == expected)
  }

  @Test func yamlNestsByIndentation() {
    let value: Value = [
      "a": 1, "b": ["c": [], "d": ["x", ["y": 2, "z": [["w"]]]]], "e": .object([:]), "f": .number(1e16),
    ]
    #expect(
      YAML.text(value) == """
        a: 1
        b:
          c: []
          d:
            - x
            - "y": 2
              z:
                - - w
        e: {}
        f: 1.0e+16

        """)
  }
}
